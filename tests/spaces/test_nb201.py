"""NAS-Bench-201: names, neighbours, and networks as the benchmark trained them."""

import csv
import gzip
import math
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from any_space import build, is_read_or_refused, keys_without_names
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import zc_bench
from zc_bench.engine.declare import Requested
from zc_bench.engine.scores import Score, Status
from zc_bench.errors import ZcBenchError
from zc_bench.passes.forward import forward
from zc_bench.passes.layer_operations import LayerOperations
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.spaces import Architecture, space_registry
from zc_bench.spaces.nb201 import EDGES, OPERATIONS
from zc_bench.tasks import task_registry

SPACE = space_registry["nb201"]
EVERY_KEY = tuple(str(digits) for digits in product(range(5), repeat=6))

# From the published table; the edge orders differ.
PAIRS = {
    "(4, 0, 3, 1, 4, 3)": "|avg_pool_3x3~0|+|skip_connect~0|none~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_1x1~2|",
    "(2, 4, 0, 0, 3, 2)": "|nor_conv_3x3~0|+|avg_pool_3x3~0|skip_connect~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|",  # noqa: E501
    "(0, 0, 2, 1, 2, 3)": "|skip_connect~0|+|skip_connect~0|none~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_1x1~2|",
    "(1, 1, 1, 1, 1, 1)": "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|",
}


def network(key: str, task: str = "cifar10", seed: int = 0) -> nn.Module:
    return build(SPACE, SPACE.parse(key), task, seed)


# Names


@pytest.mark.parametrize(("key", "native"), PAIRS.items())
def test_known_architectures_have_their_published_names(key: str, native: str) -> None:
    architecture = Architecture("nb201", key)
    assert SPACE.parse(native) == architecture
    assert SPACE.native(architecture) == native


def test_key_and_native_string_name_each_other_for_all_architectures() -> None:
    assert not keys_without_names(SPACE, EVERY_KEY)
    assert len(EVERY_KEY) == SPACE.size == 15_625


@pytest.mark.parametrize("text", ["(4,0,3,1,4,3)", "  (4, 0, 3, 1, 4, 3)\n", "4, 0, 3, 1, 4, 3"])
def test_a_key_may_be_written_loosely_and_comes_back_canonical(text: str) -> None:
    assert SPACE.parse(text).key == "(4, 0, 3, 1, 4, 3)"


BAD = [
    "",
    "(4, 0, 3, 1, 4)",
    "(4, 0, 3, 1, 4, 3, 0)",
    "(4, 0, 3, 1, 4, 5)",
    "(4, 0, 3, 1, 4, -1)",
    "(4, 0, 3, 1, 4, 3.0)",
    "(4, 0, 3, 1, 4, True)",
    "[4, 0, 3, 1, 4, 3]",
    "{4, 0, 3}",
    "{[]}",
    "{[]: 1}",
    "((((((",
    "(" * 5000,
    "__import__('os').getcwd()",
    "|",
    "|none~0|",
    "|none~0|+|none~0|none~1|+|none~0|none~1|none~3|",
    "|none~0|+|none~1|none~0|+|none~0|none~1|none~2|",
    "|none~0|+|none~0|none~1|+|none~0|none~1|nothing~2|",
    "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|none~3|",
    "|none~" + "9" * 5000 + "|",
    "\x00|",
]


@pytest.mark.parametrize("text", BAD, ids=[text[:40] for text in BAD])
def test_what_is_no_architecture_is_refused_and_the_forms_are_named(text: str) -> None:
    with pytest.raises(
        ZcBenchError, match=r"not a NAS-Bench-201 architecture: expected six digits 0\.\.4"
    ):
        SPACE.parse(text)


digits = st.lists(
    st.sampled_from([*"0123456789,()[]{}|+~-. ", "none", "skip_connect", "nor_conv_3x3"]),
    max_size=40,
)


@settings(max_examples=300, derandomize=True)
@given(st.one_of(st.text(), digits.map("".join)))
def test_any_text_is_an_architecture_or_a_clear_error(text: str) -> None:
    assert is_read_or_refused(SPACE, text, EVERY_KEY)


# Choosing


@settings(max_examples=50, derandomize=True)
@given(st.sampled_from(EVERY_KEY))
def test_an_architecture_has_24_neighbours_each_one_operation_away(key: str) -> None:
    neighbours = list(SPACE.neighbours(SPACE.parse(key)))
    assert len(set(neighbours)) == len(neighbours) == 24
    for neighbour in neighbours:
        assert sum(one != other for one, other in zip(neighbour.key, key, strict=True)) == 1
        assert Architecture("nb201", key) in set(SPACE.neighbours(neighbour))


