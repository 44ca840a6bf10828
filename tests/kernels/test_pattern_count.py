"""Pattern counting: the compiled loops, the plain torch form, and Python's own sets must agree exactly."""

import tracemalloc
from collections.abc import Iterator

import pytest
import torch
from cases import (
    IMAGES,
    KEYS,
    LAST,
    SPECIAL,
    TOP,
    UNITS,
    as_words,
    in_one_bucket,
    layouts,
    rectified,
    tuples,
    unpacked,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from zc_bench.errors import ZcBenchError
from zc_bench.kernels import pattern_count
from zc_bench.kernels.pattern_count import cpu, reference

BACKENDS = pytest.mark.parametrize("backend", [cpu, reference], ids=["cpu", "reference"])
exact = settings(max_examples=40, derandomize=True)

# Packing


@BACKENDS
@pytest.mark.parametrize("images", IMAGES)
@pytest.mark.parametrize("units", UNITS)
def test_a_packed_bit_says_whether_the_value_is_above_zero(
    backend, images: int, units: int
) -> None:
    values = rectified(images, units, seed=images * units)
    words = backend.pack(values)
    assert words.dtype == torch.int64
    assert words.shape == (units, -(-images // 64))
    assert unpacked(words, images) == tuples(values)


@BACKENDS
@pytest.mark.parametrize("images", [1, 63, 65, 130])
def test_the_bits_beyond_the_images_are_zero(backend, images: int) -> None:
    words = backend.pack(torch.ones(images, 3))
    assert [sum(bin(word % 2**64).count("1") for word in row) for row in words.tolist()] == [
        images
    ] * 3


@BACKENDS
@exact
@given(
    dtype=st.sampled_from([torch.float32, torch.float64, torch.float16, torch.bfloat16]),
    images=st.sampled_from(IMAGES),
    seed=st.integers(0, 2**31),
)
def test_odd_values_pack_as_comparison_with_zero_says(
    backend, dtype: torch.dtype, images: int, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.randint(len(SPECIAL), (images, 7), generator=generator)
    values = torch.tensor(SPECIAL, dtype=torch.float64)[chosen].to(dtype)
    assert unpacked(backend.pack(values), images) == tuples(values)


@BACKENDS
@pytest.mark.parametrize(
    ("dtype", "smallest"),
    [
        (torch.float64, 5e-324),
        (torch.float32, 2**-149),
        (torch.float16, 2**-24),
        (torch.bfloat16, 2**-133),
    ],
)
def test_the_smallest_value_above_zero_is_active(
    backend, dtype: torch.dtype, smallest: float
) -> None:
    values = torch.tensor([[smallest, -smallest, 0.0]], dtype=dtype)
    assert unpacked(backend.pack(values), 1) == [(True,), (False,), (False,)]


@BACKENDS
@pytest.mark.parametrize("layout", layouts())
def test_every_memory_layout_gives_the_same_patterns(backend, layout: str) -> None:
    values = layouts()[layout]
    words = backend.pack(pattern_count.per_image(values))
    expected = tuples(values.contiguous().reshape(5, -1))
    # The order of units is free, what they are is not.
    assert sorted(unpacked(words, 5)) == sorted(expected)
    assert backend.count_distinct(words) == len(set(expected))


@pytest.mark.parametrize(
    "layout", sorted(set(layouts()) - {"expanded", "images not first in memory"})
)
def test_values_that_lie_in_one_raster_per_image_are_not_copied(layout: str) -> None:
    values = layouts()[layout]
    assert pattern_count.per_image(values).data_ptr() == values.data_ptr()


def test_values_of_another_type_are_refused() -> None:
    with pytest.raises(TypeError, match=r"torch\.float16, not torch\.int32"):
        pattern_count.pack(torch.ones(2, 3, dtype=torch.int32))


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
    values = rectified(
        images, units, seed=images + units, distinct=max(1, units // 3) if units else None
    )
    assert backend.count_distinct(backend.pack(values)) == len(set(tuples(values)))


@exact
@given(
    images=st.integers(1, 140),
    units=st.integers(0, 300),
    distinct=st.integers(1, 300),
    dead=st.booleans(),
    seed=st.integers(0, 2**31),
)
def test_the_two_backends_agree(
    images: int, units: int, distinct: int, dead: bool, seed: int
) -> None:
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
@pytest.mark.parametrize("largest", [2**32 - 1, 2**32, 2**32 + 1, LAST])
def test_words_on_either_side_of_32_bits_stay_apart(backend, largest: int) -> None:
    # Cut to 32 bits, some would be equal to others, or not to themselves when they come again.
    keys = [0, 1, 2**31, 2**32 - 1, largest, largest ^ 1, largest & 0xFFFFFFFF] * 2
    assert backend.count_distinct(as_words([[key] for key in keys])) == len(set(keys))


@BACKENDS
def test_the_order_of_words_matters(backend) -> None:
    assert backend.count_distinct(as_words([[1, 2], [2, 1], [1, 2], [3, 0], [0, 3]])) == 4


@BACKENDS
@exact
@given(
    rows=st.lists(
        st.tuples(st.integers(0, LAST), st.sampled_from([0, 1, TOP, LAST])), max_size=200
    ),
    data=st.data(),
)
def test_any_words_are_counted_like_a_set(
    backend, rows: list[tuple[int, int]], data: st.DataObject
) -> None:
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
    # Without mixing, these would all start at few slots, and insertion would take time quadratic in
    # their number.
    keys = torch.arange(2**18, dtype=torch.int64) << shift
    assert pattern_count.count_distinct(keys[:, None]) == 2**18
    assert pattern_count.count_distinct(torch.stack([torch.zeros_like(keys), keys], dim=1)) == 2**18


@pytest.fixture(params=[1, 2, 3, 40])
def _threads(request: pytest.FixtureRequest) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("_threads")
@pytest.mark.parametrize("words", [1, 2, 3])
@pytest.mark.parametrize("part", [10, 5000, 60_000])
def test_what_is_counted_in_parts_is_counted_once(
    words: int, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cpu, "_FEW", part)
    monkeypatch.setattr(cpu, "_PART", part)
    drawn = torch.randint(
        -(2**63), 2**63 - 1, (70_001, words), generator=torch.Generator().manual_seed(words)
    )
    dead = torch.zeros(40_000, words, dtype=torch.int64)
    rows = torch.cat([drawn, dead, drawn[:50_000], dead + 7])
    assert cpu.count_distinct(rows) == 70_001 + 2
    assert cpu.count_distinct(rows.T.contiguous().T) == 70_001 + 2


def test_patterns_that_all_fall_into_one_part_let_its_table_grow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cpu, "_FEW", 1000)
    keys = in_one_bucket(100_000)
    assert cpu.count_distinct(torch.cat([keys, keys])) == 100_000
    pairs = torch.cat([torch.full_like(keys, 3), keys], dim=1)
    assert cpu.count_distinct(torch.cat([pairs, pairs])) == 100_000


@pytest.mark.parametrize("shift", [20, 44])
def test_patterns_that_all_begin_at_one_slot_are_counted(shift: int) -> None:
    assert cpu.count_distinct(in_one_bucket(3000, shift)) == 3000


@pytest.mark.parametrize("equal", [False, True], ids=["distinct", "equal"])
def test_counting_needs_the_words_once_more_and_small_tables(equal: bool) -> None:
    words = torch.full((10**6, 1), 5) if equal else torch.arange(10**6)[:, None]
    cpu.count_distinct(words[:70_000])  # compiles
    tracemalloc.start()
    cpu.count_distinct(words)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8e6 + torch.get_num_threads() * 2**20


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
    assert torch.equal(
        backend.coactivations(words.contiguous(), 70),
        backend.coactivations(words.T.contiguous().T, 70),
    )


# What runs where


@pytest.mark.parametrize(
    ("device", "triton", "expected"),
    [
        ("cpu", True, "cpu"),
        ("cpu", False, "cpu"),
        ("cuda", True, "triton"),
        ("cuda", False, "reference"),
        ("mps", True, "reference"),
    ],
)
def test_a_device_is_served_by_its_own_form(
    device: str, triton: bool, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pattern_count, "_has_triton", lambda: triton)
    assert pattern_count.backend(torch.device(device)) == expected


def test_cpu_tensors_go_to_the_compiled_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "pack", lambda _: pytest.fail("the slow form ran"))
    assert pattern_count.pack(torch.ones(2, 3)).tolist() == [[3]] * 3


def test_a_form_can_be_forced_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu, "pack", lambda _: pytest.fail("another form ran"))
    with pattern_count.forced("reference"):
        assert pattern_count.backend(torch.device("cpu")) == "reference"
        assert pattern_count.pack(torch.ones(2, 3)).tolist() == [[3]] * 3
    assert pattern_count.backend(torch.device("cpu")) == "cpu"


def test_a_form_can_be_forced_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZC_BENCH_PATTERN_COUNT", "reference")
    assert pattern_count.backend(torch.device("cpu")) == "reference"
    with pattern_count.forced("cpu"):
        assert pattern_count.backend(torch.device("cpu")) == "cpu"


def test_a_form_that_does_not_exist_is_refused_by_name() -> None:
    with (
        pattern_count.forced("trition"),
        pytest.raises(ZcBenchError, match="did you mean 'triton'"),
    ):
        pattern_count.backend(torch.device("cpu"))
