"""Pairs of DARTS cells.

Names, neighbours, canonical forms. Both spaces have them; `darts` stands for both.
"""

import ast
import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import torch
from any_space import is_read_or_refused
from darts_operations import OPERATIONS
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from zc_bench.errors import ZcBenchError
from zc_bench.spaces import Architecture, space_registry
from zc_bench.spaces.darts.layers import Cell
from zc_bench.spaces.darts.space import cells_of

SPACE = space_registry["darts"]

# The first architecture that NAS-Bench-Suite-Zero lists, by both names.
KEY = (
    "(((0, 6), (1, 4), (0, 0), (1, 5), (1, 4), (3, 2), (0, 6), (3, 2)), "
    "((0, 1), (1, 4), (0, 1), (1, 4), (2, 6), (3, 4), (1, 5), (2, 1)))"
)
NORMAL = (
    "[('dil_conv_5x5', 0), ('sep_conv_5x5', 1), ('max_pool_3x3', 0), ('dil_conv_3x3', 1), "
    "('sep_conv_5x5', 1), ('skip_connect', 3), ('dil_conv_5x5', 0), ('skip_connect', 3)]"
)
REDUCE = (
    "[('avg_pool_3x3', 0), ('sep_conv_5x5', 1), ('avg_pool_3x3', 0), ('sep_conv_5x5', 1), "
    "('dil_conv_5x5', 2), ('sep_conv_5x5', 3), ('dil_conv_3x3', 1), ('avg_pool_3x3', 2)]"
)
ALL = "[2, 3, 4, 5]"
NATIVE = f"Genotype(normal={NORMAL}, normal_concat={ALL}, reduce={REDUCE}, reduce_concat={ALL})"

nodes = [
    st.lists(st.integers(0, node - 1), min_size=2, max_size=2, unique=True).flatmap(
        lambda sources: st.tuples(
            *(st.tuples(st.just(source), st.integers(0, 6)) for source in sorted(sources))
        )
    )
    for node in (2, 3, 4, 5)
]
cells = st.tuples(*nodes).map(lambda cell: tuple(pair for node in cell for pair in node))
keys = st.tuples(cells, cells).map(str)


# Names


@pytest.mark.parametrize("space", ["darts", "nb301"])
def test_key_and_native_string_name_each_other(space: str) -> None:
    architecture = Architecture(space, KEY)
    assert space_registry[space].parse(KEY) == architecture
    assert space_registry[space].parse(NATIVE) == architecture
    assert space_registry[space].native(architecture) == NATIVE


@settings(max_examples=30, derandomize=True)
@given(keys)
def test_every_architecture_has_its_two_names(key: str) -> None:
    architecture = SPACE.parse(key)
    assert architecture == Architecture("darts", key)
    assert SPACE.parse(SPACE.native(architecture)) == architecture


def swapped(key: str) -> str:
    """Write both pairs of every node the other way round."""
    return str(
        tuple(
            tuple(pair for place in range(0, 8, 2) for pair in (cell[place + 1], cell[place]))
            for cell in ast.literal_eval(key)
        )
    )


@pytest.mark.parametrize(
    "text",
    [
        f"  {KEY}\n",
        KEY.replace(" ", ""),
        KEY.replace("(", "[").replace(")", "]"),
        swapped(KEY),
        NATIVE.replace(ALL, "range(2, 6)"),
        NATIVE.replace(ALL, "(2,3,4,5)"),
        NATIVE.replace("'", '"'),
        NATIVE.replace("[(", "((").replace(")]", "))"),
        NATIVE.replace(
            "('avg_pool_3x3', 0), ('sep_conv_5x5', 1)", "('sep_conv_5x5', 1), ('avg_pool_3x3', 0)"
        ),
        f"Genotype(reduce_concat={ALL}, reduce={REDUCE}, normal_concat={ALL}, normal={NORMAL})",
    ],
)
def test_a_name_may_be_written_loosely_and_comes_back_canonical(text: str) -> None:
    assert SPACE.parse(text).key == KEY


