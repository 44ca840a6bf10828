"""FlexiBERT, AutoFormer-Ti and PiT-Ti: names, neighbours, and networks of the published sizes."""

import csv
import json
from dataclasses import replace
from itertools import pairwise, product
from math import prod
from pathlib import Path

import numpy as np
import pytest
import torch
from any_space import build, is_read_or_refused, keys_without_names
from hypothesis import given, settings
from hypothesis import strategies as st

from zc_bench import score, score_architecture
from zc_bench.errors import ZcBenchError
from zc_bench.figures import draw_cells
from zc_bench.spaces import Architecture, activations_of, space_registry
from zc_bench.spaces.transformers.flexibert import KINDS
from zc_bench.spec import Protocol
from zc_bench.tables import load_table
from zc_bench.tasks import task_registry

ENCODERS = ("flexibert", "flexibert_256", "flexibert_trained")
IMAGES = ("autoformer_ti", "pit_ti")
NAMES = (*ENCODERS, *IMAGES)
GLUE = task_registry["glue"]
EXAMPLES = {
    "flexibert": (
        "128|LT:DFT:4:512:1|DSC:9:2:1024:3",
        {
            "hidden_size": 128,
            "nas_config": {
                "encoder_layers": [
                    {
                        "operation_type": "LT",
                        "operation_parameter": "DFT",
                        "num_operation_heads": 4,
                        "feed_forward_dimension": 512,
                        "num_feed_forward": 1,
                    },
                    {
                        "operation_type": "DSC",
                        "operation_parameter": 9,
                        "num_operation_heads": 2,
                        "feed_forward_dimension": 1024,
                        "num_feed_forward": 3,
                    },
                ]
            },
        },
    ),
    "autoformer_ti": (
        "|".join(["216", *["3:3.5", "4:4.0"] * 6]),
        {"hidden_dim": 216, "mlp_ratio": [3.5, 4.0] * 6, "depth": 12, "num_heads": [3, 4] * 6},
    ),
    "pit_ti": (
        "40|6|2:6:4|2:2:8",
        {"base_dim": 40, "mlp_ratio": 6, "depth": [2, 6, 4], "num_heads": [2, 2, 8]},
    ),
}


def keys(name: str) -> list[str]:
    return list(load_table(name).keys)


# Names


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_authors_json_names_the_architecture(name: str) -> None:
    key, said = EXAMPLES[name]
    space = space_registry[name]
    assert space.parse(json.dumps(said)) == Architecture(name, key)
    assert json.loads(space.native(Architecture(name, key))) == said


@pytest.mark.parametrize("name", ["flexibert", *IMAGES])
def test_trained_architectures_have_names(name: str) -> None:
    assert not keys_without_names(space_registry[name], keys(name))


@pytest.mark.parametrize("name", EXAMPLES)
@given(st.data())
@settings(max_examples=60)
def test_any_text_is_read_or_refused(name: str, data: st.DataObject) -> None:
    letters = st.text(st.sampled_from('|:.0123456789SADPLTFCWM{}"[], '), max_size=60)
    key, said = EXAMPLES[name]
    text = data.draw(st.one_of(letters, st.sampled_from((key, json.dumps(said)))))
    place = data.draw(st.integers(0, len(text)))
    changed = text[:place] + data.draw(letters) + text[place + data.draw(st.integers(0, 2)) :]
    assert is_read_or_refused(space_registry[name], changed)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("flexibert", "256|SA:SDP:4:512:1"),
        ("flexibert", "192|SA:SDP:4:512:1|SA:SDP:4:512:1"),
        ("flexibert", "256|SA:SDP:4:512:1|SA:DFT:4:512:1"),
        ("flexibert", "256|SA:SDP:4:512:1|SA:SDP:4:512:10"),
        ("flexibert", '{"hidden_size": 256, "nas_config": {"encoder_layers": 3}}'),
        ("flexibert", "{" * 100_000),
        ("autoformer_ti", "|".join(["240", *["3:3.5"] * 11])),
        ("autoformer_ti", '{"hidden_dim": 240, "mlp_ratio": [4], "depth": 12, "num_heads": [3]}'),
        ("pit_ti", "40|6|3:8:6|2:2:8"),
        ("pit_ti", "40|6|2:6:4|8:2:2"),
    ],
)
def test_what_is_no_architecture_is_one_sentence(name: str, text: str) -> None:
    with pytest.raises(ZcBenchError, match="expected") as caught:
        space_registry[name].parse(text)
    assert len(str(caught.value)) < 500


# Samples and neighbours


def test_sizes_are_those_of_the_choices() -> None:
    per_layer = prod((len(KINDS), 2, 2, 2))
    assert space_registry["flexibert"].size == 2 * (per_layer**2 + per_layer**4) == 10_621_440
    assert space_registry["autoformer_ti"].size == 3 * (4**12 + 4**13 + 4**14)
    depths = [d for d in product((1, 2, 3), (4, 6, 8), (2, 4, 6)) if 12 <= sum(d) <= 14]
    heads = [h for h in product((2, 4, 8), repeat=3) if sorted(h) == list(h)]
    assert space_registry["pit_ti"].size == 16 * len(depths) * len(heads)


