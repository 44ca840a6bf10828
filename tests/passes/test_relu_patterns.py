"""Which values of which layers count as units."""

from dataclasses import replace

import pytest
import torch
from probes import trial_of
from torch import nn

from networks import Layer, Recipe, case
from reference.patterns import patterns
from zc_bench.engine.declare import Requested
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.forward import forward
from zc_bench.passes.relu_patterns import PatternRecorder, ReluPatterns


def result(built) -> ReluPatterns:
    given = forward(trial_of(built), Requested([ReluPatterns]))[1]
    assert given is not None
    return given


def bits(given: ReluPatterns) -> list[tuple[int, ...]]:
    return [
        tuple((row[image // 64] % 2**64) >> (image % 64) & 1 for image in range(given.images))
        for row in given.words.tolist()
    ]


@pytest.mark.parametrize("images", [1, 5, 64, 65, 130])
def test_every_value_of_every_relu_is_a_unit(images: int) -> None:
    built = Recipe(
        (Layer(width=4), Layer(width=2, activation="relu in place")), size=3, images=images
    ).build()
    given = result(built)
    assert (len(given.words), given.images) == (4 * 9 + 2 * 9, images)
    assert sorted(bits(given)) == sorted(patterns(built))


def test_a_relu_that_runs_twice_has_its_units_twice() -> None:
    relu = nn.ReLU()
    built = case(
        nn.Sequential(nn.Flatten(), nn.Linear(12, 5), relu, nn.Linear(5, 7), relu), 4, 3, 2, 2
    )
    assert len(result(built).words) == 5 + 7


def test_only_relu_counts() -> None:
    others = [nn.LeakyReLU(), nn.ReLU6(), nn.GELU(), nn.SiLU(), nn.Sigmoid()]
    given = result(case(nn.Sequential(nn.Flatten(), nn.Linear(12, 5), *others), 4, 3, 2, 2))
    assert given.words.shape == (0, 1)
    with pytest.raises(InvalidScoreError, match=r"no nn\.ReLU"):
        given.expect_units()


def test_channels_last_images_have_the_same_patterns() -> None:
    built = Recipe((Layer(width=4), Layer(width=4)), size=5, images=6).build()
    plain = sorted(bits(result(built)))
    built.network.to(memory_format=torch.channels_last)
    last = replace(built, images=built.images.to(memory_format=torch.channels_last))
    assert sorted(bits(result(last))) == plain


def test_a_dead_layer_has_zero_patterns() -> None:
    given = result(Recipe((Layer(dead=True),)).build())
    assert set(bits(given)) == {(0, 0, 0, 0)}


def test_units_come_in_the_order_of_the_layers() -> None:
    recorder = PatternRecorder(images=2)
    layers = [
        torch.tensor([[1.0, 0.0], [0.0, 0.0]]),
        torch.tensor([[1.0], [1.0]]),
        torch.tensor([[0.0], [1.0]]),
    ]
    for layer in layers:
        recorder(layer)
    assert recorder.patterns().words.tolist() == [[0b01], [0b00], [0b11], [0b10]]


def test_what_was_recorded_is_held_once() -> None:
    recorder = PatternRecorder(images=2)
    recorder(torch.ones(2, 3))
    assert recorder.patterns().words.tolist() == [[0b11]] * 3
    # The layers' words were let go when they were joined.
    assert len(recorder.patterns().words) == 0
