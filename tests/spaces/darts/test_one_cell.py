"""The one-cell network of the authors of SWAP.

Names, neighbours, and the network, counted by hand.
"""

import ast
import math
from collections import Counter

import numpy as np
import pytest
import torch
from any_space import build, is_read_or_refused
from darts_operations import OPERATIONS_AND_NONE as OPERATIONS
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import zc_bench
from zc_bench.engine.scores import Status
from zc_bench.errors import ZcBenchError
from zc_bench.images import Batch
from zc_bench.spaces import Architecture, space_registry
from zc_bench.tasks import task_registry

SPACE = space_registry["darts_cell"]
TASK = task_registry["cifar10"]
NODES = (2, 2, 3, 3, 4, 4, 5, 5)

CELL = (
    ("sep_conv_3x3", 0),
    ("dil_conv_5x5", 1),
    ("skip_connect", 0),
    ("skip_connect", 2),
    ("sep_conv_5x5", 2),
    ("max_pool_3x3", 1),
    ("none", 0),
    ("dil_conv_3x3", 4),
)
KEY = str(CELL)
PAIRS = str(list(CELL))
NATIVE = f"Genotype(normal={PAIRS}, normal_concat=[2, 3, 4, 5], reduce={PAIRS}, reduce_concat=[2, 3, 4, 5])"  # as published  # noqa: E501

cells = st.tuples(
    *(st.tuples(st.sampled_from(OPERATIONS), st.integers(0, node - 1)) for node in NODES)
)


def everywhere(name: str, predecessor: int = 0) -> tuple[tuple[str, int], ...]:
    """The cell that has the same operation on the same predecessor eight times."""
    return ((name, predecessor),) * 8


def network(cell: tuple[tuple[str, int], ...], seed: int = 0) -> nn.Module:
    return build(SPACE, Architecture("darts_cell", str(cell)), TASK.name, seed)


# Names


def test_key_and_native_string_name_each_other() -> None:
    architecture = Architecture("darts_cell", KEY)
    assert SPACE.parse(KEY) == architecture
    assert SPACE.parse(NATIVE) == architecture
    assert SPACE.native(architecture) == NATIVE


@settings(max_examples=100, derandomize=True)
@given(cells)
def test_every_cell_has_its_two_names(cell: tuple[tuple[str, int], ...]) -> None:
    architecture = SPACE.parse(str(cell))
    assert architecture == Architecture("darts_cell", str(cell))
    assert SPACE.parse(SPACE.native(architecture)) == architecture


@pytest.mark.parametrize(
    "text",
    [
        f"  {KEY}\n",
        KEY.replace(" ", ""),
        KEY.replace("'", '"'),
        PAIRS,
        NATIVE.replace("[2, 3, 4, 5]", "range(2, 6)"),
        NATIVE.replace("[2, 3, 4, 5]", "(2,3,4,5)"),
        f"Genotype(reduce={PAIRS}, reduce_concat=[2, 3, 4, 5], normal={PAIRS}, normal_concat=[2, 3, 4, 5])",
        # The cell is a reduction cell, whatever the normal one is.
        f"Genotype(normal=[], normal_concat=[2], reduce={PAIRS}, reduce_concat=[2, 3, 4, 5])",
    ],
)
def test_a_name_may_be_written_loosely_and_comes_back_canonical(text: str) -> None:
    assert SPACE.parse(text).key == KEY


def test_the_order_of_a_nodes_pairs_is_kept() -> None:
    swapped = str((CELL[1], CELL[0], *CELL[2:]))
    assert SPACE.parse(swapped).key == swapped != KEY


