import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from reference import statistics as twin
from zc_bench.statistics.information import (
    default_bins,
    entropy,
    incremental_information,
    quantile_bins,
)

values = st.lists(
    st.one_of(st.integers(0, 4).map(float), st.just(-math.inf)), min_size=1, max_size=30
)


@given(values, st.integers(1, 8))
def test_bins_hold_ties_together_where_their_middle_stands(items, bins):
    assert quantile_bins(np.array(items), bins).tolist() == twin.quantile_bins(
        np.array(items), bins
    )


def test_bins_hold_equally_many():
    drawn = np.random.default_rng(0).normal(size=60)
    assert np.bincount(quantile_bins(drawn, 6)).tolist() == [10] * 6


@pytest.mark.parametrize("known", [[], ["a"], ["a", "b"]])
@pytest.mark.parametrize("bins", [2, 5])
def test_equals_the_sum_over_cells(known, bins):
    generator = np.random.default_rng(0)
    scores = pd.DataFrame(generator.normal(size=(200, 4)).round(1), columns=list("abcd"))
    truth = pd.Series(scores.sum(axis=1) + generator.normal(size=200))
    bits = incremental_information(scores, truth, known, bins=bins)
    binned = {name: twin.quantile_bins(scores[name].to_numpy(), bins) for name in scores}
    target = twin.quantile_bins(truth.to_numpy(), bins)
    for name in scores:
        expected = twin.incremental_information(
            target, [binned[other] for other in known], binned[name]
        )
        assert bits[name] == pytest.approx(0 if name in known else expected, abs=1e-12)


def test_mutual_information_of_a_gaussian_pair():
    x, noise = np.random.default_rng(0).normal(size=(2, 200_000))
    bits = incremental_information(
        pd.DataFrame({"x": x}), pd.Series(0.8 * x + 0.6 * noise), bins=8
    )["x"]
    # The exact chance of each of the 8 x 8 cells, from the distribution function at their corners.
    edges = scipy.stats.norm.ppf(np.linspace(0, 1, 9)).clip(-9, 9)
    normal = scipy.stats.multivariate_normal(cov=[[1, 0.8], [0.8, 1]])
    corners = normal.cdf(np.stack(np.meshgrid(edges, edges), axis=-1))
    cells = np.diff(np.diff(corners, axis=0), axis=1).clip(1e-300)
    assert bits == pytest.approx(float(np.sum(cells * np.log2(64 * cells))), abs=0.005)
    # Bins lose some of the - log2(1 - r^2) / 2 bits.
    assert 0.85 * -math.log2(0.6) < bits < -math.log2(0.6)


def test_exclusive_or_is_known_only_together():
    a, b = np.random.default_rng(0).integers(0, 2, size=(2, 10_000))
    scores, truth = pd.DataFrame({"a": a, "b": b}), pd.Series(a ^ b)
    assert incremental_information(scores, truth, bins=2)["b"] == pytest.approx(0, abs=1e-3)
    assert incremental_information(scores, truth, ["a"], bins=2)["b"] == pytest.approx(1, abs=1e-3)


def test_knowing_it_already_adds_nothing():
    scores = pd.DataFrame(np.random.default_rng(0).normal(size=(300, 2)), columns=["a", "b"])
    scores["a_again"] = scores["a"] ** 3
    bits = incremental_information(scores, scores["b"], ["a"])
    assert bits["a"] == bits["a_again"] == 0
    assert bits["b"] > 1


@pytest.mark.parametrize("known", [[], ["a"]])
def test_the_default_finds_next_to_nothing_in_noise(known):
    # Twenty-four bins would find 2.5 bits in noise if one proxy is known, and n = 1000.
    generator = np.random.default_rng(0)
    found = []
    for _ in range(30):
        scores = pd.DataFrame(generator.normal(size=(1000, 2)), columns=["a", "noise"])
        found.append(
            incremental_information(scores, scores["a"] + generator.normal(size=1000), known)[
                "noise"
            ]
        )
    assert abs(np.mean(found)) < 0.02


def test_the_correction_takes_most_of_the_bias_of_a_die_away():
    generator = np.random.default_rng(0)
    rolls = generator.integers(0, 6, size=(2000, 30))
    corrected = np.mean([entropy(roll) for roll in rolls])
    plain = corrected - np.mean([(len(set(roll)) - 1) / (60 * math.log(2)) for roll in rolls])
    assert abs(corrected - math.log2(6)) < abs(plain - math.log2(6)) / 5


@pytest.mark.parametrize(
    ("n", "quantities", "bins"),
    [(1000, 2, 14), (625, 3, 5), (624, 3, 4), (3, 3, 2), (10**6, 2, 24), (2880, 2, 24)],
)
def test_default_bins_leave_five_per_cell(n, quantities, bins):
    assert default_bins(n, quantities) == bins
