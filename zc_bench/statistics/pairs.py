"""Tests of the difference of Spearman's rho between two proxies."""

import math
from collections.abc import Mapping
from itertools import combinations
from typing import cast

import numpy as np
import pandas as pd
import scipy.stats

from zc_bench.errors import ZcBenchError, unknown_name
from zc_bench.seeding import numpy_generator
from zc_bench.statistics.correlate import InvalidPolicy
from zc_bench.statistics.holm import holm
from zc_bench.statistics.rank import LEAST_POINTS, Floats, resample, spearman, weighted_spearman
from zc_bench.statistics.seeds import over_seeds, standard_error
from zc_bench.statistics.wide import widen

# The number of resamples times architectures at a time: 16 MB per array.
_CELLS = 2_000_000
_PAIR = ["space", "task", "proxy", "other"]
_COMPARED = ("difference", "low", "high", "p_value", "n", "seeds")


def bootstrap_spearman(
    scores: Floats, truth: Floats, generator: np.random.Generator, *, resamples: int
) -> Floats:
    """Return Spearman's rho of every proxy in every resample; proxies share the resamples.

    Each resample draws n architectures with replacement and is ranked again.

    Args:
        scores: architectures x proxies, (n, p), without NaN.
        truth: ground truth, (n,), without NaN.
        generator: the source of randomness.
        resamples: R, the number of resamples.

    Returns:
        Signed rho, (R, p); NaN where the scores or the truth of a resample are constant.
    """
    n, proxies = scores.shape
    block = max(1, _CELLS // max(n, 1))
    rhos = np.empty((resamples, proxies))
    for start in range(0, resamples, block):
        part = rhos[start : start + block]
        counts = resample(n, len(part), generator)
        for proxy in range(proxies):
            part[:, proxy] = weighted_spearman(scores[:, proxy], truth, counts)
    return rhos


def compare_pairs(
    scores: pd.DataFrame,
    truth: pd.Series,
    generator: np.random.Generator,
    *,
    resamples: int = 1000,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Test for every pair of proxies whether they rank the architectures equally well.

    The paired bootstrap resamples architectures, so that common variation of two proxies cancels.
    The p-value is that of d / s in the normal distribution, two-sided, with the difference d and
    its bootstrap standard error s. Unlike the share of resamples beyond zero, it can be as small as
    the correction for many comparisons requires, with any number of resamples.

    Args:
        scores: architectures x proxies, (n, p), higher is better, without NaN.
        truth: ground truth of the same architectures, (n,), without NaN.
        generator: the source of randomness.
        resamples: the number of resamples, from 2 up.
        confidence: the share of resamples between low and high, in (0, 1).

    Returns:
        One row per pair, in the order of the columns of `scores`, with the columns

        - proxy, other: the pair;
        - difference: Spearman's rho of proxy minus that of other; NaN if one of them has none;
        - low, high: percentile bootstrap interval of the difference, not corrected for many
          comparisons;
        - p_value: two-sided, of this pair alone;
        - p_holm: corrected for all pairs of the frame by `zc_bench.statistics.holm.holm`;
        - error: the standard error of the difference;
        - n: the number of architectures.

    Raises:
        ZcBenchError: if there are fewer than two resamples.

    References:
        Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapters 6 (standard error)
        and 13 (percentiles).
    """
    if resamples < 2:
        message = (
            f"resamples = {resamples} produces no standard error: take at least 2, better 1000."
        )
        raise ZcBenchError(message)
    values, target = scores.to_numpy(np.float64), truth.to_numpy(np.float64)
    result = [spearman(column, target) for column in values.T]
    rhos = bootstrap_spearman(values, target, generator, resamples=resamples)
    tail = (1 - confidence) / 2
    pairs = []
    for one, two in combinations(range(len(result)), 2):
        difference = result[one] - result[two]
        judged = _judge(difference, rhos[:, one] - rhos[:, two], tail)
        pairs.append((scores.columns[one], scores.columns[two], difference, *judged))
    names = ["proxy", "other", "difference", "low", "high", "p_value", "error"]
    frame = pd.DataFrame(pairs, columns=names)
    frame.insert(6, "p_holm", holm(frame["p_value"].to_numpy(np.float64)))
    return frame.assign(n=len(truth))


def _judge(difference: float, resampled: Floats, tail: float) -> tuple[float, float, float, float]:
    """Return the ends of the interval, the p-value and the standard error of a difference."""
    resampled = resampled[~np.isnan(resampled)]
    if math.isnan(difference) or len(resampled) < 2:
        return math.nan, math.nan, math.nan, math.nan
    low, high = np.quantile(resampled, [tail, 1 - tail])
    error = standard_error(resampled)
    # Two proxies with equal ranks differ in no resample.
    z = abs(difference) / error if error else (math.inf if difference else 0.0)
    return float(low), float(high), float(2 * scipy.stats.norm.sf(z)), error


def compare(
    rows: pd.DataFrame,
    proxy: str,
    other: str,
    *,
    higher_is_better: Mapping[str, bool] | None = None,
    invalid: InvalidPolicy = "worst",
    resamples: int = 1000,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare two proxies, space by space and task by task, over all seeds.

    Both are ranked on the architectures that both have. Seeds are combined by
    `zc_bench.statistics.seeds.over_seeds`, with the noise of architectures and of seeds.

    Args:
        rows: one row per score, as for `zc_bench.statistics.correlate.correlate`.
        proxy: a proxy, by name.
        other: another.
        higher_is_better: the direction of each, by name; that of the registry unless given.
        invalid: what becomes of invalid scores; see `zc_bench.statistics.wide.widen`.
        resamples: bootstrap resamples per seed, from 2 up.
        confidence: how often the interval holds the true difference, in (0, 1).

    Returns:
        One row per space and task: space, task, proxy, other, difference (Spearman's rho of proxy
        minus that of other, mean over seeds), low, high, p_value, n (architectures of the seed with
        fewest), seeds.

    Raises:
        ZcBenchError: if a proxy has no scores in the rows.
    """
    known = sorted(rows["proxy"].unique())
    for name in (proxy, other):
        if name not in known:
            raise unknown_name(kind="proxy of this result", name=name, known=known)
    some = rows[rows["proxy"].isin([proxy, other])]
    wides = widen(some, higher_is_better=higher_is_better, invalid=invalid)
    frames = [
        compare_pairs(
            wide.scores[[proxy, other]],
            wide.truth,
            numpy_generator(wide.seed, "pairs", wide.space, wide.task),
            resamples=resamples,
            confidence=confidence,
        ).assign(space=wide.space, task=wide.task)
        for wide in wides
        if {proxy, other} <= set(wide.scores) and len(wide.truth) >= LEAST_POINTS
    ]
    pairs = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=_PAIR)
    return combine_seeds(pairs, confidence=confidence).drop(columns="p_holm")


def combine_seeds(pairs: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Combine the differences of several seeds.

    Args:
        pairs: one row per space, task, seed and pair, as `compare_pairs` returns them.
        confidence: how often the interval holds the true difference, in (0, 1).

    Returns:
        One row per space, task and pair: space, task, proxy, other, difference (of Spearman's rho,
        mean over seeds), low, high, p_value, n (architectures of the seed with fewest), seeds, p_holm
        (corrected for all rows).
    """
    rows = []
    for key, seeds in pairs.groupby(_PAIR, sort=False, observed=True):
        found = over_seeds(
            seeds["difference"].tolist(), seeds["error"].tolist(), confidence=confidence, limit=2.0
        )
        rows.append((*cast("tuple[str, ...]", key), *found[:4], int(seeds["n"].min()), found.seeds))
    frame = pd.DataFrame(rows, columns=[*_PAIR, *_COMPARED])
    return frame.assign(p_holm=holm(frame["p_value"].to_numpy(np.float64)))