BAD = [
    "",
    "()",
    "None",
    "7",
    "Genotype",
    "Genotype()",
    str(CELL[:7]),
    str((*CELL, ("none", 0))),
    str(set(CELL)),
    str(CELL).replace("'none', 0", "'none', 5"),
    str(CELL).replace("'none', 0", "'none', -1"),
    str(CELL).replace("'none', 0", "'none', 0.0"),
    str(CELL).replace("'none', 0", "'none', True"),
    str(CELL).replace("'none', 0", "'none'"),
    str(CELL).replace("'none', 0", "'none', 0, 0"),
    str(CELL).replace("'none', 0", "0, 'none'"),
    str(CELL).replace("'none'", "'nothing'"),
    str(CELL).replace("'none'", "b'none'"),
    str(CELL).replace("'none'", "['none']"),
    str(CELL).replace("('none', 0)", "'n0'"),
    str(CELL).replace("'none', 0", "**'none', 0"),
    NATIVE.removesuffix(")"),
    NATIVE.replace("Genotype", "genotype"),
    NATIVE.replace("Genotype", "darts.Genotype"),
    NATIVE.replace("reduce_concat=[2, 3, 4, 5]", "reduce_concat=[2, 3, 4]"),
    NATIVE.replace("reduce_concat=[2, 3, 4, 5]", "reduce_concat=range(2, 5)"),
    NATIVE.replace("reduce_concat=[2, 3, 4, 5]", "reduce_concat=__import__('os').getcwd()"),
    NATIVE.replace(", reduce_concat=[2, 3, 4, 5]", ""),
    NATIVE.replace("normal=", "usual="),
    NATIVE.replace("normal_concat=[2, 3, 4, 5]", "**{}"),
    NATIVE.replace("Genotype(", "Genotype(1, "),
    NATIVE.replace("Genotype(", "Genotype(normal=[], "),
    NATIVE.replace(f"reduce={PAIRS}", "reduce=[]"),
    NATIVE.replace(f"reduce={PAIRS}", "reduce=print('evaluated')"),
    f"{NATIVE}; {NATIVE}",
    "__import__('os').getcwd()",
    "{[]: 1}",
    "(" * 5000,
    "-" * 50_000 + "1",
    "1" + "+1" * 50_000,
    "9" * 5000,
    "\x00",
    "\ud800",
    "'\\d'",
]


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_what_is_no_architecture_is_refused_and_the_forms_are_named(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(
        ZcBenchError,
        match=r"not a DARTS cell: expected eight pairs .* or 'Genotype\(.*dil_conv_5x5\.$",
    ):
        SPACE.parse(text)
    assert capsys.readouterr().out == ""


TOKENS = [
    *"0123456789,()[]{}=*.'\" \n",
    "Genotype",
    "normal",
    "reduce",
    "_concat",
    "range",
    *OPERATIONS,
    *map(str, CELL),
]
tokens = st.lists(st.sampled_from(TOKENS), max_size=40).map("".join)


@settings(max_examples=500, derandomize=True)
@given(st.one_of(st.text(), tokens))
def test_any_text_is_an_architecture_or_a_clear_error(text: str) -> None:
    assert is_read_or_refused(SPACE, text)


@settings(max_examples=500, derandomize=True)
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


def test_the_size_counts_operations_and_predecessors() -> None:
    assert SPACE.size == math.prod(8 * node for node in NODES) == 241_591_910_400


@settings(max_examples=30, derandomize=True)
@given(cells)
def test_an_architecture_has_76_neighbours_each_one_choice_away(
    cell: tuple[tuple[str, int], ...],
) -> None:
    architecture = Architecture("darts_cell", str(cell))
    neighbours = list(SPACE.neighbours(architecture))
    # Seven other operations for each pair, and 1 + 1 + 2 + 2 + 3 + 3 + 4 + 4 other predecessors.
    assert len(set(neighbours)) == len(neighbours) == 8 * 7 + 20
    for neighbour in neighbours:
        other = ast.literal_eval(neighbour.key)
        assert (
            sum(
                a != b
                for one, two in zip(cell, other, strict=True)
                for a, b in zip(one, two, strict=True)
            )
            == 1
        )
        assert SPACE.parse(neighbour.key) == neighbour
    assert architecture in set(SPACE.neighbours(neighbours[-1]))


def test_sampling_is_uniform() -> None:
    generator = np.random.default_rng(0)
    drawn = [ast.literal_eval(SPACE.sample(generator).key) for _ in range(5000)]
    for place, node in enumerate(NODES):
        choices = Counter(cell[place] for cell in drawn)
        expected = 5000 / (8 * node)
        assert set(choices) == {
            (name, predecessor) for name in OPERATIONS for predecessor in range(node)
        }
        assert all(abs(count - expected) < 5 * math.sqrt(expected) for count in choices.values())


# Networks


def test_the_parameters_are_those_counted_by_hand() -> None:
    inputs = 2 * (3 * 6 + 2 * 6)
    # Depthwise and pointwise weights and the scale and shift of each batch normalisation; a
    # separable one comes twice.
    separable_3, separable_5 = 2 * (6 * 9 + 6 * 6 + 12), 2 * (6 * 25 + 6 * 6 + 12)
    dilated_3, dilated_5 = 6 * 9 + 6 * 6 + 12, 6 * 25 + 6 * 6 + 12
    # The skip connection from an input halves the resolution by convolutions; the one from node 2
    # has no weights.
    reducing_skip = 2 * (6 * 3) + 12
    classifier = 24 * 10 + 10
    by_hand = (
        inputs + separable_3 + dilated_5 + reducing_skip + separable_5 + dilated_3 + classifier
    )
    assert SPACE.parameters(SPACE.parse(KEY), TASK) == by_hand == 1258


@settings(max_examples=50, derandomize=True)
@given(cells)
def test_the_size_is_known_without_building(cell: tuple[tuple[str, int], ...]) -> None:
    built = sum(parameter.numel() for parameter in network(cell).parameters())
    assert SPACE.parameters(Architecture("darts_cell", str(cell)), TASK) == built


def test_the_rectified_units_are_those_counted_by_hand() -> None:
    units = Counter[str]()

    def count(module: nn.Module, _: object, output: torch.Tensor) -> None:
        units["all"] += output[0].numel()

    built = network(CELL)
    for module in built.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(count)
    built(torch.randn(2, 3, 32, 32))
    full, half = 6 * 32 * 32, 6 * 16 * 16
    inputs = 2 * 3 * 32 * 32
    separable_3_on_0, dilated_5_on_1, skip_on_0 = full + half, full, full
    separable_5_on_2, dilated_3_on_4 = half + half, half
    by_hand = (
        inputs + separable_3_on_0 + dilated_5_on_1 + skip_on_0 + separable_5_on_2 + dilated_3_on_4
    )
    assert units["all"] == by_hand == 30_720


@pytest.mark.parametrize("predecessor", [0, 1, "last"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_gives_24_channels_at_half_the_resolution(
    name: str, predecessor: int | str
) -> None:
    cell = (
        everywhere(name, predecessor)
        if isinstance(predecessor, int)
        else tuple((name, node - 1) for node in NODES)
    )
    # An odd size too: convolutions, poolings and slices round alike.
    for size, half in ((32, 16), (15, 8)):
        assert network(cell)[0](torch.randn(2, 3, size, size)).shape == (2, 24, half, half)


def test_the_network_takes_a_batch_of_images_and_gives_one_logit_per_class() -> None:
    with torch.no_grad():
        assert network(CELL)(torch.randn(4, 3, 32, 32)).shape == (4, 10)


def test_the_seed_decides_the_weights() -> None:
    first, same, other = (network(CELL, seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(first[name], same[name]) for name in first)
    assert not torch.equal(first["0.inputs.0.1.weight"], other["0.inputs.0.1.weight"])


def test_convolutions_have_no_bias_batch_normalisation_is_affine_and_tracked_and_relu_keeps_its_input() -> (
    None
):
    modules = list(network(CELL).modules())
    assert all(module.bias is None for module in modules if isinstance(module, nn.Conv2d))
    norms = [module for module in modules if isinstance(module, nn.BatchNorm2d)]
    # Two inputs; two for each separable convolution; one for each dilated one; one for the skip
    # connection.
    assert len(norms) == 2 + 2 * 2 + 2 + 1
    assert all(norm.affine and norm.track_running_stats for norm in norms)
    assert not any(module.inplace for module in modules if isinstance(module, nn.ReLU))


def test_the_cell_is_the_sum_and_concatenation_of_its_formula() -> None:
    cell = network(
        (
            ("max_pool_3x3", 0),
            ("avg_pool_3x3", 1),
            ("skip_connect", 2),
            ("skip_connect", 2),
            ("none", 0),
            ("avg_pool_3x3", 3),
            ("none", 4),
            ("max_pool_3x3", 2),
        )
    )[0].double()
    image = torch.randn(2, 3, 8, 8, dtype=torch.float64)
    x, y = (read(image) for read in cell.inputs)
    node_2 = nn.functional.max_pool2d(x, 3, 2, 1) + nn.functional.avg_pool2d(
        y, 3, 2, 1, count_include_pad=False
    )
    node_3 = 2 * node_2
    node_4 = nn.functional.avg_pool2d(node_3, 3, 1, 1, count_include_pad=False)
    node_5 = nn.functional.max_pool2d(node_2, 3, 1, 1)
    torch.testing.assert_close(cell(image), torch.cat([node_2, node_3, node_4, node_5], dim=1))


@pytest.mark.parametrize("size", [8, 7])
def test_the_reducing_skip_connection_reads_even_pixels_and_odd_ones(size: int) -> None:
    skip = network(everywhere("skip_connect"))[0].operations[0].double().eval()
    x = torch.randn(2, 6, size, size, dtype=torch.float64)
    active = x.clamp(min=0)
    even = active[:, :, ::2, ::2]
    odd = torch.zeros_like(even)
    odd[:, :, : size // 2, : size // 2] = active[:, :, 1::2, 1::2]
    channels = [
        torch.einsum("oc,nchw->nohw", convolution.weight[:, :, 0, 0], pixels)
        for convolution, pixels in ((skip.even, even), (skip.odd, odd))
    ]
    torch.testing.assert_close(skip(x), torch.cat(channels, dim=1) / math.sqrt(1 + skip.norm.eps))


def test_a_dilated_convolution_sees_every_other_pixel() -> None:
    dilated = network(everywhere("dil_conv_5x5"))[0].operations[0]
    x = torch.zeros(1, 6, 32, 32)
    x[:, :, 16, 16] = 1
    seen = dilated[1](x)[0, 0].nonzero()
    # Every other pixel from -4 to 4, seen from every other place.
    assert seen.unique().tolist() == [6, 7, 8, 9, 10]
    assert len(seen) == 25


def test_the_operation_none_keeps_infinities_visible() -> None:
    none = network(everywhere("none"))[0].operations[0]
    x = torch.ones(1, 6, 4, 4)
    assert torch.equal(none(x), torch.zeros(1, 6, 2, 2))
    x[0, 0, 2, 2] = math.inf
    assert none(x)[0, 0].isnan().tolist() == [[False, False], [False, True]]


def test_every_proxy_has_a_score_for_an_ordinary_cell() -> None:
    generator = torch.Generator().manual_seed(0)
    images, labels = torch.randn(16, 3, 32, 32, generator=generator), torch.arange(16) % 10
    second = Batch(torch.randn(16, 3, 32, 32, generator=generator), labels)
    scores = zc_bench.score(
        network(CELL),
        images,
        labels,
        second=second,
        regularisation=zc_bench.Regularisation(0.002, 0.002),
    )
    assert {
        name: score.reason for name, score in scores.items() if score.status is not Status.DONE
    } == {}
    # The two inputs rectify the same image, so that one of them adds no pattern.
    assert 1000 < scores["swap"].value <= 30_720 - 3 * 32 * 32
