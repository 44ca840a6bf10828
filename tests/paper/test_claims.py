"""Claims of the paper in made-up worlds, where every statement holds, fails or is undecided."""

import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from zc_bench.paper.claims.columns import figure_4_columns, measure
from zc_bench.paper.claims.contrasts import share_won
from zc_bench.paper.claims.finding import (
    FAILS,
    HOLDS,
    MISSING,
    SAME,
    UNDECIDED,
    Finding,
    judge,
)
from zc_bench.paper.claims.paper import statements
from zc_bench.paper.claims.ranking import ranking
from zc_bench.paper.claims.statement import Statement
from zc_bench.seeding import numpy_generator
from zc_bench.statistics.rank import resample

COLUMNS = ["nb201-cifar10", "nb201-cifar100", "tnb101_macro-jigsaw"]
# The correlation of each proxy with the truth. Others may share the rest of `params`.
TRUE = {
    "nwot": 0.815,
    "flops": 0.6,
    "zico": 0.45,
    "params": 0.3,
    "snip": 0.1,
    "swap": 0.9,
    "reg_swap": 0.97,
}
FALSE = {
    "snip": 0.95,
    "params": 0.8,
    "zico": 0.7,
    "nwot": 0.6,
    "flops": 0.5,
    "swap": 0.45,
    "reg_swap": 0.0,
}
ALIKE = dict.fromkeys(TRUE, 0.86) | {"nwot": 0.9, "swap": 0.92, "reg_swap": 0.92}


def world(strengths, n, seeds=2, *, size_in_swap=0.0, size_in_reg_swap=0.0, same_on_macro=False):
    """Draw rows: proxies whose scores are truth and noise."""
    frames = []
    for place, column in enumerate(COLUMNS):
        space, task = column.split("-")
        for seed in range(seeds):
            draw = np.random.default_rng([place, seed, n]).standard_normal
            truth, size = draw(n), draw(n)
            scores = {
                name: of * truth + math.sqrt(1 - of**2) * draw(n) for name, of in strengths.items()
            }
            scores["params"] = (
                strengths["params"] * truth + math.sqrt(1 - strengths["params"] ** 2) * size
            )
            scores["swap"] += size_in_swap * size
            scores["reg_swap"] += size_in_reg_swap * size
            if same_on_macro and space == "tnb101_macro":
                scores["reg_swap"] = scores["swap"] + 0.01 * draw(n)
            keys = [f"a{number:04}" for number in range(n)]
            frames += [
                pd.DataFrame(
                    {"architecture": keys, "score": of, "truth": truth, "proxy": name}
                ).assign(space=space, task=task, seed=seed, status="done")
                for name, of in scores.items()
            ]
    return pd.concat(frames, ignore_index=True)


def verdicts(rows, resamples=300):
    findings = [judge(statement, rows, resamples) for statement in statements(COLUMNS)]
    return {finding.statement.text: finding.verdict for finding in findings}


def test_where_the_paper_is_right_every_statement_holds():
    rows = world(TRUE, 600, size_in_swap=0.15, same_on_macro=True)
    assert set(verdicts(rows).values()) == {HOLDS}


def test_where_the_paper_is_wrong_no_statement_holds():
    rows = world(FALSE, 400, size_in_swap=-1.2, size_in_reg_swap=0.8)
    assert set(verdicts(rows).values()) == {FAILS}


def test_few_architectures_cannot_decide_between_proxies_that_are_alike():
    found = verdicts(world(ALIKE, 14, seeds=1))
    # That all are related to the truth, and so to size, is plain even here.
    assert {text for text, verdict in found.items() if verdict != UNDECIDED} <= {
        "larger networks have higher swap scores"
    }


def test_fewer_than_ten_architectures_are_missing():
    assert set(verdicts(world(TRUE, 9))) == set(verdicts(world(TRUE, 10)))
    assert set(verdicts(world(TRUE, 9)).values()) == {MISSING}
    assert MISSING not in verdicts(world(TRUE, 10)).values()


def test_a_seed_with_few_architectures_is_left_out_and_a_proxy_that_is_absent_is_missed():
    rows = world(TRUE, 12)
    rows = rows[(rows["seed"] == 0) | (rows["architecture"] < "a0009")]
    column = measure(rows, ["swap", "nwot"], 10)["nb201-cifar10"]
    assert (column.n, column.seeds) == (12, 1)
    found = verdicts(rows[rows["proxy"] != "zico"])
    assert found["zico is better than params"] == MISSING
    assert found["swap is better than params"] != MISSING


def test_without_others_there_is_no_first():
    rows = world(TRUE, 12)
    found = verdicts(rows[rows["proxy"].isin(["swap", "reg_swap"])])
    assert found["swap and reg_swap are first and second by their mean over the columns"] == MISSING
    assert (
        found["both SWAP scores outperform the 15 other proxies in the majority of the columns"]
        == MISSING
    )