@pytest.mark.parametrize("name", ["flexibert", *IMAGES])
def test_samples_and_trained_ones_have_the_same_choices(name: str) -> None:
    generator = np.random.default_rng(0)
    drawn = {space_registry[name].sample(generator).key for _ in range(300)}
    assert len(drawn) > 250
    words = [{word for key in of for word in key.split("|")} for of in (drawn, keys(name))]
    assert words[0] == words[1] or name == "flexibert"


@pytest.mark.parametrize(
    ("name", "key", "count"),
    [
        # Another width, 5 + 1 + 1 + 1 changes of each layer, four layers.
        ("flexibert", "256|SA:SDP:4:512:1|LT:DFT:2:512:1", 1 + 2 * 8 + 1),
        ("flexibert", "|".join(["256", *["SA:SDP:4:512:1", "LT:DFT:2:512:1"] * 2]), 1 + 4 * 8 + 1),
        ("flexibert", "|".join(["256", *["SA:SDP:4:512:1"] * 3, "DSC:5:4:512:1"]), 1 + 4 * 8),
        ("autoformer_ti", "|".join(["192", *["3:3.5"] * 13]), 2 + 13 * 2 + 2),
        ("autoformer_ti", "|".join(["192", *["3:3.5"] * 13, "4:3.5"]), 2 + 14 * 2),
        ("pit_ti", "16|2|2:6:4|2:2:2", 24),
    ],
)
def test_neighbours_differ_in_one_choice(name: str, key: str, count: int) -> None:
    space = space_registry[name]
    found = list(space.neighbours(space.parse(key)))
    assert len(found) == len(set(found)) == count


@pytest.mark.parametrize("name", ["flexibert", *IMAGES])
def test_children_have_widths_depths_and_layers_of_their_parents(name: str) -> None:
    space, generator = space_registry[name], np.random.default_rng(1)
    drawn = [space.sample(generator) for _ in range(30)]
    for first, second in pairwise(drawn):
        parents = [one.key.split("|") for one in (first, second)]
        child = space.crossover(first, second, generator).key.split("|")
        assert len(child) in map(len, parents)
        for place, word in enumerate(child):
            theirs = [parent[place] for parent in parents if place < len(parent)]
            fields = [of.split(":") for of in theirs]
            mixed = zip(*fields, strict=True) if name != "pit_ti" else [theirs]
            assert (
                word in theirs
                if name == "pit_ti"
                else all(part in of for part, of in zip(word.split(":"), mixed, strict=True))
            )


# Networks


@pytest.mark.data
def test_parameters_are_the_published_ones_for_all_500(shared_folder: Path) -> None:
    space = space_registry["flexibert_256"]
    path = shared_folder / "data" / "transformers" / "flexibert.csv"
    rows = list(csv.DictReader(path.read_text().splitlines()))
    counted = [
        space.parameters(space.parse(f"{row['hidden_size']}|{row['layers']}"), GLUE) for row in rows
    ]
    assert len(rows) == 500
    assert counted == [int(row["published_params_at_256"]) for row in rows]


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_those_of_the_networks(name: str) -> None:
    space = space_registry[name]
    for key in keys("flexibert" if name in ENCODERS else name)[::60]:
        for task in space.tasks:
            with torch.device("meta"):
                network = space.build(space.parse(key), task_registry[task])
            built = sum(parameter.numel() for parameter in network.parameters())
            assert space.parameters(space.parse(key), task_registry[task]) == built


def linear(before: int, after: int) -> int:
    return before * after + after


def block(width: int, ratio: float) -> int:
    inner = int(width * ratio)
    norms = 2 * 2 * width
    return (
        norms
        + linear(width, 3 * width)
        + linear(width, width)
        + linear(width, inner)
        + linear(inner, width)
    )


@pytest.mark.parametrize(
    ("task", "classes"), [("flowers", 102), ("chaoyang", 4), ("imagenet", 1000)]
)
def test_autoformer_has_the_parameters_of_its_layers(task: str, classes: int) -> None:
    space = space_registry["autoformer_ti"]
    for key in keys("autoformer_ti")[::20]:
        width, *blocks = key.split("|")
        d = int(width)
        expected = linear(3 * 16 * 16, d) + (14 * 14 + 1) * d + d + 2 * d + linear(d, classes)
        expected += sum(block(d, float(one.split(":")[1])) for one in blocks)
        assert space.parameters(space.parse(key), task_registry[task]) == expected


