"""`zc-bench run`: the places of results, options that override, and equal results of several processes."""

import json
import os
import signal
from functools import partial

import pandas as pd
import pytest
from command_line import start, wait_for_trials

from zc_bench.spec import Experiment
from zc_bench.store import read_store
from zc_bench.tables import import_file

pytestmark = pytest.mark.usefixtures("data_folder")

TEXT = """
samples = 3
seeds = 2
proxies = ["params", "l2_norm"]
protocol = { inputs = "noise", batch_size = 4 }

[[run]]
space = "nb201"
tasks = ["cifar10"]
"""


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(TEXT)
    return path


@pytest.fixture
def run(zc_bench):
    """Run `zc-bench run` in this process.

    Return exit status, standard output and standard error.
    """
    return partial(zc_bench, "run")


class TestRun:
    def test_writes_a_report_over_all_and_one_per_space(self, run, spec, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        status, out, err = run(spec)
        assert status == 0, err
        folder = tmp_path / "results" / "mine"
        report = {"spearman.csv", "correlations.csv", "heatmap.png", "heatmap.pdf"}
        assert {item.name for item in folder.iterdir()} == report | {"experiment.toml", "nb201"}
        inside = {
            item.name for item in (folder / "nb201").iterdir() if not item.name.startswith(".")
        }
        assert inside == report | {"run.json", "scores.h5"}
        assert "nb201-cifar10" in out
        whole, part = (
            pd.read_csv(home / "correlations.csv") for home in (folder, folder / "nb201")
        )
        assert whole.equals(part)
        assert json.loads((folder / "nb201" / "run.json").read_text())["spec"]["samples"] == 3

    def test_the_resolved_experiment_gives_the_same(self, run, spec, tmp_path):
        run(spec, "--out", tmp_path / "first")
        resolved = tmp_path / "first" / "experiment.toml"
        (parsed,) = Experiment.from_toml(resolved.read_text()).runs
        assert (parsed.tasks, parsed.proxies) == (("cifar10",), ("params", "l2_norm"))
        run(resolved, "--out", tmp_path / "second")
        assert (tmp_path / "second" / "correlations.csv").read_bytes() == (
            tmp_path / "first" / "correlations.csv"
        ).read_bytes()

    def test_options_override_the_file(self, run, spec, tmp_path):
        words = (
            "--samples",
            2,
            "--seeds",
            1,
            "--proxies",
            "params",
            "--batch-size",
            5,
            "--dedup",
            "--quiet",
        )
        assert run(spec, "--out", tmp_path / "out", *words)[0] == 0
        (resolved,) = Experiment.from_toml((tmp_path / "out" / "experiment.toml").read_text()).runs
        assert (resolved.samples, resolved.seeds, resolved.proxies, resolved.dedup) == (
            2,
            1,
            ("params",),
            True,
        )
        assert (resolved.protocol.batch_size, resolved.protocol.inputs) == (5, "noise")
        assert len(read_store(tmp_path / "out" / "nb201" / "scores.h5").trials) == 2

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (
                ("absent.toml",),
                "The experiment absent.toml cannot be read (No such file or directory): give the path",
            ),
            (
                ("mine.toml", "--seeds", 0),
                "seeds = 0 will not do: expected a whole number from 1 up.",
            ),
            (
                ("mine.toml", "--workers", 0),
                "workers = 0 will not do: expected a whole number from 1 up.",
            ),
            (("mine.toml", "--budget", "soon"), "'soon' is no duration"),
            (("mine.toml", "--scheduler", "absent.json"), "There is no scheduler file absent.json"),
        ],
    )
    def test_errors_are_one_sentence(self, run, words, sentence, tmp_path, monkeypatch):
        (tmp_path / "mine.toml").write_text(TEXT)
        monkeypatch.chdir(tmp_path)
        status, out, err = run(*words)
        assert (status, out) == (2, "")
        assert err.startswith(f"Error: {sentence}")
        assert not (tmp_path / "results").exists()


@pytest.mark.usefixtures("data_folder", "no_shipped_truth", "imported")
class TestWithoutGroundTruth:
    """A file of the user's own has cifar10 of nb201, and nothing has nb101."""

    @pytest.fixture
    def imported(self, tmp_path, monkeypatch):
        monkeypatch.setenv("ZC_BENCH_DATA", str(tmp_path / "data"))
        keys = [f"({digit}, 0, 3, 1, 4, 3)" for digit in range(5)]
        (tmp_path / "mine.csv").write_text(
            "arch,cifar10\n" + "".join(f'"{key}",{len(key)}\n' for key in keys)
        )
        import_file(tmp_path / "mine.csv", "nb201")

    def test_what_is_not_here_is_left_out_and_named(self, run, tmp_path):
        path = tmp_path / "two.toml"
        path.write_text(
            TEXT.replace('"cifar10"', '"cifar10", "cifar100"') + '\n[[run]]\nspace = "nb101"\n'
        )
        status, _, err = run(path, "--out", tmp_path / "out")
        assert status == 0, err
        assert "nb201: cifar100 left out for lack of ground truth" in err
        assert "nb101 is left out: There is no ground truth for nb101" in err
        assert not (tmp_path / "out" / "nb101").exists()

    def test_nothing_left_is_an_error(self, run, tmp_path):
        path = tmp_path / "none.toml"
        path.write_text(TEXT.replace("nb201", "nb101"))
        status, _, err = run(path, "--out", tmp_path / "out")
        assert status == 2
        assert "There is no ground truth for nb101" in err


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_two_workers_within_seconds_and_keeps_what_is_finished(spec, tmp_path, sent):
    words = [
        "run",
        spec,
        "--samples",
        1000,
        "--workers",
        2,
        "--budget",
        "none",
        "--out",
        tmp_path / "out",
    ]
    process = start(*words, start_new_session=True)
    wait_for_trials(process, tmp_path / "out" / "nb201", 5)
    # As a terminal or a cluster does: the signal goes to the workers as well.
    os.killpg(process.pid, sent)
    out, err = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "Spearman" in out
    finished = len(read_store(tmp_path / "out" / "nb201" / "scores.h5").trials)
    assert finished >= 5
    assert f"Stopped: {finished} of 2000 trials are complete" in err
