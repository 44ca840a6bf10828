"""Reports: what enters, what is counted, how seeds are summarised, what is written."""

import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from zc_bench.errors import ZcBenchError
from zc_bench.statistics.correlate import Report, correlate

UP = {"up": True, "down": False, "flat": True}


def trials(scores, truth, *, status="done", space="nb201", task="cifar10", seed=0, proxy="up"):
    """Make tidy rows, one architecture per score."""
    architectures = [f"({index},)" for index in range(len(scores))]
    return pd.DataFrame(
        {
            "space": space,
            "task": task,
            "architecture": architectures,
            "seed": seed,
            "proxy": proxy,
            "score": scores,
            "status": status,
            "truth": truth,
        }
    )


def many_cells(seed_of_data=0, n=30):
    """Make rows for two tasks, two proxies and three seeds."""
    generator = np.random.default_rng(seed_of_data)
    cells = []
    for task in ("cifar10", "cifar100"):
        for seed in range(3):
            truth = generator.normal(size=n)
            for proxy, sign in (("up", 1), ("down", -1)):
                scores = sign * truth + generator.normal(size=n)
                cells.append(trials(scores, truth, task=task, seed=seed, proxy=proxy))
    return pd.concat(cells, ignore_index=True)


def only(report):
    """Return the only row of a report."""
    (row,) = report.correlations.to_dict("records")
    return row


class TestOneCell:
    def test_equals_scipy(self):
        x, y = np.random.default_rng(0).normal(size=(2, 50))
        row = only(correlate(trials(x, y), higher_is_better=UP))
        assert row["n"] == 50
        assert row["spearman"] == pytest.approx(scipy.stats.spearmanr(x, y).statistic)
        assert row["kendall"] == pytest.approx(scipy.stats.kendalltau(x, y).statistic)
        assert row["low"] < row["spearman"] < row["high"]

    def test_sign_is_kept_whatever_the_direction(self):
        rows = trials([3.0, 2.0, 1.0], [1.0, 2.0, 3.0], proxy="down")
        assert only(correlate(rows, higher_is_better=UP))["spearman"] == pytest.approx(-1)

    @pytest.mark.parametrize(("proxy", "replacement"), [("up", -100.0), ("down", 100.0)])
    def test_invalid_scores_rank_worst(self, proxy, replacement):
        truth = [5.0, 1.0, 4.0, 2.0, 3.0, 0.0]
        scores = [1.0, math.nan, 2.0, 3.0, math.nan, 4.0]
        status = ["done" if score == score else "invalid" for score in scores]
        row = only(
            correlate(
                trials(scores, truth, status=status, proxy=proxy),
                higher_is_better=UP,
                invalid="worst",
            )
        )
        filled = np.nan_to_num(scores, nan=replacement)
        assert (row["n"], row["invalid"]) == (6, 2)
        assert row["spearman"] == pytest.approx(scipy.stats.spearmanr(filled, truth).statistic)
        assert row["kendall"] == pytest.approx(scipy.stats.kendalltau(filled, truth).statistic)

    def test_invalid_scores_can_be_dropped(self):
        rows = trials(
            [1.0, math.nan, 2.0, 3.0],
            [1.0, 9.0, 2.0, 3.0],
            status=["done", "invalid", "done", "done"],
        )
        row = only(correlate(rows, higher_is_better=UP, invalid="drop"))
        assert (row["n"], row["invalid"]) == (3, 1)
        assert row["spearman"] == pytest.approx(1)

    @pytest.mark.parametrize("invalid", ["drop", "worst"])
    @pytest.mark.parametrize("status", ["failed", "undefined", "out_of_memory"])
    def test_scores_that_went_missing_never_enter(self, status, invalid):
        rows = trials(
            [1.0, math.nan, 2.0, 3.0], [1.0, 9.0, 2.0, 3.0], status=["done", status, "done", "done"]
        )
        row = only(correlate(rows, higher_is_better=UP, invalid=invalid))
        assert (row["n"], row["invalid"], row["missing"]) == (3, 0, 1)
        assert row["spearman"] == pytest.approx(1)

    def test_trials_without_truth_are_left_out_and_counted(self):
        status = ["done", "invalid", "failed", "done", "done", "done"]
        scores = [9.0, math.nan, math.nan, 1.0, 2.0, 3.0]
        row = only(
            correlate(
                trials(scores, [math.nan] * 3 + [1.0, 2.0, 3.0], status=status), higher_is_better=UP
            )
        )
        assert (row["n"], row["invalid"], row["missing"], row["without_truth"]) == (3, 0, 0, 3)

    @pytest.mark.parametrize(
        "rows",
        [
            trials([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]),
            trials([1.0, 2.0, 3.0], [1.0, 1.0, 1.0]),
            trials([1.0, 2.0], [1.0, 2.0]),
            trials([math.nan] * 3, [1.0, 2.0, 3.0], status="invalid"),
            trials([math.nan] * 3, [1.0, 2.0, 3.0], status="undefined"),
            trials([1.0, 2.0, 3.0], [math.nan] * 3),
        ],
        ids=[
            "constant score",
            "constant truth",
            "two points",
            "all invalid",
            "all undefined",
            "no truth",
        ],
    )
    def test_undefined_is_nan_without_a_warning(self, rows):
        row = only(correlate(rows, higher_is_better=UP))
        assert all(math.isnan(row[column]) for column in ("spearman", "kendall", "low", "high"))


