"""Cells on the page against the graphs of the spaces."""

from collections import Counter

import numpy as np
import pytest

from zc_bench.report.cell_diagrams import Cells
from zc_bench.spaces import space_registry


@pytest.mark.parametrize("name", ["nb101", "nb201", "nb301", "tnb101_macro", "tnb101_micro"])
def test_a_drawing_has_every_node_operation_and_path(name):
    space = space_registry[name]
    cells = Cells()
    generator = np.random.default_rng(0)
    for _ in range(20):
        architecture = space.sample(generator)
        drawn = cells.draw(name, architecture.key)
        for (shape, *labels), graph in zip(drawn, space.graphs(architecture), strict=True):
            layout = cells.shapes[shape]
            texts = [cells.labels[label][0] for label in labels]
            assert Counter(texts) == Counter(
                [*graph.nodes, *(label for *_, label in graph.edges if label)]
            )
            assert layout["name"] == graph.name
            assert len(layout["places"]) == len(texts)
            assert len(layout["routes"]) == sum(2 if label else 1 for *_, label in graph.edges)
            for route in layout["routes"]:
                layers = [layer for layer, _ in route]
                assert layers == list(range(layers[0], layers[0] + len(route)))
                assert len(route) >= 2
            assert walks(texts, layout) == walks_of(graph)


def walks(texts, layout):
    """List what is written along every way from a box without predecessor to one without successor."""
    at = {tuple(place): box for box, place in enumerate(layout["places"])}
    links = [(at[tuple(route[0])], at[tuple(route[-1])]) for route in layout["routes"]]
    return _walks(len(texts), [(source, target, "") for source, target in links], texts)


def walks_of(graph):
    """The same, of a graph whose edges may be operations."""
    return _walks(len(graph.nodes), graph.edges, graph.nodes)


def _walks(count, edges, texts):
    ends = {source for source, _, _ in edges}

    def after(node):
        if node not in ends:
            return [[texts[node]]]
        return [
            [texts[node], *([label] if label else []), *rest]
            for source, target, label in edges
            if source == node
            for rest in after(target)
        ]

    starts = set(range(count)) - {target for _, target, _ in edges}
    return sorted(tuple(walk) for start in starts for walk in after(start))


def test_architectures_share_shapes_and_labels():
    cells = Cells()
    space = space_registry["nb201"]
    generator = np.random.default_rng(0)
    for _ in range(50):
        cells.draw("nb201", space.sample(generator).key)
    assert len(cells.shapes) == 1
    assert len(cells.labels) == 4 + 5


def test_kinds_name_colours():
    cells = Cells()
    cells.draw("nb201", "(4, 3, 2, 1, 0, 1)")
    assert dict(cells.labels) == {
        "input": "end",
        "output": "end",
        "1": "node",
        "2": "node",
        "avg_pool_3x3": "op-pool",
        "nor_conv_1x1": "op-1x1",
        "nor_conv_3x3": "op-3x3",
        "none": "nothing",
        "skip_connect": "op",
    }


@pytest.mark.parametrize(("space", "key"), [("of_a_plugin", "x"), ("nb201", "no architecture")])
def test_what_cannot_be_read_is_not_drawn(space, key):
    assert Cells().draw(space, key) == []