BAD = [
    "",
    "()",
    "7",
    "Genotype()",
    "[]",
    KEY[1:-1].split(")), ")[0] + "))",
    KEY.replace("(0, 6), (1, 4), (0, 0)", "(0, 6), (1, 4)"),
    KEY.replace("(0, 0)", "(0, 0), (1, 0)"),
    KEY.replace("(0, 0)", "(0, 7)"),
    KEY.replace("(0, 0)", "(0, -1)"),
    KEY.replace("(0, 0)", "(-1, 0)"),
    KEY.replace("(0, 0)", "(3, 0)"),
    KEY.replace("(0, 0)", "(0, True)"),
    KEY.replace("(0, 0)", "(False, 0)"),
    KEY.replace("(0, 0)", "(0.0, 0)"),
    KEY.replace("(0, 0)", "(0, 0.0)"),
    KEY.replace("(0, 0)", "(0, 0, 0)"),
    KEY.replace("(0, 0)", "0"),
    # Both operations of a node on the same predecessor.
    KEY.replace("(0, 0)", "(1, 0)"),
    KEY.replace("(0, 0)", "('max_pool_3x3', 0)"),
    "(" + NORMAL + ", " + REDUCE + ")",
    "{'normal': [], 'reduce': []}",
    NATIVE.replace("'max_pool_3x3'", "'none'"),
    NATIVE.replace("'max_pool_3x3'", "'max_pool'"),
    NATIVE.replace("('max_pool_3x3', 0)", "('max_pool_3x3', 1)"),
    NATIVE.replace("('max_pool_3x3', 0)", "('max_pool_3x3', 3)"),
    NATIVE.replace("('max_pool_3x3', 0)", "(0, 'max_pool_3x3')"),
    NATIVE.replace(f"normal_concat={ALL}", "normal_concat=range(2, 5)"),
    NATIVE.replace(f"reduce_concat={ALL}", "reduce_concat=[3, 4, 5]"),
    NATIVE.replace(f", reduce_concat={ALL}", ""),
    NATIVE.replace("Genotype(", "Genotype(1, "),
    NATIVE.replace("Genotype(", "darts.Genotype("),
    NATIVE.replace("Genotype(", "Genotype(**{}, "),
    NATIVE.replace(f"normal={NORMAL}", "normal=print('evaluated')"),
    NATIVE.replace(f"reduce={REDUCE}", "reduce=None"),
    NATIVE.removesuffix(")"),
    NATIVE.replace(f"normal_concat={ALL}", "normal_concat=" + "-" * 700 + "1"),
    "(" * 5000,
    "9" * 5000,
    "\x00",
    "\ud800",
    "{[]: 1}",
]


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_what_is_no_architecture_is_refused_and_the_forms_are_named(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(
        ZcBenchError, match=r"not a pair of DARTS cells: expected .* 'Genotype\(.*dil_conv_5x5\.$"
    ):
        SPACE.parse(text)
    assert capsys.readouterr().out == ""


TOKENS = [
    *"0123456789,()[]=' \n",
    "Genotype",
    "normal",
    "reduce",
    "_concat",
    "(0, 3), ",
    "range(2, 6)",
    *OPERATIONS,
]


@settings(max_examples=200, derandomize=True)
@given(st.one_of(st.text(), st.lists(st.sampled_from(TOKENS), max_size=40).map("".join)))
def test_any_text_is_an_architecture_or_a_clear_error(text: str) -> None:
    with pytest.raises(ZcBenchError):
        SPACE.parse(text)


@settings(max_examples=200, derandomize=True)
@given(
    st.sampled_from([KEY, NATIVE]),
    st.integers(0, len(NATIVE)),
    st.integers(0, 3),
    st.sampled_from([*TOKENS, ""]),
)
def test_a_damaged_name_is_an_architecture_or_a_clear_error(
    text: str, place: int, length: int, token: str
) -> None:
    assert is_read_or_refused(SPACE, text[:place] + token + text[place + length :])


# Choosing


def test_the_size_counts_the_keys() -> None:
    predecessors = math.prod(math.comb(node, 2) for node in (2, 3, 4, 5))
    assert SPACE.size == (predecessors * 7**8) ** 2 == 1_037_664_180**2


@settings(max_examples=5, derandomize=True)
@given(keys)
def test_an_architecture_has_120_neighbours_each_one_choice_away(key: str) -> None:
    neighbours = list(SPACE.neighbours(Architecture("darts", key)))
    # Six other operations for each of 16 pairs; in each cell, each pair of a node can move to the
    # 0..3 free inputs.
    assert len(set(neighbours)) == len(neighbours) == 16 * 6 + 2 * 2 * (0 + 1 + 2 + 3)
    for neighbour in neighbours:
        assert SPACE.parse(neighbour.key) == neighbour
        # Sorted, a node whose predecessor moved past the other one differs in both places: compare
        # as sets.
        left, right = (Counter(numbered(architecture)) for architecture in (key, neighbour.key))
        ((_, _, predecessor, digit),) = (left - right).elements()
        ((_, _, other_predecessor, other_digit),) = (right - left).elements()
        assert (predecessor == other_predecessor) != (digit == other_digit)
    assert Architecture("darts", key) in set(SPACE.neighbours(neighbours[-1]))


def numbered(key: str) -> list[tuple[int, int, int, int]]:
    """List cell, node, predecessor and operation of all pairs."""
    read = ast.literal_eval(key)
    return [(cell, place // 2, *pair) for cell in range(2) for place, pair in enumerate(read[cell])]


def test_sampling_is_uniform() -> None:
    generator = np.random.default_rng(0)
    drawn = [SPACE.sample(generator) for _ in range(1500)]
    assert all(SPACE.parse(architecture.key) == architecture for architecture in drawn[:50])
    pairs = [numbered(architecture.key) for architecture in drawn]
    for place in range(16):
        operations = Counter(architecture[place][3] for architecture in pairs)
        assert sorted(operations) == list(range(7))
        assert all(abs(count - 1500 / 7) < 5 * math.sqrt(1500 / 7) for count in operations.values())
    for place in range(0, 16, 2):
        node = 2 + place % 8 // 2
        sources = Counter(
            (architecture[place][2], architecture[place + 1][2]) for architecture in pairs
        )
        expected = 1500 / math.comb(node, 2)
        assert len(sources) == math.comb(node, 2)
        assert all(first < second for first, second in sources)
        assert all(abs(count - expected) <= 5 * math.sqrt(expected) for count in sources.values())


@settings(max_examples=20, derandomize=True)
@given(keys, keys, st.integers(0, 99))
def test_a_child_has_every_node_from_one_of_its_parents(first: str, second: str, seed: int) -> None:
    parents = [Architecture("darts", key) for key in (first, second)]
    child = SPACE.crossover(*parents, np.random.default_rng(seed))
    assert SPACE.parse(child.key) == child
    mine, *theirs = (numbered(architecture.key) for architecture in (child, *parents))
    for place in range(0, 16, 2):
        assert mine[place : place + 2] in [other[place : place + 2] for other in theirs]


def test_either_parent_gives_a_node_equally_often_and_independently() -> None:
    first = Architecture(
        "darts",
        str(tuple(tuple((source, 0) for source, _ in cell) for cell in ast.literal_eval(KEY))),
    )
    second = Architecture("darts", first.key.replace(", 0)", ", 1)"))
    generator = np.random.default_rng(0)
    children = [
        [pair[3] for pair in numbered(SPACE.crossover(first, second, generator).key)[::2]]
        for _ in range(800)
    ]
    for node in range(8):
        assert abs(sum(child[node] for child in children) - 400) < 5 * math.sqrt(200)
    for one, other in pairwise(range(8)):
        assert abs(sum(child[one] == child[other] for child in children) - 400) < 5 * math.sqrt(200)


# What it computes


def test_the_canonical_form_is_written_out() -> None:
    form = SPACE.canonical(SPACE.parse(KEY))
    normal, reduction = form.split(" | ")
    node_2, node_3, node_4, node_5 = normal.split("; ")
    assert node_2 == "dil_conv_5x5(x0)+sep_conv_5x5(x1)"
    assert node_3 == "dil_conv_3x3(x1)+max_pool_3x3(x0)"
    assert node_4 == "dil_conv_3x3(x1)+max_pool_3x3(x0)+sep_conv_5x5(x1)"
    assert node_5 == "dil_conv_3x3(x1)+dil_conv_5x5(x0)+max_pool_3x3(x0)"
    assert (
        reduction.split("; ")[3]
        == "avg_pool_3x3(avg_pool_3x3(x0)+sep_conv_5x5(x1))+dil_conv_3x3(x1)"
    )


def test_a_skip_connection_from_an_input_has_weights_in_a_reduction_cell_only() -> None:
    cell = ((0, 2), (1, 2), (0, 2), (2, 2), (0, 2), (3, 2), (0, 2), (4, 2))
    normal, reduction = SPACE.canonical(SPACE.parse(str((cell, cell)))).split(" | ")
    assert normal == "x0+x1; x0+x0+x1; x0+x0+x0+x1; x0+x0+x0+x0+x1"
    skip_0, skip_1 = "skip_connect(x0)", "skip_connect(x1)"
    assert reduction == "; ".join("+".join([skip_0] * count + [skip_1]) for count in (1, 2, 3, 4))


weightless = st.tuples(
    *(
        node.map(lambda pairs: tuple((source, 2 * (digit % 2)) for source, digit in pairs))
        for node in nodes
    )
).map(lambda cell: tuple(pair for node in cell for pair in node))


@settings(max_examples=10, derandomize=True)
@given(weightless)
def test_cells_without_weights_have_equal_forms_where_they_compute_the_same(
    cell: tuple[tuple[int, int], ...],
) -> None:
    """Of skip connections and maxima, which are not linear; against all their neighbours."""
    inputs = torch.randn(
        2, 1, 3, 12, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
    )

    def outputs(architecture: Architecture) -> torch.Tensor:
        built = Cell(cells_of(architecture)[0], (3, 3), 3, reduction=False)
        built.inputs = nn.ModuleList([nn.Identity(), nn.Identity()])
        return built(*inputs)

    architecture = SPACE.parse(str((cell, cell)))
    form, computed = SPACE.canonical(architecture), outputs(architecture)
    for neighbour in SPACE.neighbours(architecture):
        normal, reduction = ast.literal_eval(neighbour.key)
        if reduction == cell and {digit for _, digit in normal} <= {0, 2}:
            same = torch.allclose(outputs(neighbour), computed, atol=1e-9)
            assert (SPACE.canonical(neighbour) == form) == same


def test_both_cells_are_drawn() -> None:
    normal, reduction = SPACE.graphs(SPACE.parse(KEY))
    assert (normal.name, reduction.name) == ("normal cell", "reduction cell")
    assert normal.edges[:3] == (
        (0, 2, "dil_conv_5x5"),
        (1, 2, "sep_conv_5x5"),
        (0, 3, "max_pool_3x3"),
    )
    assert reduction.edges[7:] == (
        (2, 5, "avg_pool_3x3"),
        (2, 6, ""),
        (3, 6, ""),
        (4, 6, ""),
        (5, 6, ""),
    )
