"""Trivial baselines against networks that are built, and against paths that are walked."""

import numpy as np
import pytest
import torch
from torch import nn

from zc_bench.audits.baselines import baselines, layers_of, operations_of, shape_of
from zc_bench.errors import ZcBenchError
from zc_bench.spaces import CellGraph, space_registry
from zc_bench.tasks import task_registry

SPACES = ("nb101", "nb201", "nb301", "tnb101_micro", "tnb101_macro")


def sampled(name, count=30):
    space, generator = space_registry[name], np.random.default_rng(0)
    return space, [space.sample(generator) for _ in range(count)]


def convolutions(space, architecture, task):
    with torch.device("meta"):
        network = space.build(architecture, task_registry[task])
    return sum(isinstance(module, nn.Conv2d) for module in network.modules())


def test_layers_are_those_of_networks_of_nb201():
    """Fifteen cells, and as many layers around them in every network."""
    space, architectures = sampled("nb201", 12)
    frame = baselines("nb201", "cifar10", [one.key for one in architectures])
    rest = [
        convolutions(space, one, "cifar10") - 15 * layers
        for one, layers in zip(architectures, frame["layers"], strict=True)
    ]
    assert len(set(rest)) == 1


def test_params_are_those_of_networks():
    for name in SPACES:
        space, architectures = sampled(name, 3)
        task = task_registry[space.tasks[0]]
        frame = baselines(name, task.name, [one.key for one in architectures])
        for one, params in zip(architectures, frame["params"], strict=True):
            with torch.device("meta"):
                network = space.build(one, task)
            assert params == sum(weight.numel() for weight in network.parameters())


def walked(graph):
    """Return the layers of the path with most, by walking every path."""
    last, found = len(graph.nodes) - 1, [None]
    queue = [(node, 0) for node, name in enumerate(graph.nodes) if name.startswith("input")]
    while queue:
        node, layers = queue.pop()
        if node == last:
            found.append(layers)
        for source, target, label in graph.edges:
            if source == node and label != "none":
                more = layers_of(label) + layers_of(graph.nodes[target])
                queue.append((target, layers + more))
    return max((layers for layers in found if layers is not None), default=0)


@pytest.mark.parametrize("name", SPACES)
def test_depth_is_that_of_the_longest_path(name):
    space, architectures = sampled(name)
    for one in architectures:
        graphs = space.graphs(one)
        assert shape_of(graphs).depth == sum(map(walked, graphs))


def test_by_hand():
    graph = CellGraph(
        "cell",
        ("input", "conv3x3", "maxpool3x3", "conv1x1", "output"),
        ((0, 1, ""), (0, 2, ""), (1, 3, ""), (2, 3, ""), (3, 4, ""), (0, 4, "")),
    )
    assert shape_of([graph]) == (2, 2, 1)
    assert operations_of([graph]) == {"conv3x3": 1, "maxpool3x3": 1, "conv1x1": 1}
    space = space_registry["nb201"]
    dead = space.graphs(space.parse("(2, 1, 1, 2, 1, 1)"))
    assert shape_of(dead) == (0, 2, 1), "no path reaches the output"


def test_numbers_that_never_differ_are_left_out_and_signs_are_those_of_sizes():
    frame = baselines("nb201", "cifar10", ["(2, 2, 2, 2, 2, 2)", "(0, 2, 2, 2, 2, 1)"])
    assert "number of nor_conv_1x1" not in frame
    assert frame["fewer none"].tolist() == [0, -1]
    assert frame["fewer skip_connect"].tolist() == [0, -1]
    assert frame["number of nor_conv_3x3"].tolist() == [6, 4]


def test_a_key_of_another_space_is_refused():
    with pytest.raises(ZcBenchError, match="not a NAS-Bench-201 architecture"):
        baselines("nb201", "cifar10", ["nonsense"])
