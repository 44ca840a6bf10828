"""Ctrl-C and kill -9 lose no finished trial."""

import os
import signal

import pandas as pd
import pytest
from command_line import REPORT, correlate, start, wait_for_trials

from zc_bench import benchmark
from zc_bench.execution import Progress
from zc_bench.store import read_store

pytestmark = pytest.mark.usefixtures("data_folder")


def complete(folder):
    """Count the trials of a store that have all three scores."""
    return sum(len(trial.scores) == 3 for trial in read_store(folder / "scores.h5").trials.values())


class TestInterruption:
    def test_by_ctrl_c_keeps_what_is_finished_and_writes_the_report(
        self, zc_bench, tmp_path, monkeypatch
    ):
        trials = benchmark.run_jobs

        def interrupted(*arguments):
            for progress in trials(*arguments):
                yield progress
                if progress.computed == 2:
                    raise KeyboardInterrupt

        monkeypatch.setattr(benchmark, "run_jobs", interrupted)
        status, out, err = zc_bench(*correlate(tmp_path))
        assert status == 130
        assert (
            "Stopped: 2 of 6 trials are complete, 10 or more for 0 of 2 pairs of task and seed. Run the same"
            in err
        )
        assert "Spearman" in out
        assert all((tmp_path / name).exists() for name in REPORT)
        assert complete(tmp_path) == 2

    def test_by_ctrl_c_before_the_first_trial_is_no_error(self, zc_bench, tmp_path, monkeypatch):
        def interrupted(*_):
            yield Progress(0, 6, 0, 0)
            raise KeyboardInterrupt

        monkeypatch.setattr(benchmark, "run_jobs", interrupted)
        status, out, err = zc_bench(*correlate(tmp_path))
        assert (status, out) == (130, "")
        assert "Error" not in err
        assert read_store(tmp_path / "scores.h5").trials == {}

    @pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
    def test_by_a_real_signal_ends_within_seconds(self, tmp_path, sent):
        process = start(*correlate(tmp_path, samples=1000))
        wait_for_trials(process, tmp_path, 3)
        process.send_signal(sent)
        out, err = process.communicate()
        assert process.returncode == 130
        assert "Traceback" not in err
        assert "Spearman" in out
        finished = len(read_store(tmp_path / "scores.h5").trials)
        assert finished >= 3
        assert f"Stopped: {complete(tmp_path)} of 2000 trials are complete, " in err
        n = pd.read_csv(tmp_path / "correlations.csv").groupby("proxy")["n"].sum()
        assert n["params"] == n["l2_norm"] == finished
        assert n.get("grad_norm", 0) == complete(tmp_path)

    @pytest.mark.slow
    def test_by_kill_9_costs_nothing_that_was_finished(self, tmp_path):
        disturbed, calm = tmp_path / "disturbed", tmp_path / "calm"
        process = start(*correlate(disturbed, samples=8))
        wait_for_trials(process, disturbed, 4)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        before = read_store(disturbed / "scores.h5").trials
        assert 4 <= len(before) < 16
        for folder in (disturbed, calm):
            process = start(*correlate(folder, samples=8))
            process.communicate(timeout=120)
            assert process.returncode == 0
        after = read_store(disturbed / "scores.h5").trials
        # Times never repeat: what was there was not computed again.
        assert {
            key: {name: after[key].scores[name] for name in trial.scores}
            for key, trial in before.items()
        } == {key: trial.scores for key, trial in before.items()}
        assert (disturbed / "correlations.csv").read_bytes() == (
            calm / "correlations.csv"
        ).read_bytes()
        assert (disturbed / "spearman.csv").read_bytes() == (calm / "spearman.csv").read_bytes()
        assert (disturbed / "heatmap.png").read_bytes() == (calm / "heatmap.png").read_bytes()