def test_numbers_are_scipys_on_resamples_written_out():
    rows = world(TRUE, 25)
    statement = next(one for one in statements(COLUMNS) if one.text == "swap is better than zico")
    finding = judge(statement, rows, 40)
    measured, resampled = [], []
    for column in COLUMNS:
        space = column.split("-")[0]
        for seed in range(2):
            of = rows[(rows["space"] + "-" + rows["task"] == column) & (rows["seed"] == seed)]
            wide = of.pivot_table(index="architecture", columns="proxy", values="score")
            truth = of.groupby("architecture")["truth"].first().to_numpy()
            counts = resample(25, 40, numpy_generator(seed, "statements", space)).astype(int)

            def lead(chosen, wide=wide, truth=truth):
                rho = [
                    scipy.stats.spearmanr(wide[name].to_numpy()[chosen], truth[chosen]).statistic
                    for name in PAIR
                ]
                return rho[0] - rho[1]

            measured.append(lead(np.arange(25)))
            resampled.append([lead(np.repeat(np.arange(25), times)) for times in counts.T])
    assert finding.value == pytest.approx(np.mean(measured))
    low, high = np.quantile(np.mean(resampled, axis=0), [0.025, 0.975])
    assert (finding.low, finding.high) == pytest.approx((low, high))
    assert (finding.n, finding.seeds, finding.columns) == (25, 2, 3)


PAIR = ("swap", "zico")


@pytest.mark.parametrize(
    ("low", "high", "margin", "verdict"),
    [
        (0.51, 0.9, None, HOLDS),
        (0.1, 0.49, None, FAILS),
        (0.49, 0.53, None, UNDECIDED),
        (0.49, 0.51, None, SAME),
        (0.481, 0.519, None, SAME),
        (0.47, 0.51, None, UNDECIDED),
        (0.46, 0.54, 0.05, HOLDS),
        (0.56, 0.7, 0.05, FAILS),
        (0.3, 0.44, 0.05, FAILS),
        (0.46, 0.56, 0.05, UNDECIDED),
        (0.44, 0.54, 0.05, UNDECIDED),
    ],
)
def test_the_interval_decides(low, high, margin, verdict):
    statement = Statement("it", "there", "rho", share_won, ("a", "b"), (), bound=0.5, margin=margin)
    finding = Finding(statement, (low + high) / 2, low, high, 20, 2, 1)
    assert finding.verdict == verdict
    assert Finding(statement).verdict == MISSING


def test_the_columns_are_those_of_figure_4():
    columns = figure_4_columns()
    assert len(columns) == 13
    texts = [statement.text for statement in statements(columns)]
    assert len(set(texts)) == len(texts) == 39


def test_the_ranking_is_of_means_over_columns():
    rows = world(TRUE, 60)
    ranked = ranking(rows, COLUMNS, 50)
    assert list(ranked.index[:3]) == ["reg_swap", "swap", "nwot"]
    rhos = [
        scipy.stats.spearmanr(of["score"], of["truth"]).statistic
        for _, of in rows[rows["proxy"] == "flops"].groupby(["space", "task", "seed"])
    ]
    assert ranked.loc["flops", "value"] == pytest.approx(np.mean(rhos))
    assert (ranked["low"] < ranked["value"]).all()
    assert (ranked["columns"] == 3).all()


def test_proxies_that_were_computed_for_few_trials_are_compared_on_those():
    rows = world(TRUE, 60)
    costly = rows["proxy"].isin(["zico", "snip"])
    rows = rows[~costly | (rows["architecture"] < "a0020")]
    alone, pair, all_of_them = (
        measure(rows, names, 20, rest=rest)["nb201-cifar10"]
        for names, rest in ((("swap",), False), (("swap", "zico"), False), (("swap",), True))
    )
    assert (alone.n, pair.n, all_of_them.n) == (60, 20, 20)
    assert set(all_of_them.rhos) == set(TRUE)


@pytest.mark.parametrize(
    ("value", "half", "margin", "enough"),
    [
        (0.6, 0.2, None, 80),  # twice as narrow, the interval ends at the bound
        (0.515, 0.03, None, 80),  # the same
        (0.5, 0.04, None, 80),  # half of it is as wide as what is no difference
        (0.52, 0.06, 0.05, 80),  # the nearer end of the margin is 0.03 away
        (0.58, 0.06, 0.05, 80),
    ],
)
def test_more_architectures_would_decide(value, half, margin, enough):
    statement = Statement("it", "there", "rho", share_won, ("a", "b"), (), bound=0.5, margin=margin)
    finding = Finding(statement, value, value - half, value + half, 20, 2, 1)
    assert finding.verdict == UNDECIDED
    assert finding.enough == pytest.approx(enough)
