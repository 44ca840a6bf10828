"""The questions of an audit that scores, ground truth and trivial baselines answer."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from zc_bench.audits.columns import SCORE, TRUTH, Column, by_place
from zc_bench.statistics.holm import holm
from zc_bench.statistics.rank import Floats, kendall
from zc_bench.statistics.seeds import Combined, heterogeneity, over_seeds, standard_error
from zc_bench.statistics.strata import strata_of, within_strata

PLACE = ("space", "task")
SIZES = ("params", "flops", "depth")
_ENOUGH = 50  # architectures from which on a bootstrap's standard error is one
_ROWS = 500  # rows of a table of all pairs at a time


def correlations(columns: Sequence[Column], confidence: float) -> pd.DataFrame:
    """Correlate the ranks of scores with those of the truth.

    Args:
        columns: the scores.
        confidence: how often an interval holds the true value.

    Returns:
        One row per space and task: spearman, low, high, p_value (of no correlation), kendall,
        kendall_low, kendall_high, n (architectures of the seed with fewest), seeds, least, most (rho
        of the worst and of the best seed), p_seeds (of the hypothesis that seeds differ by the noise
        of architectures alone; NaN below fifty architectures).
    """
    frame = []
    for place, seeds in by_place(columns).items():
        found = [_estimate(*column.correlation(SCORE, TRUTH)) for column in seeds]
        rho = over_seeds(*zip(*found, strict=True), confidence=confidence)
        taus = [_kendall(column.x, column.y) for column in seeds]
        tau = over_seeds(*zip(*taus, strict=True), confidence=confidence)
        rhos = [estimate for estimate, _ in found if not math.isnan(estimate)]
        frame.append(
            dict(zip(PLACE, place, strict=True))
            | {"spearman": rho.mean, "low": rho.low, "high": rho.high, "p_value": rho.p_value}
            | {"kendall": tau.mean, "kendall_low": tau.low, "kendall_high": tau.high}
            | {"n": min(column.n for column in seeds), "seeds": rho.seeds}
            | {"least": min(rhos, default=math.nan), "most": max(rhos, default=math.nan)}
            | {"p_seeds": _p_seeds(seeds, found)}
        )
    return pd.DataFrame(frame)


def _p_seeds(seeds: Sequence[Column], found: Sequence[tuple[float, float]]) -> float:
    """Test whether seeds differ; NaN where standard errors of few architectures are too uncertain."""
    if min(column.n for column in seeds) < _ENOUGH:
        return math.nan
    return heterogeneity(*zip(*found, strict=True))


def against_baselines(columns: Sequence[Column], confidence: float) -> pd.DataFrame:
    """Compare the proxy with every trivial baseline, on the same architectures.

    Args:
        columns: the scores.
        confidence: how often an interval holds the true value. A comparison is decided if its p-value,
            corrected for all comparisons of the frame, is below one minus that.

    Returns:
        One row per space, task and baseline: baseline_rho, difference (Spearman's rho of the proxy
        minus that of the baseline), low, high, p_value, p_holm, verdict ("beats", "loses",
        "undecided"), with_baseline (rho of the two scores), left, left_low, left_high (rho of the
        proxy with the truth among architectures with the same value of the baseline, or of a bin of
        about twenty where values hardly repeat), seeds.
    """
    frame = []
    for place, seeds in by_place(columns).items():
        for name in dict.fromkeys(name for column in seeds for name in column.names):
            having = [column for column in seeds if name in column.trivial]
            frame.append(
                dict(zip(PLACE, place, strict=True))
                | {"baseline": name}
                | _against(having, name, confidence)
            )
    names = [*PLACE, "baseline", "baseline_rho", "difference", "low", "high", "p_value"]
    table = pd.DataFrame(frame, columns=None if frame else names)
    adjusted = holm(table["p_value"].to_numpy(np.float64))
    table.insert(len(names), "p_holm", adjusted)
    sure = adjusted < 1 - confidence
    verdict = np.where(sure, np.where(table["difference"] > 0, "beats", "loses"), "undecided")
    table.insert(len(names) + 1, "verdict", verdict)
    return table


def _against(seeds: Sequence[Column], name: str, confidence: float) -> dict[str, float]:
    differences, lefts, theirs, shared = [], [], [], []
    for column in seeds:
        place = column.names.index(name) + 2
        own, own_resampled = column.correlation(SCORE, TRUTH)
        other, other_resampled = column.correlation(place, TRUTH)
        differences.append(_estimate(own - other, own_resampled - other_resampled))
        alike = strata_of(np.zeros(column.n), column.baseline(name))
        inside = within_strata(column.x, column.y, alike)
        lefts.append((inside.rho, inside.error))
        theirs.append(other)
        shared.append(column.correlation(SCORE, place)[0])
    difference = over_seeds(*zip(*differences, strict=True), confidence=confidence, limit=2.0)
    left = over_seeds(*zip(*lefts, strict=True), confidence=confidence)
    return {
        "baseline_rho": _mean(theirs),
        "difference": difference.mean,
        "low": difference.low,
        "high": difference.high,
        "p_value": difference.p_value,
        "with_baseline": _mean(shared),
        "left": left.mean,
        "left_low": left.low,
        "left_high": left.high,
        "seeds": difference.seeds,
    }


def at_equal_size(columns: Sequence[Column], confidence: float) -> pd.DataFrame:
    """Correlate scores with the truth among architectures that are alike.

    Args:
        columns: the scores.
        confidence: how often an interval holds the true value.

    Returns:
        One row per space and task: spearman; within, within_low, within_high (the mean of rho within
        strata of equal depth and size), strata, n (their numbers, of the seed with fewest), tied (share
        of the pairs within strata with equal scores); partial, partial_low, partial_high (rho with the
        ranks of params, flops and depth held fixed), given (which of the three were at hand).
    """
    frame = []
    for place, seeds in by_place(columns).items():
        strata = [
            within_strata(
                column.x, column.y, strata_of(column.baseline("depth"), column.baseline("params"))
            )
            for column in seeds
        ]
        inside = over_seeds(
            [found.rho for found in strata],
            [found.error for found in strata],
            confidence=confidence,
        )
        partial = _over(seeds, lambda column: column.correlation(SCORE, TRUTH, SIZES), confidence)
        plain = [column.correlation(SCORE, TRUTH)[0] for column in seeds]
        frame.append(
            dict(zip(PLACE, place, strict=True))
            | {"spearman": _mean(plain)}
            | {"within": inside.mean, "within_low": inside.low, "within_high": inside.high}
            | {"within_p": inside.p_value}
            | {"strata": min(found.strata for found in strata), "n": min(of.n for of in strata)}
            | {"tied": _mean([found.tied for found in strata])}
            | {"partial": partial.mean, "partial_low": partial.low, "partial_high": partial.high}
            | {"partial_p": partial.p_value}
            | {"given": ", ".join(name for name in SIZES if name in seeds[0].trivial)}
        )
    return pd.DataFrame(frame)


def _over(
    seeds: Sequence[Column],
    correlation: Callable[[Column], tuple[float, Floats]],
    confidence: float,
) -> Combined:
    found = [_estimate(*correlation(column)) for column in seeds]
    return over_seeds(*zip(*found, strict=True), confidence=confidence)


def _estimate(value: float, resampled: Floats) -> tuple[float, float]:
    """Return an estimate and its standard error."""
    return value, standard_error(resampled)


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return math.fsum(known) / len(known) if known else math.nan


def _kendall(x: Floats, y: Floats) -> tuple[float, float]:
    """Return Kendall's tau-b and its standard error.

    Tau is a U-statistic. Its variance is that of the mean concordance of one architecture with the
    others, times 4 / n.
    """
    n, tau = len(x), kendall(x, y)
    if math.isnan(tau):
        return math.nan, math.nan
    means, untied = np.empty(n), np.zeros(2)
    for start in range(0, n, _ROWS):
        here = slice(start, start + _ROWS)
        ahead = np.sign(_differences(x[here], x)), np.sign(_differences(y[here], y))
        means[here] = (ahead[0] * ahead[1]).sum(axis=1) / (n - 1)
        untied += [np.count_nonzero(part) for part in ahead]
    share = math.sqrt(float(untied.prod())) / (n * (n - 1))
    return tau, 2 * float(means.std(ddof=1)) / math.sqrt(n) / share


def _differences(some: Floats, all_: Floats) -> Floats:
    """Compare values of which some are infinite: their ranks differ as they do."""
    order = np.unique(all_)
    whole: Floats = (
        np.searchsorted(order, some)[:, None] - np.searchsorted(order, all_)[None, :]
    ).astype(np.float64)
    return whole
