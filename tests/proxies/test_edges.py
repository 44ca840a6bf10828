"""A trial without a score has a status with a reason, and no exception or sentinel number."""

import math
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn

import zc_bench
from networks import REGULARISATION, Case, Layer, Recipe, case, score
from reference import TWINS
from zc_bench.engine import declare as observe
from zc_bench.engine.declare import proxy
from zc_bench.engine.scores import Score, Status
from zc_bench.passes.network_size import NetworkSize

OF_PATTERNS = {"swap", "reg_swap", "nwot", "linear_regions", "l_swag"}
OF_LABELS = {
    *("grad_norm", "snip", "plain", "fisher", "grasp", "zico", "epe_nas"),
    *("gradsign", "l_swag", "wrcor"),
}
OF_THE_JACOBIAN = {"jacov", "epe_nas"}


def having(found: dict[str, Score], status: Status) -> set[str]:
    """Name the scores of a status; all that are not done must say why."""
    for entry in found.values():
        assert math.isfinite(entry.value) == (entry.status is Status.DONE)
        assert bool(entry.reason) == (entry.status is not Status.DONE)
    return {name for name in TWINS if found[name].status is status}


def test_an_ordinary_network_has_every_score() -> None:
    assert having(score(Recipe(images=6).build()), Status.DONE) == set(TWINS)


def test_a_network_without_relu_lacks_what_counts_patterns_only() -> None:
    found = score(Recipe((Layer(activation="leaky"), Layer(activation="none"))).build())
    # Batch normalisation comes before the pooling: outputs sum to a constant over the batch, so the
    # tangent kernel is singular, and the outputs for a single image are constant.
    others = {"wrcor", "ntk_condition", "dextr"}
    assert having(found, Status.INVALID) == OF_PATTERNS | others
    assert having(found, Status.DONE) == set(TWINS) - OF_PATTERNS - others
    assert "no nn.ReLU" in found["swap"].reason


def test_a_network_without_batch_normalisation_has_every_score() -> None:
    assert having(
        score(Recipe((Layer(norm=False), Layer(norm=False))).build()), Status.DONE
    ) == set(TWINS)


def test_a_batch_without_labels_leaves_proxies_of_labels_undefined() -> None:
    built = Recipe(images=6).build()
    found = score(Case(built.network, built.images, None, built.second))
    assert having(found, Status.UNDEFINED) == OF_LABELS
    assert having(found, Status.DONE) == set(TWINS) - OF_LABELS


def test_who_uses_labels_says_so() -> None:
    assert {name for name in TWINS if observe.proxy_registry[name].uses_labels} == OF_LABELS


def test_labels_that_are_not_classes_leave_epe_nas_undefined() -> None:
    built = Recipe(images=6, classes=3).build()
    values = torch.rand(
        6, 3, dtype=torch.float64
    )  # like the corners of a room: positive, but no distribution
    found = zc_bench.score(built.network, built.images, values)
    assert found["epe_nas"].status is Status.UNDEFINED
    assert found["snip"].status is Status.DONE


def test_what_is_not_given_leaves_who_needs_it_undefined() -> None:
    built = Recipe(images=6).build()
    found = zc_bench.score(built.network, built.images, built.labels, proxies="all")
    assert having(found, Status.UNDEFINED) == {"zico", "reg_swap", "l_swag"}
    assert "needs Regularisation" in found["reg_swap"].reason


def test_one_image_has_every_score_but_one_that_scales_outputs() -> None:
    found = score(Recipe(images=1).build())
    assert having(found, Status.INVALID) == {"epsinas"}
    assert having(found, Status.DONE) == set(TWINS) - {"epsinas"}
    assert found["linear_regions"].value == 1
    assert found["swap"].value == 2


def test_one_class_has_gradients_of_zero() -> None:
    found = score(Recipe(classes=1).build())
    assert having(found, Status.INVALID) == {"zico", "l_swag"}
    assert [found[name].value for name in ("grad_norm", "snip", "plain", "fisher", "grasp")] == [
        0
    ] * 5


