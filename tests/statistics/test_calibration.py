"""On simulated data with known truth, intervals hold it and tests err as often as they say."""

import math

import numpy as np
import pandas as pd
import pytest

from zc_bench.statistics.pairs import compare_pairs
from zc_bench.statistics.rank import bootstrap_interval, resample

pytestmark = pytest.mark.slow

REPEATS = 1000


def normal_spearman(r):
    """Return Spearman's rho of a bivariate normal with Pearson correlation r."""
    return 6 / math.pi * math.asin(r / 2)


def correlated_with(truth, r, generator, shared=None):
    """Draw scores with Pearson correlation r to the truth; proxies may share half of the rest."""
    noise = generator.normal(size=len(truth))
    if shared is not None:
        noise = math.sqrt(0.5) * (shared + noise)
    return r * truth + math.sqrt(1 - r**2) * noise


@pytest.mark.parametrize("r", [0.0, 0.5, 0.9])
def test_intervals_of_rho_cover_it(r):
    generator = np.random.default_rng(round(10 * r))
    covered = 0
    for _ in range(REPEATS):
        truth = generator.normal(size=300)
        low, high = bootstrap_interval(
            correlated_with(truth, r, generator),
            truth,
            resample(300, 500, generator),
            confidence=0.95,
        )
        covered += low <= normal_spearman(r) <= high
    assert 0.93 <= covered / REPEATS <= 0.97


@pytest.mark.parametrize(("one", "two"), [(0.5, 0.5), (0.8, 0.5), (0.9, -0.2)])
def test_intervals_of_a_difference_cover_it(one, two):
    generator = np.random.default_rng(round(10 * one - 100 * two) + 100)
    expected = normal_spearman(one) - normal_spearman(two)
    covered = 0
    for _ in range(REPEATS):
        truth, shared = generator.normal(size=(2, 300))
        scores = pd.DataFrame({"a": correlated_with(truth, one, generator, shared)})
        scores["b"] = correlated_with(truth, two, generator, shared)
        pair = compare_pairs(scores, pd.Series(truth), generator, resamples=500).iloc[0]
        covered += pair["low"] <= expected <= pair["high"]
    assert 0.93 <= covered / REPEATS <= 0.97


@pytest.mark.parametrize(
    ("n", "shared"), [(100, True), (300, False)], ids=["few, alike", "more, independent"]
)
def test_equally_good_proxies_are_rarely_told_apart(n, shared):
    generator = np.random.default_rng(n + shared)
    found_alone, found_any = 0.0, 0
    for _ in range(2 * REPEATS):
        truth, common = generator.normal(size=(2, n))
        scores = {
            name: correlated_with(truth, 0.6, generator, common if shared else None)
            for name in "abcde"
        }
        pairs = compare_pairs(pd.DataFrame(scores), pd.Series(truth), generator, resamples=200)
        found_alone += (pairs["p_value"] < 0.05).mean()
        found_any += (pairs["p_holm"] < 0.05).any()
    # One test errs in about 5 %; after the correction all ten together err in no more.
    assert 0.035 <= found_alone / (2 * REPEATS) <= 0.065
    assert found_any / (2 * REPEATS) <= 0.05


def test_different_proxies_are_told_apart():
    generator = np.random.default_rng(0)
    found = 0
    for _ in range(100):
        truth = generator.normal(size=1000)
        scores = {str(r): correlated_with(truth, r, generator) for r in (0.4, 0.5, 0.6, 0.7, 0.8)}
        pairs = compare_pairs(pd.DataFrame(scores), pd.Series(truth), generator, resamples=200)
        found += (pairs["p_holm"] < 0.05).sum()
    assert found / 1000 > 0.9
