import math

import numpy as np
import pandas as pd
import pytest

from zc_bench.errors import ZcBenchError
from zc_bench.statistics.critical_difference import CriticalDifference, critical_difference

# Demšar 2006, table 6: area under the curve, in thousandths, of four classifiers on fourteen data
# sets. The ranks beside it tell 975 from 975 in the last but one: the tie is in the printing.
DEMSAR = pd.DataFrame(
    {
        "C4.5": [763, 599, 954, 628, 882, 936, 661, 583, 775, 1000, 940, 619, 972, 957],
        "C4.5+m": [768, 591, 971, 661, 888, 931, 668, 583, 838, 1000, 962, 666, 981, 978],
        "C4.5+cf": [771, 590, 968, 654, 886, 916, 609, 563, 866, 1000, 965, 614, 975.1, 946],
        "C4.5+m+cf": [798, 569, 957, 657, 898, 931, 685, 625, 875, 1000, 962, 669, 975, 970],
    }
).T


def test_average_ranks_are_those_that_demsar_published():
    compared = critical_difference(DEMSAR)
    assert compared.columns == 14
    assert list(compared.ranks.index) == ["C4.5+m+cf", "C4.5+m", "C4.5+cf", "C4.5"]
    assert compared.ranks.to_numpy() == pytest.approx([1.964, 2.000, 2.893, 3.143], abs=5e-4)


def test_the_statistic_is_that_which_demsar_published_but_for_ties():
    compared = critical_difference(DEMSAR)
    # Demšar's 9.28 leaves ties uncorrected: the correction divides by 1 - sum(t^3 - t) / (N (k^3 -
    # k)).
    ranks = DEMSAR.rank()
    copies = [column.value_counts().to_numpy() for _, column in ranks.items()]
    ties = 1 - sum((t**3 - t).sum() for t in copies) / (14 * (4**3 - 4))
    assert compared.statistic * ties == pytest.approx(9.28, abs=5e-3)
    assert compared.p_value < 0.05


@pytest.mark.parametrize(("alpha", "published"), [(0.05, 1.25), (0.1, 1.12)])
def test_the_difference_is_that_which_demsar_published(alpha, published):
    assert critical_difference(DEMSAR, alpha=alpha).difference == pytest.approx(published, abs=5e-3)


@pytest.mark.parametrize(("proxies", "quantile"), [(3, 2.343), (5, 2.728), (8, 3.031), (10, 3.164)])
def test_quantiles_are_those_of_demsars_table_5(proxies, quantile):
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(proxies, 6)))
    expected = quantile * math.sqrt(proxies * (proxies + 1) / 36)
    assert critical_difference(table).difference == pytest.approx(expected, rel=3e-4)


class TestGroups:
    def of(self, ranks, difference):
        named = pd.Series(ranks, index=list("abcdef"[: len(ranks)]))
        return [
            "".join(group) for group in CriticalDifference(named, 9, 1.0, 0.5, difference).groups()
        ]

    def test_demsar_finds_at_ten_percent_that_the_best_two_beat_the_last(self):
        # Section 3.2.2: the difference 1.12 tells C4.5 (3.143) from 1.964 and from 2.000, and no
        # other two apart.
        groups = critical_difference(DEMSAR, alpha=0.1).groups()
        assert groups == [("C4.5+m+cf", "C4.5+m", "C4.5+cf"), ("C4.5+cf", "C4.5")]

    def test_overlap(self):
        assert self.of([1, 2, 3, 4], 1.5) == ["ab", "bc", "cd"]

    def test_leave_out_those_within_others(self):
        assert self.of([1, 2, 3, 9], 5) == ["abc"]

    def test_hold_two_and_more(self):
        assert self.of([1, 5, 6], 2) == ["bc"]
        assert self.of([1, 5, 9], 2) == []

    def test_a_difference_must_be_exceeded(self):
        assert self.of([1, 2], 1) == ["ab"]


def test_ties_share_their_rank():
    table = pd.DataFrame([[0.5, 0.1], [0.5, 0.2], [0.1, 0.3]], index=["a", "b", "c"])
    assert critical_difference(table).ranks.to_dict() == {"b": 1.75, "c": 2.0, "a": 2.25}


def test_proxies_that_always_tie_are_alike():
    compared = critical_difference(pd.DataFrame(np.full((3, 4), 0.5)))
    assert (compared.statistic, compared.p_value) == (0, 1)
    assert (compared.ranks == 2).all()


@pytest.mark.parametrize("shape", [(2, 5), (3, 1), (0, 0)])
def test_refuses_too_few(shape):
    with pytest.raises(
        ZcBenchError,
        match="have no critical difference: give at least 3 proxies on at least 2 tasks",
    ):
        critical_difference(pd.DataFrame(np.zeros(shape)))


def test_refuses_a_hole():
    table = pd.DataFrame([[0.5, 0.1], [0.5, math.nan], [0.1, 0.3]], index=["a", "b", "c"])
    with pytest.raises(
        ZcBenchError,
        match="b has no rank correlation on some task: leave the proxy or the task out",
    ):
        critical_difference(table)