def test_dead_units_leave_no_jacobian_and_no_distinct_images() -> None:
    found = score(Recipe((Layer(dead=True, norm=False),)).build())
    assert having(found, Status.INVALID) >= OF_THE_JACOBIAN | {"nwot"}
    assert found["swap"].value == 1
    assert "do not depend on the image" in found["jacov"].reason
    assert not having(found, Status.FAILED)


class Constant(nn.Module):
    """Gives outputs that do not depend on the images, and has a unit that is always active."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(1, 3)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.relu(torch.ones(len(x), 1, dtype=x.dtype, device=x.device)))


def test_a_constant_network_has_what_does_not_ask_the_images() -> None:
    found = score(case(Constant(), 4, 3, 2, 2))
    assert having(found, Status.INVALID) == {
        *("jacov", "epe_nas", "nwot", "zen"),
        *("ntk_condition", "epsinas", "wrcor", "dextr"),
    }
    assert having(found, Status.FAILED) == set()
    assert found["swap"].value == 1


def test_a_network_without_weights_has_none_of_their_scores() -> None:
    found = score(case(nn.Sequential(nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()), 4, 3, 4, 4))
    assert having(found, Status.INVALID) == (OF_LABELS - {"epe_nas", "wrcor"}) | {
        *("synflow", "width", "ntk_condition", "vkdnw"),
    }
    assert found["params"].value == 0


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("norm", [True, False])
def test_a_weight_that_is_no_number_costs_scores_and_raises_nothing(
    value: float, layer: int, *, norm: bool
) -> None:
    built = Recipe((Layer(norm=norm), Layer(norm=norm))).build()
    with torch.no_grad():
        built.network[layer].conv.weight[0, 0, 0, 0] = value
    found = score(built)
    assert having(found, Status.FAILED) == set()
    assert found["l2_norm"].status is Status.INVALID
    assert found["grad_norm"].status is Status.INVALID
    assert found["jacov"].status is Status.INVALID
    assert found["params"].status is Status.DONE
    assert found["zen"].status is Status.DONE  # it has weights of its own


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_images_that_are_no_numbers_cost_scores_and_raise_nothing(value: float) -> None:
    built = Recipe().build()
    built.images[0, 0, 0, 0] = value
    found = score(built)
    assert having(found, Status.FAILED) == set()
    assert {"grad_norm", "jacov", "snip"} <= having(found, Status.INVALID)
    assert {"params", "flops", "l2_norm", "synflow", "zen"} <= having(found, Status.DONE)


def test_layers_in_two_places_have_the_scores_of_their_twins() -> None:
    layer = nn.Conv2d(3, 3, 3, padding=1)
    norm, relu, head = (
        nn.BatchNorm2d(3),
        nn.ReLU(),
        nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 3)),
    )
    built = case(nn.Sequential(layer, norm, relu, layer, norm, relu, head).double(), 6, 3, 5, 5)
    found = score(built)
    assert having(found, Status.DONE) == set(TWINS)
    for name in TWINS:
        assert found[name].value == pytest.approx(TWINS[name](built), rel=1e-8), name


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Register a proxy that always fails, for the time of a test."""
    monkeypatch.setattr(observe.proxy_registry, "_items", dict(observe.proxy_registry))

    @proxy("strange", source="nobody")
    def strange(size: NetworkSize) -> float:
        """Fail."""
        message = f"too many of {size.parameters} parameters"
        raise LookupError(message)

    return "strange"


def test_a_plugin_that_fails_costs_one_cell(plugin: str) -> None:
    built = Recipe(images=6).build()
    found = zc_bench.score(
        built.network,
        built.images,
        built.labels,
        second=built.second,
        regularisation=REGULARISATION,
    )
    assert {name for name, entry in found.items() if entry.status is not Status.DONE} == {plugin}
    assert found[plugin].status is Status.FAILED
    assert "LookupError: too many" in found[plugin].reason