def test_pit_has_the_parameters_of_its_layers() -> None:
    space = space_registry["pit_ti"]
    for key in keys("pit_ti")[::10]:
        base, ratio, depths, heads = ([int(n) for n in of.split(":")] for of in key.split("|"))
        widths = [base[0] * head for head in heads]
        expected = linear(3 * 16 * 16, widths[0]) + 27 * 27 * widths[0] + widths[0]
        expected += sum(
            depth * block(width, ratio[0]) for depth, width in zip(depths, widths, strict=True)
        )
        # A depthwise convolution of nine places, and a Linear layer for the class token.
        expected += sum(
            9 * after + after + linear(before, after) for before, after in pairwise(widths)
        )
        expected += 2 * widths[-1] + linear(widths[-1], 100)
        assert space.parameters(space.parse(key), task_registry["cifar100-224"]) == expected


def test_uniform_autoformer_is_a_plain_vision_transformer() -> None:
    """DeiT-Ti: width 192, 12 blocks, 3 heads, ratio 4, 5.717416 million parameters for ImageNet."""
    key = "|".join(["192", *["3:4.0"] * 12])
    space = space_registry["autoformer_ti"]
    assert space.parameters(space.parse(key), task_registry["imagenet"]) == 5_717_416


@pytest.mark.parametrize(
    ("name", "units"),
    [
        # Texts of 16 tokens; the inner widths before every GELU.
        ("flexibert", 16 * (512 + 3 * 1024)),
        ("flexibert_256", 16 * (1024 + 3 * 1024)),
        ("flexibert_trained", 16 * (1024 + 3 * 1024)),
    ],
)
def test_units_are_the_outputs_of_gelu(name: str, units: int) -> None:
    protocol = Protocol(batch_size=4, image_size=16)
    names = ("swap", "flops", "nwot", "snip", "jacov")
    key = EXAMPLES["flexibert"][0]
    scores = score_architecture(name, key, "glue", proxies=names, protocol=protocol).scores
    assert 1 < scores["swap"] <= min(2**4, units)
    # ln det of a kernel with V on its diagonal is at most N ln V.
    assert 0 < scores["nwot"] <= 4 * np.log(units)
    assert scores["snip"].reason == "the loss needs labels and the batch has none"
    assert "integers" in scores["jacov"].reason


def test_trained_networks_are_the_same_whatever_mixes_their_tokens() -> None:
    first, second = ("128|LT:DFT:4:512:1|DSC:9:2:1024:3", "128|SA:WMA:4:1024:1|SA:SDP:2:1024:3")
    space, tokens = space_registry["flexibert_trained"], torch.arange(1, 33).reshape(2, 16)
    networks = [build(space, space.parse(key), "glue") for key in (first, second)]
    outputs = [network(tokens) for network in networks]
    assert torch.equal(*outputs)
    assert outputs[0].shape == (2, 16, 128)


def test_a_text_that_is_too_long_is_refused() -> None:
    space = space_registry["flexibert"]
    network = build(space, space.parse(EXAMPLES["flexibert"][0]), "glue")
    with pytest.raises(ZcBenchError, match="513 tokens is longer than the 512 positions"):
        network(torch.ones(1, 513, dtype=torch.int64))


@pytest.mark.parametrize("name", NAMES)
def test_activations_are_gelu(name: str) -> None:
    space = space_registry[name]
    assert activations_of(space) == "all"
    key = keys("flexibert" if name in ENCODERS else name)[0]
    with torch.device("meta"):
        network = space.build(space.parse(key), task_registry[space.tasks[0]])
    kinds = {type(module).__name__ for module in network.modules()}
    assert "GELU" in kinds
    assert not kinds & {"ReLU", "BatchNorm2d"}


def test_synflow_does_not_grow_with_the_weights_of_blocks() -> None:
    """LayerNorm undoes their scale: 48 Linear layers in a row would add 48 ln 10, or 110."""
    task = replace(task_registry["chaoyang"], image_size=64)
    space = space_registry["autoformer_ti"]
    network = space.build(space.parse("|".join(["192", *["3:3.5"] * 12])), task)
    images = torch.randn(2, 3, 64, 64)

    def synflow() -> float:
        return score(network, images, proxies=["synflow"])["synflow"].value

    first = synflow()
    with torch.no_grad():
        for block in network.blocks:
            for module in block.modules():
                if isinstance(module, torch.nn.Linear):
                    module.weight *= 10
    second = synflow()
    with torch.no_grad():
        network.head.weight *= 10
    assert 0 < second - first < 3
    assert synflow() - second == pytest.approx(np.log(10), rel=1e-4)


@pytest.mark.parametrize("name", EXAMPLES)
def test_drawings_have_a_box_per_operation(name: str) -> None:
    space = space_registry[name]
    graphs = space.graphs(space.parse(EXAMPLES[name][0]))
    texts = {text.get_text() for text in draw_cells(graphs).axes[0].texts}
    assert {label for graph in graphs for label in graph.nodes} <= texts
    assert (
        sum(len(graph.nodes) - 2 for graph in graphs)
        == {
            "flexibert": 4,
            "autoformer_ti": 12,
            "pit_ti": 12,
        }[name]
    )