class TestReproducible:
    def test_same_whatever_the_order_of_rows(self):
        rows = many_cells()
        shuffled = rows.sample(frac=1, random_state=0)
        one, other = (correlate(r, higher_is_better=UP).correlations for r in (rows, shuffled))
        pd.testing.assert_frame_equal(one, other, check_exact=True)

    def test_same_whatever_else_is_computed(self):
        rows = many_cells()
        whole = correlate(rows, higher_is_better=UP).correlations
        part = correlate(
            rows[(rows["task"] == "cifar100") & (rows["proxy"] == "up")], higher_is_better=UP
        ).correlations
        same = whole[(whole["task"] == "cifar100") & (whole["proxy"] == "up")].reset_index(
            drop=True
        )
        pd.testing.assert_frame_equal(part, same, check_exact=True)

    def test_cells_draw_different_resamples(self):
        x, y = np.random.default_rng(0).normal(size=(2, 30))
        rows = pd.concat([trials(x, y, seed=seed) for seed in range(2)])
        first, second = correlate(rows, higher_is_better=UP).correlations.to_dict("records")
        assert first["spearman"] == second["spearman"]
        assert first["low"] != second["low"]

    def test_rows_are_left_as_they_were(self):
        rows = many_cells()
        before = rows.copy()
        correlate(rows, higher_is_better=UP, resamples=1)
        pd.testing.assert_frame_equal(rows, before)


class TestTables:
    @pytest.fixture
    def report(self) -> Report:
        return correlate(many_cells(), higher_is_better=UP, resamples=10)

    def test_means_and_spreads_are_over_seeds(self, report):
        cell = report.correlations.query("task == 'cifar100' and proxy == 'down'")["spearman"]
        assert len(cell) == 3
        assert report.spearman().loc["down", "nb201-cifar100"] == pytest.approx(np.mean(cell))
        assert report.spread().loc["down", "nb201-cifar100"] == pytest.approx(np.std(cell, ddof=1))

    def test_both_directions_are_sorted_by_mean(self, report):
        means = report.spearman()
        assert list(means.index) == ["up", "down"]
        assert means.mean(axis=1).is_monotonic_decreasing
        assert means.mean(axis=0).is_monotonic_decreasing

    def test_all_tables_have_the_same_order(self, report):
        for table in (report.spread(), report.counts()):
            assert list(table.index) == list(report.spearman().index)
            assert list(table.columns) == list(report.spearman().columns)

    def test_equal_means_are_in_alphabetical_order(self):
        rows = pd.concat(
            [trials([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], proxy=name) for name in ("c", "a", "b")]
        )
        report = correlate(rows, higher_is_better=dict.fromkeys("abc", True), resamples=1)
        assert list(report.spearman().index) == ["a", "b", "c"]

    def test_undefined_proxies_come_last(self):
        rows = pd.concat(
            [
                trials([1.0, 1.0, 1.0], [1.0, 2.0, 3.0], proxy="flat"),
                trials([3.0, 2.0, 1.0], [1.0, 2.0, 3.0]),
            ]
        )
        means = correlate(rows, higher_is_better=UP, resamples=1).spearman()
        assert list(means.index) == ["up", "flat"]
        assert math.isnan(means.loc["flat"].item())

    def test_a_seed_without_rho_is_left_out_of_the_mean(self):
        rows = pd.concat(
            [trials([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]), trials([1.0] * 3, [1.0, 2.0, 3.0], seed=1)]
        )
        report = correlate(rows, higher_is_better=UP, resamples=1)
        assert report.spearman().to_numpy().item() == pytest.approx(1)
        assert math.isnan(report.spread().to_numpy().item())

    def test_counts_are_those_of_the_smallest_seed(self):
        rows = pd.concat(
            [
                trials(np.arange(n) * 1.0, np.arange(n) * 1.0, seed=seed)
                for seed, n in enumerate((5, 4, 6))
            ]
        )
        assert correlate(rows, higher_is_better=UP, resamples=1).counts().to_numpy().tolist() == [
            [4]
        ]

    def test_a_cell_that_was_never_evaluated_is_nan_and_counts_zero(self):
        rows = many_cells()
        report = correlate(
            rows[(rows["task"] == "cifar10") | (rows["proxy"] == "up")],
            higher_is_better=UP,
            resamples=1,
        )
        assert math.isnan(report.spearman().loc["down", "nb201-cifar100"])
        assert report.counts().loc["down", "nb201-cifar100"] == 0


