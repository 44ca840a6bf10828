"""What a proxy does among the best architectures, beside params, chance and noisy perfect scores.

Among the best architectures every rank correlation is smaller, because their accuracies differ
little. Noisy perfect scores show by how much: they are the truth with so much noise that their rank
correlation over all architectures is that of the proxy. Noise of equal size in all ranks spares the
top; noise of equal size in all accuracies drowns it, where accuracies crowd there. A proxy that is
worse at the top than both has a fault of its own.
"""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import scipy.stats

from zc_bench.audits.columns import Column, by_place
from zc_bench.seeding import numpy_generator
from zc_bench.statistics.rank import Floats, spearman
from zc_bench.statistics.seeds import over_seeds
from zc_bench.statistics.selection import (
    best_rank_at_k,
    ndcg_at_k,
    precision_at_k,
    regret_at_k,
)

KS = (1, 5, 10, 50, 100)
SHARES = (0.05, 0.1, 0.25)
NOISY = ("noisy ranks", "noisy accuracies")
RANDOM = "random"
_LEAST = 10  # architectures of a share of the best
_DRAWS = 100  # noisy perfect scores
_SOUGHT = 10  # of these, how many determine the size of the noise
_HALVINGS = 16
_SELECTED = 20  # of these, how many are selected from
_MEASURES: Mapping[str, Callable[[Floats, Floats, int], float]] = {
    "precision": precision_at_k,
    "ndcg": ndcg_at_k,
    "best_rank": best_rank_at_k,
    "regret": regret_at_k,
}
Values = dict[tuple[str, str, float], Floats]


def at_the_top(
    columns: Sequence[Column], second: Mapping[tuple[str, str], pd.Series]
) -> pd.DataFrame:
    """Judge the best-scored and the best architectures.

    Args:
        columns: the scores of a proxy.
        second: by space and task, the accuracy of a second training, where there is one.

    Returns:
        One row per space, task, contender ("proxy", "params", "random", "noisy ranks", "noisy
        accuracies", "second training"), measure and place: value is the mean over seeds, seeds their
        number. Measures are precision, ndcg, best_rank and regret of the k best-scored, and rho among
        a share of the truly best. Of noisy perfect scores, low and high hold 95 % of the draws; of
        the rho of others they are a 95 % interval, with the standard error of independence; else NaN.
    """
    frame = []
    for (space, task), seeds in by_place(columns).items():
        found = [_of_column(column, second.get((space, task))) for column in seeds]
        for key in dict.fromkeys(key for values in found for key in values):
            draws = np.array([values[key] for values in found if key in values])
            contender, measure, place = key
            means = draws.mean(axis=0)
            ns = [column.n for column, values in zip(seeds, found, strict=True) if key in values]
            low, high = _ends(measure, place, draws, ns)
            frame.append(
                (space, task, contender, measure, place, float(means.mean()), low, high, len(draws))
            )
    return pd.DataFrame(
        frame,
        columns=["space", "task", "contender", "measure", "at", "value", "low", "high", "seeds"],
    )


def _ends(measure: str, share: float, draws: Floats, ns: Sequence[int]) -> tuple[float, float]:
    """Return the ends of what is sure: a noisy perfect score has many draws, any other one."""
    if draws.shape[1] > 1:
        low, high = np.quantile(draws.mean(axis=0), [0.025, 0.975])
        return float(low), float(high)
    if measure != "rho":
        return math.nan, math.nan
    errors = [1 / math.sqrt(round(share * n) - 1) for n in ns]
    found = over_seeds(draws[:, 0].tolist(), errors)
    return found.low, found.high


def noisy_ranks(truth: Floats, rho: float, noise: Floats) -> Floats:
    """Add noise to the ranks of the truth, until Spearman's rho of the two is a given one.

    The ranks of the truth are turned to normal scores z. The sum r z + sqrt(1 - r^2) e with normal
    noise e has the rank correlation rho for r = 2 sin(pi rho / 6).

    Args:
        truth: (n,).
        rho: the expectation of Spearman's rho.
        noise: independent normal numbers, (n, D).

    Returns:
        Scores, (n, D).

    References:
        Pearson 1907, "On further methods of determining correlation" (rho of a normal pair).
    """
    z = scipy.stats.norm.ppf((scipy.stats.rankdata(truth) - 0.5) / len(truth))
    r = 2 * math.sin(math.pi * rho / 6)
    scores: Floats = r * z[:, None] + math.sqrt(1 - r**2) * noise
    return scores


def noisy_accuracies(truth: Floats, rho: float, noise: Floats) -> Floats:
    """Add noise of one size to the truth, until Spearman's rho of the two is a given one.

    Args:
        truth: (n,).
        rho: the mean of Spearman's rho over the first draws, found by bisection.
        noise: independent normal numbers, (n, D).

    Returns:
        Scores, (n, D); for a negative rho, those of the reversed truth.
    """
    sign = 1.0 if rho >= 0 else -1.0
    some = noise[:, :_SOUGHT]

    def reached(log_size: float) -> float:
        scores = truth[:, None] + math.exp(log_size) * some
        return float(np.mean([spearman(score, truth) for score in scores.T]))

    spread = math.log(float(truth.std()) or 1.0)
    low, high = spread - 12.0, spread + 12.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if reached(middle) > abs(rho) else (low, middle)
    return sign * truth[:, None] + math.exp(low) * noise


def _of_column(column: Column, second: "pd.Series[float] | None") -> Values:
    """Judge every contender on one column."""
    contenders: dict[str, Floats] = {"proxy": column.x[:, None]}
    if "params" in column.trivial:
        contenders["params"] = column.baseline("params")[:, None]
    rho = spearman(column.x, column.y)
    if not math.isnan(rho):
        generator = numpy_generator(column.seed, "noisy perfect score", column.space, column.task)
        noise = generator.standard_normal((column.n, _DRAWS))
        for name, make in zip(NOISY, (noisy_ranks, noisy_accuracies), strict=True):
            contenders[name] = make(column.y, rho, noise)
    if second is not None:
        again = np.asarray(second.reindex(column.truth.index), dtype=np.float64)
        if not np.isnan(again).any():
            contenders["second training"] = again[:, None]
    contenders[RANDOM] = np.zeros((column.n, 1))
    values: Values = {}
    for name, scores in contenders.items():
        values |= _selected(name, scores, column.y)
        values |= _among_best(name, scores, column.y)
    return values


def _selected(name: str, scores: Floats, truth: Floats) -> Values:
    return {
        (name, measure, float(k)): np.array([of(s, truth, k) for s in scores.T[:_SELECTED]])
        for measure, of in _MEASURES.items()
        for k in KS
        if k <= len(truth)
    }


def _among_best(name: str, scores: Floats, truth: Floats) -> Values:
    """Correlate ranks among the best by truth; chance has no correlation."""
    order = np.argsort(-truth, kind="stable")
    values: Values = {}
    for share in SHARES:
        count = round(share * len(truth))
        if count >= _LEAST:
            best = order[:count]
            rhos = [spearman(s[best], truth[best]) for s in scores.T]
            # Equal scores rank nothing, as chance does.
            values[name, "rho", share] = np.nan_to_num(np.array(rhos))
    return values
