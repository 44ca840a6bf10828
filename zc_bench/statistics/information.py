"""The information of a proxy about the ground truth, given other proxies."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import scipy.stats
from numpy.typing import NDArray

from zc_bench.statistics.rank import Floats

Bins = NDArray[np.int64]

_MOST_BINS = 24
# The mean number of architectures per cell of the joint histogram that the bias correction needs.
_PER_CELL = 5


def incremental_information(
    scores: pd.DataFrame, truth: pd.Series, known: Sequence[str] = (), *, bins: int | None = None
) -> pd.Series:
    """Return H(truth | known) - H(truth | known, proxy) for every proxy, in bits.

    Scores and truth are binned into equally large bins, ties together, so that the numbers depend
    on ranks alone. A histogram of few architectures overestimates information. The correction of
    Miller and Madow removes most of the bias if cells hold several architectures, which the default
    number of bins ensures. An estimate can then be slightly below zero. Compare only numbers with
    equal n and bins.

    Args:
        scores: architectures x proxies, (n, p), without NaN.
        truth: ground truth of the same architectures, (n,), without NaN.
        known: the known proxies. Without any, the result is the mutual information of proxy and
            truth.
        bins: the number of bins per quantity, from 1 up; by default `default_bins`.

    Returns:
        Bits by proxy, (p,); 0 for the known ones.

    References:
        Krishnakumar et al. 2022, arXiv:2210.03230 (the question and the difference of entropies;
        the bins are ours); Miller 1955, "Note on the bias of information estimates".
    """
    number = bins or default_bins(len(truth), 2 + len(known))
    target = quantile_bins(truth.to_numpy(np.float64), number)
    columns = {name: quantile_bins(scores[name].to_numpy(np.float64), number) for name in scores}
    context = [columns[name] for name in known]
    before = _conditional_entropy(target, context)
    return pd.Series(
        {
            name: before - _conditional_entropy(target, [*context, column])
            for name, column in columns.items()
        },
        dtype=np.float64,
    )


def default_bins(n: int, quantities: int) -> int:
    """Return the number of bins, 2 to 24, for five architectures per cell on average.

    Args:
        n: the number of architectures.
        quantities: the number of dimensions of the histogram.
    """
    return max(
        bins for bins in range(2, _MOST_BINS + 1) if bins == 2 or _PER_CELL * bins**quantities <= n
    )


def quantile_bins(values: Floats, bins: int) -> Bins:
    """Bin values into equally large bins; ties stay together.

    Args:
        values: (n,), without NaN.
        bins: the number of bins.

    Returns:
        The bin of each value, from 0 to bins - 1, (n,).
    """
    # Ranks are doubled, so that average ranks of ties are whole numbers and no quotient is rounded.
    twice = np.rint(2 * scipy.stats.rankdata(values)).astype(np.int64)
    cut: Bins = (twice - 1) * bins // (2 * len(values))
    return cut


def entropy(cells: Bins) -> float:
    """Return the entropy of a histogram in bits, with the correction of Miller and Madow.

    The correction adds (m - 1) / (2 n ln 2) to - sum p log2 p, for m cells that are not empty.

    Args:
        cells: the cell of each of n architectures, (n,).
    """
    counts = np.unique(cells, return_counts=True)[1]
    return float(
        scipy.stats.entropy(counts, base=2) + (len(counts) - 1) / (2 * len(cells) * math.log(2))
    )


def _conditional_entropy(target: Bins, given: Sequence[Bins]) -> float:
    """Return H(target | given) = H(target, given) - H(given), in bits."""
    return entropy(_joint([target, *given])) - entropy(_joint(given)) if given else entropy(target)


def _joint(quantities: Sequence[Bins]) -> Bins:
    """Number the cells of a joint histogram."""
    cells, *others = quantities
    for other in others:
        # The numbers are compressed at each step, so that they do not overflow.
        cells = np.unique(cells * (other.max() + 1) + other, return_inverse=True)[1]
    return cells
