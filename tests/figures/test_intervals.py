"""Intervals of mean correlations."""

import math

import numpy as np
import pytest
from scipy import stats

from correlated import report_of
from zc_bench.figures.intervals import intervals


def only(report):
    (row,) = intervals(report).to_dict("records")
    return row


def test_three_seeds_and_more_have_students_interval():
    rhos = [0.5, 0.6, 0.55, 0.7, 0.52]
    row = only(report_of(rhos))
    expected = stats.ttest_1samp(rhos, 0).confidence_interval(0.95)
    assert (row["spearman"], row["seeds"], row["n"]) == (pytest.approx(np.mean(rhos)), 5, 1000)
    assert (row["low"], row["high"]) == pytest.approx((expected.low, expected.high))


def test_fewer_seeds_have_the_mean_of_the_bootstrap_intervals():
    row = only(report_of([0.5, 0.7], low=[0.1, 0.3], high=[0.6, 0.8]))
    assert (row["low"], row["high"]) == pytest.approx((0.2, 0.7))


def test_no_interval_leaves_the_range_of_a_correlation():
    row = only(report_of([0.99, 1.0, 0.5]))
    assert row["high"] == 1
    assert only(report_of([-0.99, -1.0, -0.5]))["low"] == -1


def test_seeds_without_rho_are_left_out():
    row = only(report_of([0.5, math.nan], low=[0.4, math.nan], high=[0.6, math.nan]))
    assert (row["spearman"], row["low"], row["high"], row["seeds"]) == (0.5, 0.4, 0.6, 1)


def test_few_trials_of_a_seed_without_rho_do_not_count():
    report = report_of([0.5, math.nan])
    report.correlations.loc[1, "n"] = 2
    assert only(report)["n"] == 1000


def test_without_any_rho_all_is_nan():
    row = only(report_of([math.nan]))
    assert all(math.isnan(row[name]) for name in ("spearman", "low", "high"))
    assert row["seeds"] == 0
