"""TransNAS-Bench-101, micro: names, neighbours, and the cell."""

from collections import Counter, defaultdict
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from any_space import build, is_read_or_refused, keys_without_names
from hypothesis import given, settings
from hypothesis import strategies as st
from tnb101_published import FAILED, zen_scores
from torch import Tensor, nn

import zc_bench
from zc_bench.engine.scores import Score, Status
from zc_bench.errors import ZcBenchError
from zc_bench.spaces import Architecture, CellGraph, space_registry
from zc_bench.spaces.tnb101.micro import EDGES

SPACE = space_registry["tnb101_micro"]
EVERY_CELL = tuple(product(range(4), repeat=6))
EVERY_KEY = [*map(str, EVERY_CELL)]

keys = st.sampled_from(EVERY_KEY)
some = settings(max_examples=50, derandomize=True)


def network(key: str, task: str = "class_object") -> nn.Module:
    return build(SPACE, SPACE.parse(key), task)


# Names


def test_key_and_native_string_name_each_other_for_all_architectures() -> None:
    assert not keys_without_names(SPACE, EVERY_KEY)
    assert len(EVERY_KEY) == SPACE.size == 4096


def test_a_known_architecture_has_its_authors_name() -> None:
    assert SPACE.native(Architecture("tnb101_micro", "(1, 0, 2, 3, 1, 2)")) == "64-41414-1_02_312"


@pytest.mark.parametrize("text", ["(1,0,2,3,1,2)", "  1, 0, 2, 3, 1, 2\n", " 64-41414-1_02_312 "])
def test_a_name_may_be_written_loosely_and_comes_back_canonical(text: str) -> None:
    assert SPACE.parse(text).key == "(1, 0, 2, 3, 1, 2)"


BAD = [
    "",
    "(1, 0, 2, 3, 1)",
    "(1, 0, 2, 3, 1, 2, 0)",
    "(1, 0, 2, 3, 1, 4)",
    "(1, 0, 2, 3, 1, -1)",
    "(1, 0, 2, 3, 1, True)",
    "[1, 0, 2, 3, 1, 2]",
    "64-41414-1_02_314",
    "64-41414-1_02_31",
    "64-1242-basic",
    "64-41414-١_02_312",
    "32-41414-1_02_312",
]


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_architecture_is_refused_and_the_forms_are_named(text: str) -> None:
    with pytest.raises(ZcBenchError, match=r"micro space: expected six digits 0\.\.3 like"):
        SPACE.parse(text)


@settings(max_examples=300, derandomize=True)
@given(
    st.text() | st.lists(st.sampled_from([*"01234,()_- ", "64-41414-"]), max_size=30).map("".join)
)
def test_any_text_is_an_architecture_or_a_clear_error(text: str) -> None:
    assert is_read_or_refused(SPACE, text, EVERY_KEY)


# What a cell computes


def value(cell: tuple[int, ...], *, halving: bool) -> float | None:
    """Compute a cell on a number, every operation an arbitrary function of its own.

    None is nothing.
    """
    nodes: list[float | None] = [0.3, None, None, None]
    for (source, target), digit in zip(EDGES, cell, strict=True):
        entered = nodes[source]
        if digit == 0 or entered is None:
            continue
        identity = digit == 1 and not (halving and source == 0)
        left = entered if identity else np.sin(digit * entered * 1.7 + digit)
        nodes[target] = (nodes[target] or 0.0) + left
    return nodes[3]


def test_canonical_forms_are_equal_where_what_is_computed_is() -> None:
    forms, values = defaultdict(set), defaultdict(set)
    for cell, key in zip(EVERY_CELL, EVERY_KEY, strict=True):
        found = [value(cell, halving=halving) for halving in (False, True)]
        rounded = tuple(None if item is None else round(item, 9) for item in found)
        forms[SPACE.canonical(SPACE.parse(key))].add(key)
        values[rounded].add(key)
    assert sorted(map(sorted, forms.values())) == sorted(map(sorted, values.values()))
    assert len(forms) == 1229


def test_a_skip_connection_is_an_operation_where_the_resolution_is_halved() -> None:
    # Through node 1 and past it: the same in the other cells only.
    first, second = (SPACE.parse(key) for key in ("(1, 0, 0, 2, 2, 0)", "(0, 1, 0, 2, 0, 2)"))
    assert SPACE.canonical(first) == SPACE.canonical(second)
    assert SPACE.canonical(first) == (
        "nor_conv_1x1(x)+nor_conv_1x1(x) | nor_conv_1x1(skip_connect(x))+nor_conv_1x1(x)"
    )
    third = SPACE.parse("(1, 1, 0, 2, 2, 0)")
    assert SPACE.canonical(third) == SPACE.canonical(first)


@pytest.mark.data
def test_the_architectures_without_a_path_are_those_without_a_published_score(
    shared_folder: Path,
) -> None:
    dead = {key for key in EVERY_KEY if SPACE.canonical(SPACE.parse(key)) == "0 | 0"}
    assert len(dead) == 169
    for published in zen_scores(shared_folder, "tnb101_micro").values():
        assert set(published) == set(EVERY_KEY)
        assert {key for key, score in published.items() if score == FAILED} == dead


def test_the_graph_is_the_cell() -> None:
    (graph,) = SPACE.graphs(SPACE.parse("(1, 0, 2, 3, 1, 2)"))
    labels = (
        "skip_connect",
        "none",
        "nor_conv_1x1",
        "nor_conv_3x3",
        "skip_connect",
        "nor_conv_1x1",
    )
    edges = tuple((*edge, label) for edge, label in zip(EDGES, labels, strict=True))
    assert graph == CellGraph("cell", ("input", "1", "2", "output"), edges)


