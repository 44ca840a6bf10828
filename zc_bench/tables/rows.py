"""The rows of a file of any form, one per architecture and task, and the columns made from them."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zc_bench.errors import ZcBenchError
from zc_bench.registry import Registry
from zc_bench.spaces import space_registry
from zc_bench.tables.string_index import Keys

# What NAS-Bench-Suite-Zero writes for a score that is not finite; of synflow it takes the logarithm
# afterwards.
_SENTINELS = (-1e8, -math.log(1e8))


class Row(NamedTuple):
    """The row of a file for an architecture and a task.

    Attributes:
        task: the task; empty where the file does not say.
        architecture: a canonical key or native string.
        truth: ground truth; NaN where the file has none.
        scores: published scores by proxy.
        space: the search space; empty where the file does not say.
        place: where in the file, for messages.
    """

    task: str
    architecture: str
    truth: float = math.nan
    scores: Mapping[str, float] = MappingProxyType({})
    space: str = ""
    place: str = ""


# The published scores of a proxy are a column of a file, under that name.
PROXY_NAME = re.compile(r"\w[\w.@+-]{0,99}")

Reader = Callable[[Path], Iterator[Row]]

readers: Registry[Reader] = Registry("table format")


@dataclass
class Gathered:
    """The rows of a file, by what they are about.

    Attributes:
        truths: per task, ground truth by canonical key.
        scores: per task and proxy, published scores by canonical key; NaN where the published one
            is not finite.
        left_out: how many rows name another space, or a task that was not asked for, by that name.
    """

    truths: dict[str, dict[str, float]] = field(default_factory=dict)
    scores: dict[tuple[str, str], dict[str, float]] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)


def gather(
    space: str, tasks: Sequence[str], rows: Iterable[Row], fault: Callable[[str], ZcBenchError]
) -> Gathered:
    """Sort rows by task, their architectures by canonical key.

    Args:
        space: the search space; rows of another one are left out.
        tasks: the tasks; rows of others are left out.
        rows: in any order.
        fault: makes an error of what is wrong with a row.

    Raises:
        ZcBenchError: if a row holds no architecture of the space, one comes twice for a task, or
            ground truth is infinite.
    """
    gathered = Gathered({task: {} for task in tasks})
    parse = space_registry[space].parse
    # With several tasks, an architecture comes once per task; reading its string is what takes the
    # time.
    parse = cache(parse) if len(tasks) > 1 else parse
    for row in rows:
        if row.space not in ("", space) or row.task not in gathered.truths:
            gathered.left_out[row.task if row.space in ("", space) else row.space] += 1
            continue
        try:
            _add(gathered, row, parse(row.architecture).key)
        except ZcBenchError as error:
            raise fault(f"{row.place}: {error}" if row.place else str(error)) from error
    return gathered


def _add(gathered: Gathered, row: Row, key: str) -> None:
    if math.isinf(row.truth):
        message = (
            f"the ground truth of {key} for {row.task} is {row.truth}: expected a finite number, "
            "or none"
        )
        raise ZcBenchError(message)
    if not math.isnan(row.truth):
        _put(gathered.truths[row.task], key, row.truth, row.task)
    for proxy, score in row.scores.items():
        if not PROXY_NAME.fullmatch(proxy):
            message = f"{proxy[:50]!r} is no name of a proxy"
            raise ZcBenchError(message)
        finite = math.isfinite(score) and score not in _SENTINELS
        column = gathered.scores.setdefault((row.task, proxy), {})
        _put(column, key, score if finite else math.nan, f"{proxy} on {row.task}")


def _put(column: dict[str, float], key: str, value: float, what: str) -> None:
    if key in column:
        message = f"the architecture {key} comes twice for {what}"
        raise ZcBenchError(message)
    column[key] = value


def columns(
    values: Mapping[str, Mapping[str, float]],
) -> tuple[Keys, dict[str, NDArray[np.float64]]]:
    """Arrange values by name and key as columns over all keys.

    Returns:
        The keys, sorted (n,), and per name float64 (n,), NaN where there is no value.
    """
    keys = sorted(set().union(*values.values()))
    return Keys.of(keys), {
        name: np.array([column.get(key, math.nan) for key in keys], np.float64)
        for name, column in values.items()
    }
