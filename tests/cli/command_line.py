"""Runs that take a second, spelt out, and the command line in a process of its own."""

import subprocess
import sys
import time

ARCHITECTURE = "(4, 0, 3, 1, 4, 3)"
REPORT = ["correlations.csv", "heatmap.pdf", "heatmap.png", "run.json", "spearman.csv"]


def correlate(folder, **options):
    """Spell out a run that takes a second."""
    spelt = {
        "space": "nb201",
        "task": "cifar10",
        "samples": 3,
        "seeds": 2,
        "proxies": "params,grad_norm,l2_norm",
        "batch-size": 4,
        "inputs": "noise",
        "out": folder,
    } | {name.replace("_", "-"): value for name, value in options.items()}
    words = [
        word
        for name, value in spelt.items()
        for word in ([f"--{name}"] if value is True else [f"--{name}", value])
    ]
    return ["correlate", *map(str, words)]


def start(*words, **options):
    """Start the command line in a process of its own."""
    # What is started in the background by a shell ignores Ctrl-C, and so would what it starts.
    script = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    script += "from zc_bench.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def wait_for_trials(process, folder, count):
    """Wait until a process has finished some trials."""
    journal = folder / "scores.h5.journal"
    # The first line lists what was drawn.
    while not journal.exists() or journal.read_bytes().count(b"\n") < 1 + count:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