# Choosing


@some
@given(keys)
def test_an_architecture_has_18_neighbours_each_one_operation_away(key: str) -> None:
    neighbours = list(SPACE.neighbours(SPACE.parse(key)))
    assert len(set(neighbours)) == len(neighbours) == 18
    for neighbour in neighbours:
        assert sum(one != other for one, other in zip(neighbour.key, key, strict=True)) == 1
        assert neighbour.key in EVERY_KEY


@some
@given(keys, keys)
def test_a_child_has_every_operation_from_a_parent(first: str, second: str) -> None:
    child = SPACE.crossover(SPACE.parse(first), SPACE.parse(second), np.random.default_rng(0))
    assert all(own in parents for own, *parents in zip(child.key, first, second, strict=True))


def test_both_parents_give_half_of_the_operations() -> None:
    generator = np.random.default_rng(0)
    parents = [SPACE.parse(key) for key in ("(0, 0, 0, 0, 0, 0)", "(3, 3, 3, 3, 3, 3)")]
    children = Counter(SPACE.crossover(*parents, generator).key for _ in range(6400))
    assert len(children) == 64
    assert all(abs(count - 100) < 50 for count in children.values())


def test_sampling_is_uniform() -> None:
    generator = np.random.default_rng(0)
    drawn = Counter(SPACE.sample(generator).key for _ in range(10 * 4096))
    assert set(drawn) <= set(EVERY_KEY)
    # Chi-squared with 4095 degrees of freedom has a standard deviation of 90.
    statistic = sum((drawn[key] - 10) ** 2 / 10 for key in EVERY_KEY)
    assert abs(statistic - 4095) < 5 * 90


# The cell


@pytest.mark.parametrize("key", ["(1, 2, 1, 2, 0, 1)", "(0, 1, 2, 1, 2, 2)"])
@pytest.mark.parametrize("place", [3, 4], ids=["halving", "keeping"])
def test_the_cell_adds_up_its_operations(key: str, place: int) -> None:
    # Behind the stem's three layers: the first cell halves the resolution.
    cell = network(key)[0][place].double()
    x = torch.randn(2, 128 if place == 4 else 64, 6, 6, dtype=torch.float64)
    nodes: list[Tensor | float] = [x, 0.0, 0.0, 0.0]
    for (source, target), edge in zip(EDGES, cell.edges, strict=True):
        nodes[target] = nodes[target] + edge(nodes[source])
    assert cell(x).shape == ((2, 128, 3, 3) if place == 3 else x.shape)
    torch.testing.assert_close(cell(x), nodes[3])


def test_operations_are_what_they_are_called() -> None:
    """Every operation alone between input and output, against its formula."""
    x = torch.randn(2, 64, 5, 5)
    functional = nn.functional
    for digit, (kernel, padding) in {2: (1, 0), 3: (3, 1)}.items():
        edge = network(f"(0, 0, 0, {digit}, 0, 0)")[0][3].edges[3]
        weight = edge[1].weight
        assert weight.shape == (128, 64, kernel, kernel)
        expected = functional.conv2d(x.relu(), weight, stride=2, padding=padding)
        torch.testing.assert_close(
            edge(x), functional.batch_norm(expected, None, None, training=True)
        )
    skip = network("(0, 0, 0, 1, 0, 0)")[0][3].edges[3]
    even, odd = (weight[:, :, 0, 0] for weight in (skip.even.weight, skip.odd.weight))
    padded = functional.pad(x.relu(), (0, 1, 0, 1))
    parts = [torch.einsum("oc,nchw->nohw", even, x.relu()[:, :, ::2, ::2])]
    parts.append(torch.einsum("oc,nchw->nohw", odd, padded[:, :, 1::2, 1::2]))
    expected = functional.batch_norm(torch.cat(parts, dim=1), None, None, training=True)
    torch.testing.assert_close(skip(x), expected)


def test_nothing_is_zero_times_the_input_or_zeros_where_the_shape_changes() -> None:
    halving, keeping = network("(0, 0, 0, 0, 0, 0)")[0][3:5]
    x = torch.full((1, 128, 3, 3), torch.inf)
    assert keeping(x).isnan().all()
    assert torch.equal(halving(x[:, :64]), torch.zeros(1, 128, 2, 2))


# Architectures that no image gets through: as published, gradients are zero and the others have no
# score


@pytest.fixture(scope="module")
def dead() -> dict[str, Score]:
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(4, 3, 32, 32, generator=generator)
    names = ("grad_norm", "snip", "plain", "fisher", "jacov", "synflow", "zen")
    return zc_bench.score(
        network("(2, 0, 0, 0, 0, 3)"), images, torch.tensor([0, 1, 2, 3]), proxies=names
    )


@pytest.mark.parametrize("name", ["grad_norm", "snip", "plain"])
def test_the_dead_network_has_no_gradient(dead: dict[str, Score], name: str) -> None:
    assert (dead[name].status, dead[name].value) == (Status.DONE, 0.0)


def test_the_dead_network_has_fisher_information_through_the_bias_of_the_classifier(
    dead: dict[str, Score],
) -> None:
    assert dead["fisher"].value > 0


@pytest.mark.parametrize("name", ["jacov", "synflow", "zen"])
def test_the_dead_network_has_no_score_where_nothing_depends_on_the_image(
    dead: dict[str, Score], name: str
) -> None:
    assert dead[name].status is Status.INVALID
