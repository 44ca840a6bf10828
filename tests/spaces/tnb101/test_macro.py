"""TransNAS-Bench-101, macro: names, neighbours, and the blocks."""

from collections import Counter
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from any_space import build, is_read_or_refused, keys_without_names
from hypothesis import given, settings
from hypothesis import strategies as st
from tnb101_published import zen_scores
from torch import nn

from zc_bench.errors import ZcBenchError
from zc_bench.spaces import Architecture, CellGraph, space_registry
from zc_bench.spaces.tnb101.macro import modules

SPACE = space_registry["tnb101_macro"]


def every_code() -> list[str]:
    """Place one to three doublings and one to four halvings among four to six modules, as the authors do."""
    codes = []
    for length in (4, 5, 6):
        for wide, small in product(product((0, 1), repeat=length), repeat=2):
            if 1 <= sum(wide) <= 3 and 1 <= sum(small) <= 4:
                codes.append(
                    "".join(
                        str(1 + doubles + 2 * halves)
                        for doubles, halves in zip(wide, small, strict=True)
                    )
                )
    return codes


EVERY_CODE = every_code()
EVERY_KEY = {str(tuple(map(int, code.ljust(6, "0")))) for code in EVERY_CODE}

codes = st.sampled_from(EVERY_CODE)
some = settings(max_examples=50, derandomize=True)


def read(code: str) -> Architecture:
    return SPACE.parse(f"64-{code}-basic")


def network(code: str) -> nn.Module:
    return build(SPACE, read(code), "class_object")


# Names


def test_key_and_native_string_name_each_other_for_all_architectures() -> None:
    assert not keys_without_names(SPACE, EVERY_KEY)
    assert len(EVERY_KEY) == len(EVERY_CODE) == SPACE.size == 3256
    for code in EVERY_CODE:
        architecture = read(code)
        assert architecture.key in EVERY_KEY
        assert SPACE.native(architecture) == f"64-{code}-basic"
        assert SPACE.canonical(architecture) == architecture.key


def test_no_other_digits_are_an_architecture() -> None:
    accepted = set()
    for digits in product(range(5), repeat=6):
        try:
            accepted.add(SPACE.parse(str(digits)).key)
        except ZcBenchError:
            continue
    assert accepted == EVERY_KEY


@pytest.mark.data
def test_the_published_scores_are_of_these_architectures(shared_folder: Path) -> None:
    # There, without zeros at the end.
    for published in zen_scores(shared_folder, "tnb101_macro").values():
        assert len(published) == SPACE.size
        assert {SPACE.parse(key).key for key in published} == EVERY_KEY


@pytest.mark.parametrize(
    "text", ["(1,2,4,2,0,0)", " 1, 2, 4, 2\n", "(1, 2, 4, 2, 0)", " 64-1242-basic "]
)
def test_a_name_may_be_written_loosely_and_comes_back_canonical(text: str) -> None:
    assert SPACE.parse(text).key == "(1, 2, 4, 2, 0, 0)"


BAD = [
    "",
    "(0, 0, 0, 0, 0, 0)",
    "(1, 4, 1)",
    "(1, 4, 1, 0, 0, 0)",
    "(1, 2, 0, 4, 2, 1)",
    "(1, 2, 4, 2, 0, 0, 0)",
    "(1, 2, 2, 2, 2, 3)",
    "(1, 2, 2, 2, 1, 1)",
    "(1, 3, 3, 3, 1, 1)",
    "(3, 3, 3, 3, 4, 1)",
    "(1, 2, 4, 5, 0, 0)",
    "(1, 2, 4, True, 0, 0)",
    "64-124200-basic",
    "64-124-basic",
    "64-1212-basic",
    "64-1242-wide",
    "64-124٢-basic",
]


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_architecture_is_refused_and_the_forms_are_named(text: str) -> None:
    with pytest.raises(ZcBenchError, match=r"macro space: expected four to six digits 1\.\.4"):
        SPACE.parse(text)


@settings(max_examples=300, derandomize=True)
@given(
    st.text() | st.lists(st.sampled_from([*"01234,()- ", "64-", "basic"]), max_size=30).map("".join)
)
def test_any_text_is_an_architecture_or_a_clear_error(text: str) -> None:
    assert is_read_or_refused(SPACE, text, EVERY_KEY)


def test_the_graph_is_a_row_of_modules() -> None:
    (graph,) = SPACE.graphs(read("1342"))
    nodes = ("input", "keep", "shrink", "widen and shrink", "widen", "output")
    assert graph == CellGraph("network", nodes, tuple((place, place + 1, "") for place in range(5)))