class TestWrite:
    def test_files_hold_the_report(self, tmp_path):
        report = correlate(many_cells(), higher_is_better=UP, resamples=10)
        report.write(tmp_path / "new")
        tidy = pd.read_csv(tmp_path / "new" / "correlations.csv")
        pd.testing.assert_frame_equal(tidy, report.correlations, rtol=1e-5)
        means = pd.read_csv(tmp_path / "new" / "spearman.csv", index_col="proxy")
        pd.testing.assert_frame_equal(means, report.spearman(), rtol=1e-5)
        assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
            "correlations.csv",
            "spearman.csv",
        ]

    def test_rows_and_digits(self, tmp_path):
        rows = pd.concat(
            [trials([1.0, 2.0, 4.0, 3.0], [1.0, 2.0, 3.0, 4.0], seed=1), trials([1.0], [1.0])]
        )
        correlate(rows, higher_is_better=UP, resamples=1).write(tmp_path)
        header, first, second = (tmp_path / "correlations.csv").read_text().splitlines()
        assert (
            header
            == "space,task,proxy,seed,n,invalid,spearman,kendall,low,high,missing,without_truth"
        )
        assert first == "nb201,cifar10,up,0,1,0,,,,,0,0"
        assert second.startswith("nb201,cifar10,up,1,4,0,0.8,0.666667,")
        assert (tmp_path / "spearman.csv").read_text() == "proxy,nb201-cifar10\nup,0.8\n"


class TestRefusals:
    rows = trials([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])

    def test_unknown_policy(self):
        with pytest.raises(ZcBenchError, match="expected 'drop' or 'worst'"):
            correlate(self.rows, higher_is_better=UP, invalid="ignore")

    def test_missing_columns(self):
        with pytest.raises(
            ZcBenchError, match="The rows lack seed, truth: expected the columns space, task"
        ):
            correlate(self.rows.drop(columns=["truth", "seed"]), higher_is_better=UP)

    def test_no_rows(self):
        with pytest.raises(ZcBenchError, match="no rows to correlate"):
            correlate(self.rows.iloc[:0], higher_is_better=UP)

    def test_proxy_without_direction(self):
        with pytest.raises(
            ZcBenchError, match="No direction was declared for up: add it to higher_is_better"
        ):
            correlate(self.rows, higher_is_better={"down": False})

    def test_unknown_status(self):
        with pytest.raises(
            ZcBenchError, match="The status 'fine' is unknown: expected one of done, invalid"
        ):
            correlate(self.rows.assign(status="fine"), higher_is_better=UP)

    @pytest.mark.parametrize("score", [math.nan, math.inf])
    def test_done_without_a_finite_score(self, score):
        with pytest.raises(ZcBenchError, match=r"up of \(0,\) is (nan|inf) but marked done"):
            correlate(self.rows.assign(score=score), higher_is_better=UP)
