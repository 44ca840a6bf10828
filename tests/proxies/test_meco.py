import pytest
import torch
from torch import nn

from networks import Recipe, case, score
from reference import TWINS
from zc_bench.engine.scores import Status
from zc_bench.passes.channel_correlations import ChannelCorrelations, SampledCorrelations
from zc_bench.proxies.meco import meco
from zc_bench.proxies.meco_opt import meco_opt


def test_it_is_a_sum() -> None:
    assert meco(ChannelCorrelations((0.5, 0.0, 0.25))) == 0.75
    assert meco(ChannelCorrelations(())) == 0


def test_eight_channels_stand_for_all() -> None:
    assert meco_opt(SampledCorrelations((0.5, 0.25), channels=(64, 3))) == 0.5 * 8 + 0.25


def spread(*weights: list[float]) -> nn.Module:
    """Build a network whose channels are mixtures of the three channels of the image."""
    layer = nn.Conv2d(3, len(weights), 1, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(weights)[:, :, None, None])
    return layer


def test_by_hand_of_uncorrelated_and_of_equal_channels() -> None:
    # With many pixels of noise, channels that share nothing have the correlation 0, so both
    # eigenvalues are about 1. Channels x and x + y have the correlation 1/sqrt(2).
    for weights, expected in (
        ([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], 1.0),
        ([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]], 1 - 0.5**0.5),
        ([[1.0, 0.0, 0.0], [2.0, 0.0, 0.0]], 0.0),
    ):
        found = score(case(spread(*weights), 2, 3, 200, 200), ["meco"])["meco"].value
        assert found == pytest.approx(expected, abs=0.02)


def test_a_container_counts_the_output_of_its_last_part_once_more() -> None:
    layer = spread([1.0, 0.0, 0.0], [1.0, 1.0, 0.0])
    alone = score(case(layer, 2, 3, 8, 8), ["meco", "meco_opt"])
    inside = score(case(nn.Sequential(nn.Sequential(layer)), 2, 3, 8, 8), ["meco", "meco_opt"])
    for name, found in alone.items():
        assert inside[name].value == pytest.approx(3 * found.value)
        assert found.value > 0.1


def test_more_channels_than_values_add_nothing() -> None:
    assert score(case(nn.Conv2d(3, 9, 1), 2, 3, 3, 3), ["meco"])["meco"].value == 0
    assert score(case(nn.Conv2d(3, 8, 1), 2, 3, 3, 3), ["meco"])["meco"].value >= 0


def test_a_constant_channel_adds_nothing() -> None:
    assert score(case(spread([1.0, 0, 0], [0.0, 0, 0]), 2, 3, 8, 8), ["meco"])["meco"].value == 0


def test_images_do_not_matter_and_weights_do() -> None:
    first, other = Recipe(seed=1).build(), Recipe(seed=2).build()
    mixed = type(first)(first.network, other.images, first.labels, first.second, first.seed)
    for name in ("meco", "meco_opt"):
        same, changed = score(mixed, [name])[name].value, score(other, [name])[name].value
        assert score(first, [name])[name].value == same != changed


def test_what_refuses_a_single_image_leaves_it_undefined() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 4), nn.BatchNorm1d(4))
    found = score(case(network, 4, 3, 2, 2), ["meco", "meco_opt", "params"])
    assert {found[name].status for name in ("meco", "meco_opt")} == {Status.UNDEFINED}
    assert "a single image" in found["meco"].reason
    assert found["params"].status is Status.DONE


def test_wide_outputs_equal_the_twins() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = nn.Sequential(
            nn.Conv2d(3, 20, 3), nn.BatchNorm2d(20), nn.ReLU(), nn.Conv2d(20, 12, 1)
        ).double()
    built = case(network, 3, 3, 9, 9)
    for name in ("meco", "meco_opt"):
        assert score(built, [name])[name].value == pytest.approx(TWINS[name](built), rel=1e-9)
