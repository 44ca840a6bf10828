"""The one cell that SWAP-NAS searches.

Which there are, how they vary, and what is stacked of them.
"""

import ast
import math
from itertools import chain, combinations, product

import numpy as np
import pytest
from darts_operations import OPERATIONS
from hypothesis import given, settings
from hypothesis import strategies as st

from zc_bench.engine.architectures import held_out
from zc_bench.errors import ZcBenchError
from zc_bench.spaces import Architecture, space_registry
from zc_bench.spaces.darts.space import cells_of
from zc_bench.tasks import task_registry

SPACE = space_registry["darts_search"]
CELL = (
    ("sep_conv_3x3", 0),
    ("dil_conv_5x5", 1),
    ("skip_connect", 0),
    ("skip_connect", 2),
    ("sep_conv_5x5", 1),
    ("max_pool_3x3", 2),
    ("avg_pool_3x3", 0),
    ("dil_conv_3x3", 4),
)
KEY = str(CELL)
PAIRS = str(list(CELL))
ALL = "[2, 3, 4, 5]"
NATIVE = f"Genotype(normal={PAIRS}, normal_concat={ALL}, reduce={PAIRS}, reduce_concat={ALL})"

nodes = [
    st.tuples(
        st.sampled_from(list(combinations(range(node), 2))),
        st.tuples(*[st.sampled_from(OPERATIONS)] * 2),
    ).map(lambda drawn: tuple(zip(drawn[1], drawn[0], strict=True)))
    for node in (2, 3, 4, 5)
]
keys = st.tuples(*nodes).map(lambda cell: str(tuple(chain.from_iterable(cell))))


def test_key_and_native_string_name_each_other() -> None:
    architecture = Architecture("darts_search", KEY)
    assert SPACE.parse(KEY) == SPACE.parse(NATIVE) == architecture
    assert SPACE.native(architecture) == NATIVE


def test_pairs_of_a_node_may_come_in_any_order() -> None:
    turned = (CELL[1], CELL[0], *CELL[2:])
    assert SPACE.parse(str(turned)) == Architecture("darts_search", KEY)


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        KEY.replace("avg_pool_3x3", "none"),
        KEY.replace("('skip_connect', 2)", "('skip_connect', 0)"),  # one predecessor twice
        KEY.replace("('dil_conv_3x3', 4)", "('dil_conv_3x3', 5)"),  # a node reads itself
        NATIVE.replace(
            "normal=[('sep_conv_3x3', 0)", "normal=[('sep_conv_5x5', 0)"
        ),  # two different cells
        NATIVE.replace(f"normal={PAIRS}", "normal=[]"),
    ],
)
def test_what_cannot_be_stacked_is_refused(text: str) -> None:
    with pytest.raises(
        ZcBenchError, match="is no DARTS cell that can be stacked: expected eight pairs"
    ):
        SPACE.parse(text)


def test_darts_reads_what_was_found_as_both_its_cells() -> None:
    found = space_registry["darts"].parse(SPACE.native(SPACE.parse(KEY)))
    assert cells_of(found) == (CELL, CELL)
    assert space_registry["darts"].parameters(found, task_registry["cifar10"]) > 1_000_000


def twin_of_neighbours(key: str) -> set[str]:
    """Try every cell that differs in one place, and keep those whose nodes read two different ones."""
    cell = ast.literal_eval(key)
    found = set()
    for place, node in enumerate((2, 2, 3, 3, 4, 4, 5, 5)):
        for pair in product(OPERATIONS, range(node)):
            changed = [*cell[:place], pair, *cell[place + 1 :]]
            by_node = [
                sorted(changed[start : start + 2], key=lambda pair: pair[1])
                for start in range(0, 8, 2)
            ]
            one_choice = (pair[0] == cell[place][0]) != (pair[1] == cell[place][1])
            if one_choice and all(first[1] != second[1] for first, second in by_node):
                found.add(str(tuple(chain.from_iterable(by_node))))
    return found


@settings(max_examples=10)
@given(keys)
def test_neighbours_are_all_cells_one_choice_away(key: str) -> None:
    found = [neighbour.key for neighbour in SPACE.neighbours(Architecture("darts_search", key))]
    assert len(found) == 60
    assert set(found) == twin_of_neighbours(key)


@settings(max_examples=20)
@given(keys, keys, st.integers(0, 99))
def test_a_child_takes_every_node_from_one_parent(first: str, second: str, seed: int) -> None:
    parents = [Architecture("darts_search", key) for key in (first, second)]
    child = SPACE.crossover(*parents, np.random.default_rng(seed))
    ours, theirs, new = (ast.literal_eval(key) for key in (first, second, child.key))
    for start in range(0, 8, 2):
        assert new[start : start + 2] in (ours[start : start + 2], theirs[start : start + 2])


def test_a_child_has_nodes_of_both_parents() -> None:
    first, second = (
        Architecture("darts_search", KEY.replace("skip_connect", name)) for name in OPERATIONS[3:5]
    )
    children = {
        SPACE.crossover(first, second, np.random.default_rng(seed)).key for seed in range(20)
    }
    assert children == {first.key, second.key}


def test_a_sample_is_uniform() -> None:
    cells = [ast.literal_eval(architecture.key) for architecture in held_out("darts_search", 1000)]
    for place, node in enumerate((2, 2, 3, 3, 4, 4, 5, 5)):
        for values, share in ((OPERATIONS, 1 / 7), (range(node), 2 / node)):
            drawn = [
                pair
                for cell in cells
                for pair in cell[place // 2 * 2 :][: 2 if share == 2 / node else 1]
            ]
            trials = 1000
            for value in values:
                count = sum(value in pair for pair in drawn)
                assert abs(count - trials * share) <= 5 * math.sqrt(trials * share)


@pytest.mark.parametrize(("task", "least", "most"), [("cifar10", 0.5, 2.5), ("imagenet", 25, 27.5)])
def test_sizes_are_those_of_the_paper(task: str, least: float, most: float) -> None:
    """Figures 5a and 7: thousands of parameters. A few of a thousand drawn cells lie outside."""
    sizes = [
        SPACE.parameters(cell, task_registry[task]) / 1e3 for cell in held_out("darts_search", 1000)
    ]
    assert sum(least <= size <= most for size in sizes) >= 980
    assert max(sizes) > most - 0.3
    assert min(sizes) < least + 0.2


@pytest.mark.parametrize("task", ["cifar10", "imagenet"])
def test_the_network_is_that_of_darts_cell(task: str) -> None:
    """Counted by hand: two projections of the image, eight operations, and the classifier."""
    projections = 2 * (3 * 6 + 12)
    pools_and_identity = 0
    reduced_skip = 6 * 6 + 12
    sep3 = 2 * (9 * 6 + 36 + 12)
    sep5 = 2 * (25 * 6 + 36 + 12)
    dil3, dil5 = 9 * 6 + 36 + 12, 25 * 6 + 36 + 12
    operations = sep3 + dil5 + reduced_skip + pools_and_identity + sep5 + dil3
    classifier = 24 * task_registry[task].outputs + task_registry[task].outputs
    assert (
        SPACE.parameters(SPACE.parse(KEY), task_registry[task])
        == projections + operations + classifier
    )
