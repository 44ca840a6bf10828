"""Pattern counting: the compiled loops, the plain torch form, and Python's own sets must agree exactly."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from zc_bench.kernels import pattern_count
from zc_bench.kernels.pattern_count import cpu, reference

IMAGES = (1, 2, 31, 32, 33, 63, 64, 65, 128, 130)
UNITS = (0, 1, 2, 63, 64, 65, 1023, 1024, 1025, 2050)
BACKENDS = pytest.mark.parametrize("backend", [cpu, reference], ids=["cpu", "reference"])
exact = settings(max_examples=40, deadline=None, derandomize=True)

# Everything that a rectifier may give, and what it may not.
SPECIAL = [0.0, -0.0, float("nan"), float("inf"), -float("inf"), 1e-45, -1e-45, 1e-38, 1.0, -1.0]


def rectified(images: int, units: int, seed: int = 0, distinct: int | None = None) -> Tensor:
    """Draw values (N, V), half of them zero; on request the units repeat that many patterns."""
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(images, units if distinct is None else distinct, generator=generator).relu()
    if distinct is not None:
        values = values[:, torch.randint(distinct, (units,), generator=generator)]
    return values


def tuples(values: Tensor) -> list[tuple[bool, ...]]:
    """List the pattern of every unit of (N, V), bit by bit."""
    return [tuple(value > 0 for value in unit) for unit in zip(*values.tolist(), strict=True)] if values.numel() else []


def unpacked(words: Tensor, images: int) -> list[tuple[bool, ...]]:
    """List the patterns that words hold, with Python's own integers."""
    rows = [[word % 2**64 for word in row] for row in words.tolist()]
    return [tuple(bool(row[image // 64] >> (image % 64) & 1) for image in range(images)) for row in rows]


def as_words(rows: list[list[int]]) -> Tensor:
    """Make words from unsigned integers."""
    return torch.from_numpy(np.array(rows, dtype=np.uint64).view(np.int64))


# Packing


@BACKENDS
@pytest.mark.parametrize("images", IMAGES)
@pytest.mark.parametrize("units", UNITS)
def test_a_packed_bit_says_whether_the_value_is_above_zero(backend, images: int, units: int) -> None:
    values = rectified(images, units, seed=images * units)
    words = backend.pack(values)
    assert words.dtype == torch.int64
    assert words.shape == (units, -(-images // 64))
    assert unpacked(words, images) == tuples(values)


@BACKENDS
@pytest.mark.parametrize("images", [1, 63, 65, 130])
def test_the_bits_beyond_the_images_are_zero(backend, images: int) -> None:
    words = backend.pack(torch.ones(images, 3))
    assert [sum(bin(word % 2**64).count("1") for word in row) for row in words.tolist()] == [images] * 3


@BACKENDS
@exact
@given(
    dtype=st.sampled_from([torch.float32, torch.float64, torch.float16, torch.bfloat16]),
    images=st.sampled_from(IMAGES),
    seed=st.integers(0, 2**31),
)
def test_odd_values_pack_as_comparison_with_zero_says(backend, dtype: torch.dtype, images: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.randint(len(SPECIAL), (images, 7), generator=generator)
    values = torch.tensor(SPECIAL, dtype=torch.float64)[chosen].to(dtype)
    assert unpacked(backend.pack(values), images) == tuples(values)


@BACKENDS
@pytest.mark.parametrize(
    ("dtype", "smallest"),
    [(torch.float64, 5e-324), (torch.float32, 2**-149), (torch.float16, 2**-24), (torch.bfloat16, 2**-133)],
)
def test_the_smallest_value_above_zero_is_active(backend, dtype: torch.dtype, smallest: float) -> None:
    values = torch.tensor([[smallest, -smallest, 0.0]], dtype=dtype)
    assert unpacked(backend.pack(values), 1) == [(True,), (False,), (False,)]


def layouts() -> dict[str, Tensor]:
    """Lay out five images of 4 x 6 x 7 values in memory in every way that torch has."""
    plain = torch.randn(5, 4, 6, 7, generator=torch.Generator().manual_seed(1)).relu()
    wide = torch.randn(5, 4, 6, 14, generator=torch.Generator().manual_seed(2)).relu()
    return {
        "contiguous": plain,
        "channels last": plain.to(memory_format=torch.channels_last),
        "transposed": plain.transpose(2, 3),
        "images not first in memory": plain.transpose(0, 1).contiguous().transpose(0, 1),
        "strided": wide[..., ::2],
        "strided images": torch.cat([plain, plain]).view(10, 4, 6, 7)[::2],
        "expanded": plain[:, :1].expand(5, 4, 6, 7),
        "expanded images": plain[:1].expand(5, 4, 6, 7),
        "a linear layer's": plain.flatten(1),
        "a sequence, transposed": plain.flatten(2).transpose(1, 2),
        "one value per image": plain[:, 0, 0, 0],
        "five dimensions": plain[:, :, None],
        "three dimensions, strided": wide[:, 0, :, ::2],
    }


@BACKENDS
@pytest.mark.parametrize("layout", layouts())
def test_every_memory_layout_gives_the_same_patterns(backend, layout: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pattern_count, "_backend", lambda _: backend)
    values = layouts()[layout]
    words = pattern_count.pack(values)
    expected = tuples(values.contiguous().reshape(5, -1))
    # The order of units is free, what they are is not.
    assert sorted(unpacked(words, 5)) == sorted(expected)
    assert pattern_count.count_distinct(words) == len(set(expected))


def test_packing_leaves_the_values_alone() -> None:
    values = rectified(3, 5)
    before = values.clone()
    pattern_count.pack(values)
    assert torch.equal(values, before)


def test_tensors_of_a_graph_and_of_inference_mode_pack() -> None:
    values = rectified(3, 5)
    with torch.inference_mode():
        inferred = pattern_count.pack(values * 1.0)
    graph = pattern_count.pack(values.clone().requires_grad_() * 1.0)
    assert inferred.tolist() == graph.tolist() == pattern_count.pack(values).tolist()


# Counting


@BACKENDS
@pytest.mark.parametrize("images", IMAGES)
@pytest.mark.parametrize("units", UNITS)
def test_as_many_distinct_patterns_as_a_set_has_members(backend, images: int, units: int) -> None:
    values = rectified(images, units, seed=images + units, distinct=max(1, units // 3) if units else None)
    assert backend.count_distinct(backend.pack(values)) == len(set(tuples(values)))


@exact
@given(
    images=st.integers(1, 140),
    units=st.integers(0, 300),
    distinct=st.integers(1, 300),
    dead=st.booleans(),
    seed=st.integers(0, 2**31),
)
def test_the_two_backends_agree(images: int, units: int, distinct: int, dead: bool, seed: int) -> None:  # noqa: FBT001
    values = rectified(images, units, seed, distinct)
    if dead:
        values = torch.cat([values, torch.zeros(images, 5)], dim=1)
    words = cpu.pack(values)
    assert torch.equal(words, reference.pack(values))
    assert cpu.count_distinct(words) == reference.count_distinct(words) == len(set(tuples(values)))
    assert torch.equal(cpu.coactivations(words, images), reference.coactivations(words, images))


@BACKENDS
@pytest.mark.parametrize("images", [3, 70])
def test_dead_units_are_one_pattern(backend, images: int) -> None:
    assert backend.count_distinct(backend.pack(torch.zeros(images, 100))) == 1


TOP = 2**63
LAST = 2**64 - 1
KEYS = {
    "all equal": [12345] * 3000,
    "all distinct": list(range(1, 3001)),
    "multiples of 2^52": [(index % 4096) << 52 for index in range(6000)],
    "multiples of 2^32": [index << 32 for index in range(3000)],
    "differing in the top bit only": [7, 7 | TOP] * 1000,
    "the zero word": [0] * 10,
    "zero and others": [0, 1, 0, 2, 0, TOP],
    "minus one": [LAST] * 10,
    "minus one and zero": [LAST, 0, LAST, 0],
    "one bit each": [1 << bit for bit in range(64)] * 3,
    "as many as slots would hold": list(range(1, 17)),
    "nothing": [],
}


@BACKENDS
@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS)
def test_one_word_keys_that_would_fool_a_hash_table(backend, keys: list[int]) -> None:
    words = as_words([[key] for key in keys]).reshape(len(keys), 1)
    assert backend.count_distinct(words) == len(set(keys))


@BACKENDS
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS)
def test_longer_keys_that_differ_in_one_word_only(backend, keys: list[int], place: int) -> None:
    rows = [[key if place == word else 99 for word in range(3)] for key in keys]
    words = as_words(rows).reshape(len(keys), 3)
    assert backend.count_distinct(words) == len(set(keys))


@BACKENDS
def test_the_order_of_words_matters(backend) -> None:
    assert backend.count_distinct(as_words([[1, 2], [2, 1], [1, 2], [3, 0], [0, 3]])) == 4


@BACKENDS
@exact
@given(rows=st.lists(st.tuples(st.integers(0, LAST), st.sampled_from([0, 1, TOP, LAST])), max_size=200), data=st.data())
def test_any_words_are_counted_like_a_set(backend, rows: list[tuple[int, int]], data: st.DataObject) -> None:
    repeated = rows + (data.draw(st.lists(st.sampled_from(rows), max_size=100)) if rows else [])
    words = as_words([list(row) for row in repeated]).reshape(len(repeated), 2)
    assert backend.count_distinct(words) == len(set(repeated))


def test_the_order_of_units_does_not_matter() -> None:
    words = pattern_count.pack(rectified(40, 3000, distinct=700))
    shuffled = words[torch.randperm(len(words), generator=torch.Generator().manual_seed(3))]
    assert pattern_count.count_distinct(words) == pattern_count.count_distinct(shuffled)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("shift", [0, 20, 40, 46])
def test_a_quarter_million_regular_keys_do_not_pile_up(shift: int) -> None:
    # Without mixing, these would all start at few slots, and insertion would take time quadratic in their number.
    keys = torch.arange(2**18, dtype=torch.int64) << shift
    assert pattern_count.count_distinct(keys[:, None]) == 2**18
    assert pattern_count.count_distinct(torch.stack([torch.zeros_like(keys), keys], dim=1)) == 2**18


# Coactivations


@BACKENDS
@pytest.mark.parametrize("images", IMAGES)
@pytest.mark.parametrize("units", UNITS)
def test_coactivations_equal_the_dense_product(backend, images: int, units: int) -> None:
    values = rectified(images, units, seed=images + 7 * units)
    bits = (values > 0).to(torch.int64)
    counts = backend.coactivations(backend.pack(values), images)
    assert counts.dtype == torch.int64
    assert torch.equal(counts, bits @ bits.T)


@BACKENDS
@pytest.mark.parametrize("images", [1, 64, 130])
def test_units_that_are_always_active_count_for_every_pair(backend, images: int) -> None:
    counts = backend.coactivations(backend.pack(torch.ones(images, 100)), images)
    assert torch.equal(counts, torch.full((images, images), 100))


@BACKENDS
def test_coactivations_read_words_in_any_memory_order(backend) -> None:
    values = rectified(70, 130)
    words = backend.pack(values)
    assert torch.equal(backend.coactivations(words.contiguous(), 70), backend.coactivations(words.T.contiguous().T, 70))


def test_cpu_tensors_go_to_the_compiled_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "pack", lambda _: pytest.fail("the slow form ran"))
    assert pattern_count.pack(torch.ones(2, 3)).tolist() == [[3]] * 3
