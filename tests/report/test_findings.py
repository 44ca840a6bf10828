"""The numbers of a report, against scipy and counting by hand."""

import math

import numpy as np
import pytest
import scipy.stats
from made_stores import PASSES, SCRIPT

from zc_bench.errors import ZcBenchError
from zc_bench.report import Source, find, render
from zc_bench.report.findings import seconds_alone
from zc_bench.store import Contents, Row


def row_of(findings, proxy, task):
    (row,) = findings.numbers.query("proxy == @proxy and task == @task").to_dict("records")
    return row


def test_correlations_are_scipys(findings):
    rows = findings.rows.query("proxy == 'snip' and task == 'cifar10' and status == 'done'")
    rhos = [
        scipy.stats.spearmanr(of["score"], of["truth"]).statistic for _, of in rows.groupby("seed")
    ]
    taus = [
        scipy.stats.kendalltau(of["score"], of["truth"]).statistic for _, of in rows.groupby("seed")
    ]
    row = row_of(findings, "snip", "cifar10")
    assert row["spearman"] == pytest.approx(np.mean(rhos))
    assert row["spread"] == pytest.approx(np.std(rhos, ddof=1))
    assert row["kendall"] == pytest.approx(np.mean(taus))
    assert (row["n"], row["seeds"], row["invalid"], row["missing"]) == (18, 2, 0, 4)


def test_invalid_scores_are_counted_and_a_space_without_truth_is_kept(findings):
    zen = row_of(findings, "zen", "cifar100")
    assert (zen["n"], zen["invalid"]) == (20, 8)
    jigsaw = row_of(findings, "zen", "jigsaw")
    assert (jigsaw["n"], jigsaw["without_truth"]) == (0, 5)
    assert math.isnan(jigsaw["spearman"])


def test_seconds_count_the_passes_that_a_proxy_rests_on(sources, findings):
    seconds = seconds_alone(sources[0].contents).set_index(["task", "proxy"])["seconds"]
    assert seconds["cifar10", "params"] == pytest.approx(0.125)
    assert seconds["cifar10", "snip"] == pytest.approx(
        0.125 + PASSES["forward"] + PASSES["loss_gradients"]
    )
    assert "zico" not in seconds["cifar10"]
    assert findings.costs.loc["snip", "seconds"] == pytest.approx(0.875)
    assert math.isnan(findings.costs.loc["zico", "seconds"])


def test_costs_are_means_over_columns_with_a_correlation(findings):
    two = [row_of(findings, "zen", task)["spearman"] for task in ("cifar10", "cifar100")]
    assert findings.costs.loc["zen", "spearman"] == pytest.approx(np.mean(two))


def test_reasons_are_counted(findings):
    reasons = findings.reasons.set_index(["space", "proxy"])
    assert findings.reasons["scores"].is_monotonic_decreasing
    assert reasons["scores"].to_dict() == {
        ("nb201", "zico"): 80,
        ("nb201", "zen"): 16,
        ("nb201", "snip"): 8,
        ("tnb101_macro", "zico"): 5,
        ("tnb101_macro", "zen"): 1,
        ("tnb101_macro", "snip"): 1,
    }
    assert reasons.loc[("nb201", "zen"), "reason"] == f"not finite {SCRIPT}"


def test_a_proxy_that_is_not_installed_is_reported_all_the_same(sources):
    first = sources[0]
    renamed = {
        key: Row({"of_a_plugin@1": trial.scores["params@1"]}, trial.pass_seconds)
        for key, trial in first.contents.trials.items()
    }
    source = Source((), Contents(first.contents.fingerprints, {}, renamed), first.table)
    assert find([source], resamples=2).numbers["n"].tolist() == [20, 20]


def test_nothing_to_report_is_said(sources):
    empty = Source(sources[0].paths, Contents({"snip@1": {"protocol": {"space": "nb201"}}}, {}))
    with pytest.raises(ZcBenchError, match=r"no score in .*one\.h5 yet"):
        find([empty])


def test_a_store_without_scores_does_not_harm_the_others(sources):
    empty = Source((), Contents({"snip@1": {"protocol": {"space": "nb101"}}}, {}))
    found = find([empty, sources[1]], resamples=2)
    assert set(found.numbers["space"]) == {"tnb101_macro"}
    assert "nb101" in render(found)
