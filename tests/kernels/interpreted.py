"""The Triton kernels on the CPU, in Triton's interpreter.

Triton decides when it is imported whether it interprets: `test_triton.py` runs these tests in a
process of their own.
"""

import pytest
import torch
from cases import (
    KEYS,
    SPECIAL,
    TOP,
    as_words,
    expect_as_reference,
    in_one_bucket,
    layouts,
    rectified,
    tuples,
    unpacked,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from zc_bench.kernels import pattern_count
from zc_bench.kernels.pattern_count import triton

DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16]


@pytest.mark.parametrize("images", [1, 31, 32, 33, 63, 64, 65, 130])
@pytest.mark.parametrize("units", [0, 1, 127, 521])
def test_it_agrees_with_the_reference(images: int, units: int) -> None:
    distinct = 1 + units // 3
    expect_as_reference(triton, rectified(images, units, images + units, distinct))


@pytest.mark.parametrize("images", [1, 64, 65])
@pytest.mark.parametrize("dtype", DTYPES)
def test_odd_values_pack_as_comparison_with_zero_says(dtype: torch.dtype, images: int) -> None:
    generator = torch.Generator().manual_seed(images)
    smallest = [
        torch.finfo(dtype).smallest_normal,
        torch.nextafter(torch.zeros(1, dtype=dtype), torch.ones(1, dtype=dtype)),
    ]
    odd = torch.tensor([*SPECIAL, *smallest], dtype=torch.float64).to(dtype)
    values = odd[torch.randint(len(odd), (images, 50), generator=generator)]
    assert unpacked(triton.pack(values), images) == tuples(values)


@pytest.mark.parametrize("images", [1, 64, 65])
@pytest.mark.parametrize("dtype", DTYPES)
def test_dead_units_are_one_pattern(dtype: torch.dtype, images: int) -> None:
    never = torch.tensor(
        [0.0, -0.0, -1.0, -1e-45, float("nan"), -float("inf")], dtype=torch.float64
    )
    dead = never.repeat_interleave(20).expand(images, -1).to(dtype)
    assert triton.pack(dead).count_nonzero() == 0
    assert triton.count_distinct(triton.pack(dead)) == 1
    always = torch.full((images, 20), float("inf"), dtype=dtype)
    assert triton.count_distinct(triton.pack(torch.cat([dead, always], dim=1))) == 2
    expect_as_reference(triton, torch.cat([always, rectified(images, 20).to(dtype), dead], dim=1))


@pytest.mark.parametrize("layout", layouts())
def test_every_memory_layout_gives_the_same_patterns(layout: str) -> None:
    values = layouts()[layout]
    with pattern_count.forced("triton"):
        words = pattern_count.pack(values)
        distinct = pattern_count.count_distinct(words)
    expected = tuples(values.contiguous().reshape(5, -1))
    assert sorted(unpacked(words, 5)) == sorted(expected)
    assert distinct == len(set(expected))


@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS)
def test_keys_that_would_fool_a_hash_table(keys: list[int]) -> None:
    few = keys[:: 1 + len(keys) // 500]
    words = as_words([[key] for key in few]).reshape(len(few), 1)
    assert triton.count_distinct(words) == len(set(few))
    rows = as_words([[99, key, 99] for key in few]).reshape(len(few), 3)
    assert triton.count_distinct(rows) == len(set(few))


@pytest.mark.parametrize("shift", [0, 20, 44])
def test_keys_of_one_bucket(shift: int) -> None:
    keys = in_one_bucket(100, shift)
    assert triton.count_distinct(torch.cat([keys, keys])) == 100


def test_a_table_as_full_as_it_gets() -> None:
    # 2**k patterns in 2**(k + 1) slots: half of them are taken, and no insertion may fail to find
    # one.
    assert triton.count_distinct(torch.arange(1, 1025)[:, None]) == 1024


def test_words_are_read_in_any_memory_order() -> None:
    words = triton.pack(rectified(70, 130))
    transposed = words.T.contiguous().T
    assert triton.count_distinct(transposed) == triton.count_distinct(words)
    assert torch.equal(triton.coactivations(transposed, 70), triton.coactivations(words, 70))


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    images=st.integers(1, 140),
    units=st.integers(0, 200),
    distinct=st.integers(1, 200),
    dtype=st.sampled_from(DTYPES),
    seed=st.integers(0, 2**31),
)
def test_any_values(images: int, units: int, distinct: int, dtype: torch.dtype, seed: int) -> None:
    values = rectified(images, units, seed, distinct).to(dtype)
    expect_as_reference(
        triton, torch.cat([values, torch.zeros(images, seed % 5, dtype=dtype)], dim=1)
    )


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(st.sampled_from([0, 1, 7, TOP]), st.sampled_from([0, 1, TOP, 2**64 - 1])),
        max_size=200,
    )
)
def test_any_words_are_counted_like_a_set(rows: list[tuple[int, int]]) -> None:
    assert triton.count_distinct(
        as_words([list(row) for row in rows]).reshape(len(rows), 2)
    ) == len(set(rows))