def test_sampling_is_uniform() -> None:
    generator = np.random.default_rng(0)
    drawn = [SPACE.sample(generator).key for _ in range(20_000)]
    assert set(drawn) <= set(EVERY_KEY)
    for edge in range(6):
        counts = Counter(key[1 + 3 * edge] for key in drawn)
        # 4000 each, with a standard deviation of 57.
        assert sorted(counts) == list("01234")
        assert all(abs(count - 4000) < 5 * 57 for count in counts.values())
    # As many distinct ones as drawing with replacement produces: 15625 * (1 - exp(-20000 / 15625))
    # = 11281.
    assert abs(len(set(drawn)) - 11_281) < 250


# Networks


@pytest.mark.parametrize("task", SPACE.tasks)
@pytest.mark.parametrize(
    "key", ["(1, 1, 1, 1, 1, 1)", "(2, 2, 2, 2, 2, 2)", "(4, 0, 3, 1, 4, 3)", "(3, 3, 2, 0, 4, 1)"]
)
def test_the_size_is_known_without_building(key: str, task: str) -> None:
    built = sum(parameter.numel() for parameter in network(key, task).parameters())
    assert SPACE.parameters(SPACE.parse(key), task_registry[task]) == built


@pytest.mark.parametrize(
    ("task", "classes", "size"),
    [("cifar10", 10, 32), ("cifar100", 100, 32), ("imagenet16-120", 120, 16)],
)
def test_the_network_takes_images_of_its_task_and_gives_one_logit_per_class(
    task: str, classes: int, size: int
) -> None:
    assert (task_registry[task].outputs, task_registry[task].image_size) == (classes, size)
    with torch.no_grad():
        outputs = network("(4, 0, 3, 1, 4, 3)", task)(torch.randn(2, 3, size, size))
    assert outputs.shape == (2, classes)


def test_the_seed_decides_the_weights() -> None:
    first, same, other = (
        network("(2, 0, 3, 1, 4, 3)", seed=seed).state_dict() for seed in (1, 1, 2)
    )
    assert all(torch.equal(first[name], same[name]) for name in first)
    assert not torch.equal(first["0.weight"], other["0.weight"])


def test_batch_normalisation_is_affine_and_tracked_and_relu_keeps_its_input() -> None:
    modules = list(network("(2, 0, 3, 1, 4, 3)").modules())
    norms = [module for module in modules if isinstance(module, nn.BatchNorm2d)]
    assert norms
    assert all(norm.affine and norm.track_running_stats for norm in norms)
    assert not any(module.inplace for module in modules if isinstance(module, nn.ReLU))


def test_the_cell_computes_the_sum_over_edges_of_the_operations() -> None:
    """The first cell of the architecture with skip on 0-1, 0-3 and 1-2, pooling on 2-3, against its formula."""
    built = network("(0, 1, 0, 0, 1, 4)").double()
    cell = built[2]
    x = torch.randn(2, 16, 8, 8, dtype=torch.float64)
    pooled = nn.functional.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)
    # Keys go by source: 0-1 skip, 0-2 none, 0-3 skip, 1-2 skip, 1-3 none, 2-3 pool.
    torch.testing.assert_close(cell(x), x + pooled)


def test_the_operation_none_keeps_infinities_visible() -> None:
    cell = network("(1, 1, 1, 1, 1, 1)")[2]
    x = torch.ones(1, 16, 2, 2)
    assert torch.equal(cell(x), torch.zeros_like(x))
    x[0, 0, 0, 0] = math.inf
    assert cell(x)[0, 0, 0, 0].isnan()


# Anchors: numbers that NAS-Bench-Suite-Zero published


@pytest.fixture(scope="module")
def batch() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(32, 3, 32, 32, generator=generator), torch.randint(
        10, (32,), generator=generator
    )


@pytest.fixture(scope="module")
def empty(batch: tuple[torch.Tensor, torch.Tensor]) -> dict[str, Score]:
    return zc_bench.score(network("(1, 1, 1, 1, 1, 1)"), *batch)


@pytest.fixture(scope="module")
def full(batch: tuple[torch.Tensor, torch.Tensor]) -> dict[str, Score]:
    names = ("params", "flops", "l2_norm", "synflow", "zen")
    return zc_bench.score(network("(2, 2, 2, 2, 2, 2)"), *batch, proxies=names)


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("params", 0.073306),
        ("flops", 7.943872),
        ("grad_norm", 0.0),
        ("snip", 0.0),
        ("plain", 0.0),
        ("grasp", 0.0),
    ],
)
def test_the_empty_cell_has_the_published_score(
    empty: dict[str, Score], name: str, published: float
) -> None:
    assert (empty[name].status, empty[name].value) == (Status.DONE, published)


def test_the_empty_cell_has_the_published_norm_up_to_the_draw_of_the_weights(
    empty: dict[str, Score],
) -> None:
    assert empty["l2_norm"].value == pytest.approx(27.76, rel=0.02)