# Choosing


def is_one_change(first: str, second: str) -> bool:
    """Return whether one letter changed, went or came: by taking a letter away at every place."""
    if len(first) == len(second):
        return sum(one != other for one, other in zip(first, second, strict=True)) == 1
    short, long = sorted((first, second), key=len)
    return len(long) == len(short) + 1 and any(
        long[:at] + long[at + 1 :] == short for at in range(len(long))
    )


@settings(max_examples=15, derandomize=True)
@given(codes)
def test_the_neighbours_are_all_architectures_one_module_away(code: str) -> None:
    neighbours = [
        "".join(map(str, modules(neighbour))) for neighbour in SPACE.neighbours(read(code))
    ]
    assert sorted(neighbours) == sorted(other for other in EVERY_CODE if is_one_change(code, other))


@some
@given(codes, codes)
def test_a_child_has_every_digit_from_a_parent(first: str, second: str) -> None:
    parents = read(first), read(second)
    child = SPACE.crossover(*parents, np.random.default_rng(0))
    assert child.key in EVERY_KEY
    assert all(
        own in theirs
        for own, *theirs in zip(child.key, *(parent.key for parent in parents), strict=True)
    )


def test_every_mix_of_the_parents_that_is_an_architecture_is_as_likely() -> None:
    first, second = read("1242"), read("314123")
    mixes = {
        str(digits) for digits in product((1, 3), (2, 1), (4,), (2, 1), (0, 2), (0, 3))
    } & EVERY_KEY
    generator = np.random.default_rng(0)
    children = Counter(
        SPACE.crossover(first, second, generator).key for _ in range(200 * len(mixes))
    )
    assert set(children) == mixes
    # 200 each, with a standard deviation of 14.
    assert all(abs(count - 200) < 5 * 14.2 for count in children.values())


def test_sampling_is_uniform() -> None:
    generator = np.random.default_rng(0)
    drawn = Counter(SPACE.sample(generator).key for _ in range(10 * 3256))
    assert set(drawn) <= EVERY_KEY
    # Chi-squared with 3255 degrees of freedom has a standard deviation of 81.
    statistic = sum((drawn[key] - 10) ** 2 / 10 for key in EVERY_KEY)
    assert abs(statistic - 3255) < 5 * 81


# The blocks


# Of what enters them.
WIDTHS = (64, 64, 64, 64, 64, 128, 128, 256)


def test_a_module_is_two_blocks_of_which_the_first_changes_the_shape() -> None:
    # Behind the stem's three layers, two blocks for every module.
    blocks = network("1342")[0][3:]
    shapes = [
        block(torch.randn(2, width, 8, 8)).shape[1:]
        for block, width in zip(blocks, WIDTHS, strict=True)
    ]
    assert (
        shapes
        == [(64, 8, 8)] * 2
        + [(64, 4, 4), (64, 8, 8)]
        + [(128, 4, 4), (128, 8, 8)]
        + [(256, 8, 8)] * 2
    )


@pytest.mark.parametrize(("place", "width"), [(0, 64), (4, 64)], ids=["keeping", "changing"])
def test_a_block_adds_two_convolutions_to_its_input_or_to_a_projection(
    place: int, width: int
) -> None:
    block = network("1342")[0][3 + place].double()
    x = torch.randn(2, width, 6, 6, dtype=torch.float64)
    functional = nn.functional
    stride = 2 if place else 1

    def convolved(
        entered: torch.Tensor, weight: torch.Tensor, stride: int, eps: float = 1e-5
    ) -> torch.Tensor:
        outputs = functional.conv2d(entered, weight, stride=stride, padding=weight.shape[-1] // 2)
        return functional.batch_norm(outputs, None, None, training=True, eps=eps)

    first, second = (part[1].weight for part in block.body)
    expected = convolved(convolved(x.relu(), first, stride).relu(), second, 1)
    # Epsilon is one in the projection, as in the authors' code.
    expected = expected + (convolved(x, block.shortcut[0].weight, stride, eps=1.0) if place else x)
    torch.testing.assert_close(block(x), expected)


def test_the_running_statistics_of_projections_are_those_of_the_last_batch() -> None:
    shortcut = network("1342")[0][7].shortcut
    x = torch.randn(4, 64, 6, 6)
    for _ in range(2):
        shortcut(x)
    variance = shortcut[0](x).transpose(0, 1).flatten(1).var(1)
    torch.testing.assert_close(shortcut[1].running_var, variance)
