"""The features of an architecture of two DARTS cells.

Its edges one by one, and sums over them.
"""

from collections.abc import Sequence

import numpy as np

from zc_bench.spaces import space_registry
from zc_bench.spaces.darts.genotype import INPUTS, NODES
from zc_bench.spaces.darts.space import DIGITS, cells_of
from zc_bench.statistics.rank import Floats

SPACE = space_registry["nb301"]
_CELLS, _SOURCES, _TARGETS = 2, 5, 4
_SOURCE, _TARGET, _OPERATION = 2, 3, 4  # axes of what `_one_hot` returns
# A target reads two sources whatever the architecture: the sum over sources and operations says
# nothing.
_SUMMED_OVER = (_SOURCE, _TARGET, _OPERATION, (_SOURCE, _TARGET), (_TARGET, _OPERATION))


def counts(keys: Sequence[str]) -> Floats:
    """Count, per cell, how often every operation occurs.

    Args:
        keys: of n architectures.

    Returns:
        Numbers from 0 to 8, (n, 14).
    """
    return _flat(_one_hot(keys).sum((_SOURCE, _TARGET)))


def edges(keys: Sequence[str]) -> Floats:
    """Mark every choice of an architecture.

    Which operation stands between which two nodes of which cell.

    Args:
        keys: of n architectures.

    Returns:
        Zeros and ones, (n, 280), 16 ones in each row; different for different keys.
    """
    return _flat(_one_hot(keys))


def edges_and_sums(keys: Sequence[str]) -> Floats:
    """Mark every choice, and sum the marks over sources, targets, operations, and two of them.

    A tree that asks how many separable convolutions read the first input need not ask at every
    node.

    Args:
        keys: of n architectures.

    Returns:
        Numbers from 0 to 8, (n, 470).
    """
    marks = _one_hot(keys)
    return np.hstack([_flat(marks), *(_flat(marks.sum(axes)) for axes in _SUMMED_OVER)])


def _one_hot(keys: Sequence[str]) -> Floats:
    """Return marks (n, cell, source, target, operation)."""
    marks = np.zeros((len(keys), _CELLS, _SOURCES, _TARGETS, len(DIGITS)))
    for row, key in zip(marks, keys, strict=True):
        for cell, pairs in zip(row, cells_of(SPACE.parse(key)), strict=True):
            for target, (operation, source) in zip(NODES, pairs, strict=True):
                cell[source, target - INPUTS, DIGITS.index(operation)] = 1
    return marks


def _flat(marks: Floats) -> Floats:
    return marks.reshape(len(marks), -1)