def test_the_empty_cell_has_fisher_information_through_the_bias_of_the_classifier(
    empty: dict[str, Score],
) -> None:
    assert empty["fisher"].status is Status.DONE
    assert 0 < empty["fisher"].value < 1e-3


@pytest.mark.parametrize("name", ["jacov", "epe_nas", "nwot", "zen", "synflow"])
def test_the_empty_cell_has_no_score_where_nothing_depends_on_the_image(
    empty: dict[str, Score], name: str
) -> None:
    assert empty[name].status is Status.INVALID
    assert math.isnan(empty[name].value)
    assert empty[name].reason


@pytest.mark.parametrize("name", ["swap", "linear_regions"])
def test_the_empty_cell_has_one_pattern(empty: dict[str, Score], name: str) -> None:
    # The stem's and the reductions' units never see the image: the cells give zeros.
    assert empty[name].value == 1


@pytest.mark.parametrize(("name", "published"), [("params", 1.531546), ("flops", 222.860992)])
def test_the_full_cell_has_the_published_size(
    full: dict[str, Score], name: str, published: float
) -> None:
    assert full[name].value == published


@pytest.mark.parametrize(
    ("name", "published", "within"),
    [("l2_norm", 333.8, 0.002), ("synflow", 114.83, 0.01), ("zen", 180.68, 0.02)],
)
def test_the_full_cell_has_the_published_score_up_to_the_draw_of_the_weights(
    full: dict[str, Score], name: str, published: float, within: float
) -> None:
    assert full[name].value == pytest.approx(published, rel=within)


# The published table


@pytest.fixture(scope="module")
def published(shared_folder: Path) -> list[dict[str, str]]:
    with gzip.open(shared_folder / "reference" / "nb201_cifar10_13proxies.csv.gz", "rt") as file:
        return list(csv.DictReader(file))


def multiply_adds(trial: TrialInputs) -> int:
    """Count operations as the forward pass does where nothing else is asked."""
    counted = forward(trial, Requested([LayerOperations]))[2]
    assert counted is not None
    assert counted.total is not None
    return counted.total


def sizes(rows: list[dict[str, str]]) -> Iterator[tuple[str, tuple[int, int], tuple[int, int]]]:
    """Yield key, parameters and operations as counted on the network, and both as published."""
    images = torch.zeros(2, 3, 32, 32)
    for row in rows:
        built = network(row["net"])
        trial = TrialInputs(built.train(), images, None, nn.functional.cross_entropy, 0)
        counted = sum(parameter.numel() for parameter in built.parameters()), multiply_adds(trial)
        yield (
            row["net"],
            counted,
            (round(float(row["params"]) * 1e6), round(float(row["flops"]) * 1e6)),
        )


@pytest.mark.data
def test_published_names_and_parameters_are_ours(published: list[dict[str, str]]) -> None:
    assert len(published) == 9_445
    for row in published:
        architecture = SPACE.parse(row["net"])
        assert SPACE.parse(row["net_str"]) == architecture
        assert SPACE.native(architecture) == row["net_str"]
        assert SPACE.parameters(architecture, task_registry["cifar10"]) / 1e6 == float(
            row["params"]
        )


@pytest.mark.data
def test_published_sizes_are_those_of_forty_networks(published: list[dict[str, str]]) -> None:
    chosen = np.random.default_rng(0).choice(len(published), 40, replace=False)
    for key, counted, expected in sizes([published[index] for index in chosen]):
        assert counted == expected, key


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.parametrize("part", range(8))
def test_published_sizes_are_those_of_all_networks(
    published: list[dict[str, str]], part: int
) -> None:
    for key, counted, expected in sizes(published[part::8]):
        assert counted == expected, key


def test_canonical_forms_join_those_of_the_authors():
    """Their form (`to_unique_str`) keeps every zero as a term and tells 6,466 cells apart.

    Ours drops zeros.
    """

    def theirs(digits):
        named = dict(zip(EDGES, digits, strict=True))
        nodes = ["x"]
        for node in (1, 2, 3):
            terms = []
            for source in range(node):
                operation = OPERATIONS[named[source, node]]
                if operation == "none" or nodes[source] == "#":
                    terms.append("#")
                else:
                    terms.append(
                        nodes[source]
                        if operation == "skip_connect"
                        else f"({nodes[source]})@{operation}"
                    )
            nodes.append("+".join(sorted(terms)))
        return nodes[-1]

    space = space_registry["nb201"]
    found = {}
    for digits in product(range(5), repeat=6):
        form = space.canonical(space.parse(str(digits)))
        assert found.setdefault(theirs(digits), form) == form, digits
    assert len(found) == 6466
    assert len(set(found.values())) == 4930
