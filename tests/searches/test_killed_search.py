"""`zc-bench search` that is killed while it scores, and run again."""

import subprocess
import sys
import time

import pytest

from zc_bench.store import read_store

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("data_folder")]

EVALUATIONS = 40  # per algorithm


def start(folder):
    """Start a search of a few seconds in a process of its own."""
    words = [
        *(
            "search",
            "--space",
            "nb201",
            "--inputs",
            "noise",
            "--quiet",
            "--device",
            "cpu",
        ),
        *(
            "--algorithm",
            "swap_nas,aging_evolution",
            "--proxy",
            "swap,grad_norm",
            "--population",
            "4",
        ),
        *(
            "--evaluations",
            str(EVALUATIONS),
            "--batch-size",
            "4",
            "--threads",
            "1",
            "--out",
            str(folder),
        ),
    ]
    code = "from zc_bench.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *words], stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    )


def trials_in(store):
    return len(read_store(store).trials) if store.exists() else 0


def kill_at(folder, trials):
    """Kill a search, as nothing can be prepared for, once so many trials are stored.

    Return how many there are then.
    """
    with start(folder) as search:
        try:
            while trials_in(folder / "scores.h5") < trials:
                assert search.poll() is None, "it ended before it could be killed"
                time.sleep(0.01)
        finally:
            search.kill()
    return trials_in(folder / "scores.h5")


def test_what_it_finds_does_not_depend_on_having_been_killed(tmp_path):
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    assert start(undisturbed).wait() == 0
    known = [kill_at(killed, trials) for trials in (3, 20, 45)]
    assert known == sorted(known)
    assert known[-1] < trials_in(undisturbed / "scores.h5")
    assert not (killed / "history.csv").exists()
    assert start(killed).wait() == 0
    assert (killed / "history.csv").read_bytes() == (undisturbed / "history.csv").read_bytes()
    first, second = (read_store(folder / "scores.h5").trials for folder in (undisturbed, killed))
    assert {key: values(trial) for key, trial in second.items()} == {
        key: values(trial) for key, trial in first.items()
    }


def values(trial):
    return {column: score.value.hex() for column, score in trial.scores.items()}
