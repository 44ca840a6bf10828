"""The points of the scatter plot: scores and ground truth by architecture, rounded."""

import math
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import pandas as pd

from zc_bench.seeding import numpy_generator

_DIGITS = 5


def points(rows: pd.DataFrame, proxies: Sequence[str], limit: int) -> list[dict[str, Any]]:
    """Gather the points of every column.

    Args:
        rows: one row per trial and proxy, as for `zc_bench.correlate.correlate`.
        proxies: in the order of the scores.
        limit: the largest number of points of a column. Of more, a fixed random sample is taken.

    Returns:
        Per space and task, for JSON: space, task, of (the number of trials), architectures, seeds,
        truth and scores (one list per proxy), numbers with five significant digits, None where
        there is none.
    """
    columns = []
    for key, of in rows.groupby(["space", "task"]):
        space, task = cast("tuple[str, str]", key)
        trials = of.groupby(["architecture", "seed"])["truth"].first()
        scores = of.set_index(["architecture", "seed", "proxy"])["score"].unstack("proxy")
        scores = scores.reindex(index=trials.index, columns=list(proxies))
        chosen = _choose(
            len(trials), limit, numpy_generator(0, "points of the report", space, task)
        )
        columns.append(
            {
                "space": space,
                "task": task,
                "of": len(trials),
                "architectures": trials.index.get_level_values("architecture")[chosen].tolist(),
                "seeds": trials.index.get_level_values("seed")[chosen].tolist(),
                "truth": _short(trials.to_numpy(np.float64)[chosen]),
                "scores": [_short(scores[proxy].to_numpy(np.float64)[chosen]) for proxy in proxies],
            }
        )
    return columns


def _choose(n: int, limit: int, generator: np.random.Generator) -> np.ndarray:
    return np.arange(n) if n <= limit else np.sort(generator.choice(n, limit, replace=False))


def _short(values: np.ndarray) -> list[float | None]:
    return [_rounded(value) for value in values.tolist()]


def _rounded(value: float) -> float | None:
    """Round to five digits; whole numbers have no ".0"."""
    if math.isnan(value):
        return None
    rounded = float(f"{value:.{_DIGITS}g}")
    return int(rounded) if rounded.is_integer() else rounded
