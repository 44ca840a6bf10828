"""`zc-bench correlate`: its output, its files, and how it continues a run."""

import json
from pathlib import Path

import pandas as pd
import pytest
from command_line import REPORT, correlate, start

from zc_bench.engine import declare as observations
from zc_bench.passes.network_size import NetworkSize
from zc_bench.store import read_store

pytestmark = pytest.mark.usefixtures("data_folder")


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A folder with the results of a run, and what it printed on standard output and on standard error."""
    folder = tmp_path_factory.mktemp("run") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZC_BENCH_DATA", str(tmp_path_factory.mktemp("data")))
        process = start(*correlate(folder))
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return folder, out, err


class TestTruth:
    def test_another_metric_shares_the_scores_and_is_named_below_the_table(
        self, zc_bench, tmp_path, monkeypatch
    ):
        monkeypatch.chdir(tmp_path)
        words = [word for word in correlate("x", proxies="params") if word not in ("--out", "x")]
        assert zc_bench(*words)[0] == 0
        status, out, err = zc_bench(*words, "--truth", "raspi4_latency")
        assert status == 0, err
        remark = (
            "The ground truth of nb201 is raspi4_latency: latency on a Raspberry Pi 4, ms; lower "
            "is better."
        )
        assert out.splitlines()[-1] == remark
        home = tmp_path / "results" / "nb201"
        assert {path.name for path in (home / "raspi4_latency").iterdir()} == set(REPORT)
        assert (
            json.loads((home / "raspi4_latency" / "run.json").read_text())["table"]["truth"]
            == "raspi4_latency"
        )
        assert f"Scores: {Path('results', 'nb201', 'scores.h5')}" in err
        # The numbers of the first run are as they were.
        first = pd.read_csv(home / "correlations.csv").set_index("seed")["spearman"]
        second = pd.read_csv(home / "raspi4_latency" / "correlations.csv").set_index("seed")[
            "spearman"
        ]
        assert not first.equals(second)

    def test_a_file_of_ones_own_is_named_below_every_table(self, zc_bench, tmp_path):
        keys = [f"({digit}, 0, 3, 1, 4, 3)" for digit in range(5)]
        (tmp_path / "mine.csv").write_text(
            "arch,value\n" + "".join(f'"{key}",{key[1]}\n' for key in keys)
        )
        words = correlate(tmp_path / "out", proxies="params", seeds=1, truth=tmp_path / "mine.csv")
        status, out, err = zc_bench(*words)
        assert status == 0, err
        assert out.splitlines()[-1] == (
            "The ground truth of nb201 is your own, named for this run (mine.csv): cifar10 of 5 architectures."
        )
        assert (
            f"Ground truth of nb201: your own, named for this run ({tmp_path / 'mine.csv'})" in err
        )

    def test_official_numbers_need_no_remark(self, done):
        assert "The ground truth of" not in done[1]


class TestCorrelate:
    def test_writes_report_figure_record_and_scores(self, done):
        folder, _, err = done
        names = sorted(item.name for item in folder.iterdir() if not item.name.startswith("."))
        assert names == sorted([*REPORT, "scores.h5"])
        assert f"Written to {folder}: " in err

    def test_prints_the_table_on_standard_output(self, done):
        _, out, _ = done
        assert " ".join(out.split()).startswith(
            "Spearman's rank correlation with the ground truth: mean over seeds [95% interval]; n is"
        )
        rows = [line.split() for line in out.splitlines() if "3 x 2" in line]
        assert {row[0] for row in rows} == {"params", "grad_norm", "l2_norm"}

    def test_says_what_it_works_on(self, done):
        _, _, err = done
        assert "Ground truth of nb201:" in err
        assert "Images for cifar10: standard normal noise, uniform labels" in err

    def test_correlations_are_tidy(self, done):
        frame = pd.read_csv(done[0] / "correlations.csv")
        columns = [
            "space",
            "task",
            "proxy",
            "seed",
            "n",
            "invalid",
            "spearman",
            "kendall",
            "low",
            "high",
        ]
        assert list(frame)[: len(columns)] == columns
        assert len(frame) == 3 * 2
        assert set(frame["n"]) == {3}

    def test_means_are_proxies_by_tasks(self, done):
        frame = pd.read_csv(done[0] / "spearman.csv", index_col=0)
        assert sorted(frame.index) == ["grad_norm", "l2_norm", "params"]
        assert list(frame) == ["nb201-cifar10"]

    def test_pictures_are_pictures(self, done):
        assert (done[0] / "heatmap.png").read_bytes().startswith(b"\x89PNG")
        assert (done[0] / "heatmap.pdf").read_bytes().startswith(b"%PDF")

    def test_the_record_says_what_was_computed_from_what(self, done):
        record = json.loads((done[0] / "run.json").read_text())
        assert record["spec"]["samples"] == 3
        assert record["spec"]["protocol"]["batch_size"] == 4
        assert record["environment"]["packages"].keys() >= {"zc-bench", "torch"}
        assert record["table"].keys() >= {"source", "sha256", "licence", "split"}
        assert record["images"].keys() == {"cifar10"}

    def test_quiet_prints_the_table_only(self, zc_bench, tmp_path):
        status, out, err = zc_bench(*correlate(tmp_path, quiet=True, proxies="params", budget="0s"))
        assert (status, err) == (0, "")
        heading, _, _, row, why = filter(None, (line.strip() for line in out.splitlines()))
        assert heading.startswith("Spearman's rank correlation")
        assert row.split() == ["params", "1", "x", "1", "undefined"]
        assert why == (
            "params is undefined on nb201-cifar10: 1 trials have score and ground truth, and a correlation takes 3."
        )

    def test_two_architectures_are_too_few_and_no_obstacle(self, zc_bench, tmp_path):
        status, out, _ = zc_bench(*correlate(tmp_path, samples=2))
        assert status == 0
        assert out.count("undefined") == 3 + 3
        assert "2 trials have score and ground truth, and a correlation takes 3." in out

    def test_seeds_may_be_a_range(self, zc_bench, tmp_path):
        _, out, _ = zc_bench(*correlate(tmp_path, seeds="3:5"))
        assert "3 x 2" in out
        assert {key.seed for key in read_store(tmp_path / "scores.h5").trials} == {3, 4}
        record = json.loads((tmp_path / "run.json").read_text())
        assert record["spec"]["seeds"] == [3, 4]
        assert set(pd.read_csv(tmp_path / "correlations.csv")["seed"]) == {3, 4}

    def test_stores_of_ranges_merge_into_that_of_all(self, zc_bench, tmp_path):
        for seeds in ("0:1", "1:2"):
            zc_bench(*correlate(tmp_path / seeds[0], seeds=seeds))
        parts = [tmp_path / part / "scores.h5" for part in "01"]
        (tmp_path / "all").mkdir()
        zc_bench("store", "merge", *parts, "--out", tmp_path / "all" / "scores.h5")
        _, out, _ = zc_bench(*correlate(tmp_path / "all", dry_run=True))
        assert "6 of 6 trials are finished, 0 are left" in out
        zc_bench(*correlate(tmp_path / "all"))
        zc_bench(*correlate(tmp_path / "whole"))
        written = [tmp_path / name / "correlations.csv" for name in ("all", "whole")]
        assert written[0].read_bytes() == written[1].read_bytes()

    @pytest.mark.parametrize(
        "seeds", ["0", "-1", "5:3", "3:3", "1:2:3", "a", "", "3:", "1.5", "9999"]
    )
    def test_seeds_that_are_none_are_refused(self, zc_bench, tmp_path, seeds):
        status, out, err = zc_bench(*correlate(tmp_path), f"--seeds={seeds}")
        assert (status, out) == (2, "")
        assert "seeds = " in err
        assert "will not do: expected a" in err

    @pytest.mark.parametrize("samples", ["0", "-3"])
    def test_samples_below_one_are_refused(self, zc_bench, tmp_path, samples):
        status, _, err = zc_bench(*correlate(tmp_path), f"--samples={samples}")
        assert status == 2
        assert f"samples = {samples} will not do" in err

    def test_a_dry_run_says_what_it_would_cost_and_keeps_nothing(self, zc_bench, tmp_path):
        status, out, _ = zc_bench(*correlate(tmp_path / "none", dry_run=True))
        assert status == 0
        assert "0 of 6 trials are finished, 6 are left: about " in out
        assert "on 1 worker (cpu). Nothing was kept." in out
        assert not (tmp_path / "none").exists()
        rows = [line.split() for line in out.splitlines()]
        # Two without gradients come first, for the three architectures of seed 0.
        assert ["nb201", "cifar10", "params,", "l2_norm", "3"] in [row[:5] for row in rows]
        assert ["nb201", "cifar10", "grad_norm", "3"] in [row[:4] for row in rows]

    def test_more_samples_than_architectures_is_said(self, zc_bench, tmp_path):
        words = correlate(tmp_path, samples=20000, proxies="params", budget="0s")
        _, _, err = zc_bench(*words)
        assert (
            "nb201 has 15,625 architectures with ground truth: each seed gets all of them, not 20,000 samples."
            in err
        )

    def test_a_budget_that_is_used_up_says_how_to_go_on(self, zc_bench, tmp_path):
        status, _, err = zc_bench(*correlate(tmp_path, budget="0s"))
        assert status == 0
        # The proxies that need a forward pass only, of one architecture.
        assert (
            "The budget of 0 s is used up: 0 of 6 trials are complete, 0 for each of 2 pairs of task and seed"
            in err
        )
        assert "Run the same command again to go on" in err
        assert set(pd.read_csv(tmp_path / "correlations.csv")["n"]) == {1}

    def test_the_same_command_goes_on(self, zc_bench, tmp_path):
        zc_bench(*correlate(tmp_path, budget="0s"))
        before = read_store(tmp_path / "scores.h5").trials
        status, _, err = zc_bench(*correlate(tmp_path, budget="none"))
        assert status == 0
        assert "used up" not in err
        after = read_store(tmp_path / "scores.h5").trials
        # Times never repeat: what was there was not computed again.
        assert {
            key: {name: after[key].scores[name] for name in trial.scores}
            for key, trial in before.items()
        } == {key: trial.scores for key, trial in before.items()}
        assert len(after) == 6

    def test_fresh_starts_over(self, zc_bench, tmp_path):
        zc_bench(*correlate(tmp_path))
        status, *_ = zc_bench(*correlate(tmp_path, batch_size=5, fresh=True))
        assert status == 0
        assert len(read_store(tmp_path / "scores.previous.h5").trials) == 6

    def test_scores_may_lie_elsewhere(self, zc_bench, tmp_path):
        _, _, err = zc_bench(*correlate(tmp_path / "out", store=tmp_path / "mine.h5"))
        assert len(read_store(tmp_path / "mine.h5").trials) == 6
        assert not (tmp_path / "out" / "scores.h5").exists()
        assert f"Scores: {tmp_path / 'mine.h5'}" in err

    def test_results_go_to_a_folder_of_the_space(self, zc_bench, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        words = correlate("unused", samples=1, seeds=1, proxies="params")
        zc_bench(*words[: words.index("--out")])
        assert (tmp_path / "results" / "nb201" / "scores.h5").exists()

    @pytest.mark.parametrize("invalid", ["worst", "drop"])
    def test_invalid_scores_are_counted_with_the_policy(
        self, zc_bench, tmp_path, monkeypatch, invalid
    ):
        monkeypatch.setattr(
            observations.proxy_registry, "_items", dict(observations.proxy_registry._items)
        )

        @observations.proxy("wild", source="nobody")
        def wild(size: NetworkSize) -> float:
            """Leave the numbers."""
            return float("inf")

        status, _, err = zc_bench(*correlate(tmp_path, proxies="wild,params", invalid=invalid))
        assert status == 0
        words = {"worst": "ranked worst", "drop": "left out"}[invalid]
        assert f"Invalid scores, {words} (--invalid): wild 6." in err
