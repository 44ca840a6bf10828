"""Trivial baselines: numbers of an architecture that every run has for nothing.

All are functions of the architecture, read off its graphs. No network is built and no score is
read.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

import pandas as pd

from zc_bench.spaces import CellGraph, space_registry
from zc_bench.tasks import task_registry

STRUCTURAL = ("depth", "layers", "breadth", "params")
_WITHOUT_WEIGHTS = ("skip", "pool", "identity", "input", "output", "none")
_ZERO = "none"
# Convolution layers of an operation; any other operation with weights is one layer.
_LAYERS = {"sep_conv": 4, "dil_conv": 2}


class Shape(NamedTuple):
    """The shape of some graphs.

    Attributes:
        depth: layers with weights on the longest path from input to output, summed over graphs; 0
            where no path reaches the output.
        layers: layers with weights.
        breadth: the largest number of layers with weights that have the same depth, summed over
            graphs.
    """

    depth: int
    layers: int
    breadth: int


def layers_of(operation: str) -> int:
    """Return the number of layers with weights of an operation.

    Args:
        operation: the label of a node or an edge of a `CellGraph`.

    Examples:
        >>> [layers_of(name) for name in ("nor_conv_3x3", "sep_conv_5x5", "avg_pool_3x3", "0")]
        [1, 4, 0, 0]
    """
    if not operation or operation.isdigit() or any(word in operation for word in _WITHOUT_WEIGHTS):
        return 0
    return next((count for name, count in _LAYERS.items() if operation.startswith(name)), 1)


def operations_of(graphs: Iterable[CellGraph]) -> Counter[str]:
    """Count the operations of some graphs by name, inputs, outputs and sums apart."""
    labels = (
        label
        for graph in graphs
        for label in (*graph.nodes, *(label for _, _, label in graph.edges))
    )
    return Counter(
        label
        for label in labels
        if label and not label.isdigit() and not label.startswith(("input", "output"))
    )


def shape_of(graphs: Iterable[CellGraph]) -> Shape:
    """Return depth, layers and breadth of some graphs.

    Args:
        graphs: the graphs of an architecture; nodes in topological order.

    Examples:
        >>> from zc_bench.spaces import space_registry
        >>> space = space_registry["nb201"]
        >>> shape_of(space.graphs(space.parse("(2, 1, 0, 3, 2, 2)")))
        Shape(depth=3, layers=4, breadth=2)
    """
    shapes = [_shape(graph) for graph in graphs]
    return Shape(*(sum(part) for part in zip(*shapes, strict=True)))


def _shape(graph: CellGraph) -> Shape:
    """Return the shape of one graph; the level of a node is the depth of what enters it."""
    levels: list[int | None] = [0 if node.startswith("input") else None for node in graph.nodes]
    across: Counter[int] = Counter()
    layers = sum(map(layers_of, graph.nodes)) + sum(layers_of(label) for *_, label in graph.edges)
    for target, node in enumerate(graph.nodes):
        entering = [(levels[source], label) for source, end, label in graph.edges if end == target]
        reached = [
            level + layers_of(label)
            for level, label in entering
            if level is not None and label != _ZERO
        ]
        across.update(level for level, label in entering if level is not None and layers_of(label))
        if reached and node != _ZERO:
            level = max(reached) + layers_of(node)
            levels[target] = level
            across.update([level] if layers_of(node) else [])
    return Shape(levels[-1] or 0, layers, max(across.values(), default=0))


@cache
def _of_graphs(space: str, key: str) -> tuple[Shape, Counter[str]]:
    home = space_registry[space]
    graphs = home.graphs(home.parse(key))
    return shape_of(graphs), operations_of(graphs)


def baselines(space: str, task: str, keys: Sequence[str]) -> pd.DataFrame:
    """Compute the trivial baselines of some architectures.

    Args:
        space: the search space.
        task: the task; params depends on it.
        keys: canonical keys.

    Returns:
        Architectures x baselines: depth, layers, breadth, params, and the number of operations of each
        kind, "number of <operation>". Higher is read as better: the number of an operation without
        weights is negated, "fewer <operation>". A baseline that is the same for all is left out.

    Raises:
        ZcBenchError: if the space or the task is unknown, or a key names no architecture.

    Examples:
        >>> frame = baselines("nb201", "cifar10", ["(2, 1, 0, 3, 2, 2)", "(0, 0, 0, 0, 0, 0)"])
        >>> frame["depth"].tolist(), frame["number of nor_conv_3x3"].tolist()
        ([3, 0], [3, 0])
    """
    home, of_task = space_registry[space], task_registry[task]
    found = [_of_graphs(home.name, key) for key in keys]
    kinds = sorted({kind for _, counts in found for kind in counts})
    columns: dict[str, list[int]] = {
        name: [getattr(shape, name) for shape, _ in found] for name in Shape._fields
    }
    columns["params"] = [home.parameters(home.parse(key), of_task) for key in keys]
    for kind in kinds:
        counts = [number[kind] for _, number in found]
        if layers_of(kind):
            columns[f"number of {kind}"] = counts
        else:
            columns[f"fewer {kind}"] = [-count for count in counts]
    frame = pd.DataFrame(columns, index=pd.Index(list(keys), name="architecture"))
    return frame.loc[:, frame.nunique() > 1] if len(frame) > 1 else frame
