"""Cells are found, and what they take, give and pull back is what definitions say."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from networks import case, score
from reference import TWINS
from zc_bench.engine.scores import InvalidScoreError, Status, UndefinedScoreError
from zc_bench.passes.cell_features import CellJacobians, FeatureSpectra, cell_features
from zc_bench.passes.cells import cells_of
from zc_bench.spaces import space_registry
from zc_bench.tasks import task_registry
from zc_bench.testing.trials import trial_of

BOTH = frozenset({FeatureSpectra, CellJacobians})
AZ = ("az_expressivity", "az_progressivity", "az_trainability")
SPACES = [
    ("nb201", "(4, 0, 3, 1, 4, 3)", "cifar10", 17),
    ("nb101", None, "cifar10", 9),
    ("nb301", None, "cifar10", 8),
    ("darts_cell", None, "cifar10", 1),
    ("tnb101_micro", "(1, 0, 2, 3, 3, 3)", "class_object", 10),
    ("tnb101_macro", "(1, 2, 4, 2, 0, 0)", "jigsaw", 8),
]


def network_of(space: str, key: str | None, task: str) -> nn.Module:
    """Build a network of a space."""
    import numpy as np

    owner = space_registry[space]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        drawn = owner.sample(np.random.default_rng(0)) if key is None else owner.parse(key)
        return owner.build(drawn, task_registry[task])


@pytest.mark.parametrize(("space", "key", "task", "count"), SPACES)
def test_spaces_have_cells(space: str, key: str | None, task: str, count: int) -> None:
    assert len(cells_of(network_of(space, key, task))) == count


def test_a_network_of_anybody_is_taken_apart() -> None:
    block = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU())
    backbone = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), block, nn.MaxPool2d(2), block)
    assert cells_of(nn.Sequential(backbone, nn.Flatten(), nn.Linear(4, 2))) == [block]
    assert cells_of(nn.Conv2d(3, 4, 3)) == []
    assert cells_of(nn.Sequential(nn.Flatten(), nn.Linear(12, 2))) == []


class Scaled(nn.Module):
    """A cell that multiplies its maps with a number."""

    is_cell = True

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return x * self.factor


def test_a_cell_that_scales_pulls_signs_back_scaled() -> None:
    network = nn.Sequential(Scaled(3.0), Scaled(0.5), nn.Flatten(), nn.Linear(75, 2))
    spectra, jacobians = cell_features(trial_of(network, 64, 5), BOTH)
    # The products of independent signs vanish in the mean; those with themselves are one.
    for product, factor in zip(jacobians.products, (3.0, 0.5), strict=True):
        assert torch.allclose(product, factor * torch.eye(3).double(), atol=0.15 * factor)
        assert torch.equal(product.diag(), torch.full((3,), factor).double())
    assert jacobians.identical == (False, False)
    first, second, third = spectra.eigenvalues
    assert torch.allclose(second, 9 * first, rtol=1e-4)
    assert torch.allclose(third, 0.25 * second, rtol=1e-4)
    assert torch.allclose(first, torch.ones(3).double(), atol=0.1)


@pytest.mark.parametrize("size", [4, 5])
def test_a_cell_that_shrinks_its_maps_is_folded(size: int) -> None:
    class Halved(nn.Conv2d):
        is_cell = True

    layer = Halved(3, 2, 2, stride=2, padding=size % 2, bias=False)
    built = case(
        nn.Sequential(layer, nn.AdaptiveAvgPool2d(1), nn.Flatten()).double(), 3, 3, size, size
    )
    (product,) = cell_features(trial_of(built.network, 3, size, torch.float64), BOTH)[1].products
    assert product.shape == (12, 2)
    found = score(built, ["az_trainability"])["az_trainability"]
    assert found.value == pytest.approx(TWINS["az_trainability"](built), rel=1e-9)


def test_an_identity_and_a_dead_cell_are_invalid() -> None:
    head = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2)
    for factor, expected in (
        (1.0, {"az_trainability"}),
        (0.0, set(AZ)),
        (2.0, set()),
    ):
        found = score(case(nn.Sequential(Scaled(factor), *head), 4, 3, 4, 4), AZ)
        assert {name for name in AZ if found[name].status is Status.INVALID} == expected, factor
    assert found["az_progressivity"].value == pytest.approx(0, abs=1e-5)


def test_a_cell_without_gradients_is_dead() -> None:
    class Cut(Scaled):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x).detach()

    found = score(case(nn.Sequential(Cut(2.0), nn.Flatten()), 4, 3, 4, 4), AZ)
    assert found["az_trainability"].reason == "no gradient passes cell 1"
    assert found["az_expressivity"].status is Status.DONE


def test_a_cell_that_enlarges_its_maps_has_no_trainability() -> None:
    class Doubled(nn.Upsample):
        is_cell = True

    found = score(case(nn.Sequential(Doubled(scale_factor=2), nn.Flatten()), 4, 3, 4, 4), AZ)
    assert found["az_trainability"].status is Status.UNDEFINED
    assert found["az_expressivity"].status is Status.DONE


def test_without_cells_there_is_nothing() -> None:
    with pytest.raises(UndefinedScoreError, match="is_cell = True"):
        cell_features(trial_of(nn.Sequential(nn.Flatten(), nn.Linear(108, 3))), BOTH)


def test_a_feature_that_is_not_finite_is_invalid() -> None:
    network = nn.Sequential(Scaled(float("inf")), nn.Flatten(), nn.Linear(108, 3))
    with pytest.raises(InvalidScoreError, match="a feature is not finite"):
        cell_features(trial_of(network), BOTH)


def test_of_a_cell_that_runs_twice_the_first_run_counts() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell = Scaled(2.0)

        def forward(self, x: Tensor) -> Tensor:
            return self.cell(self.cell(x)).flatten(1)

    spectra, jacobians = cell_features(trial_of(Twice()), BOTH)
    assert len(jacobians.products) == 1
    assert len(spectra.eigenvalues) == 2


def test_gradients_stay_where_they_were_after_an_error() -> None:
    class Fails(Scaled):
        def forward(self, x: Tensor) -> Tensor:
            raise LookupError(len(x))

    trial = trial_of(nn.Sequential(Fails(1.0)))
    for before in (True, False):
        with torch.set_grad_enabled(before), pytest.raises(LookupError):
            cell_features(trial, BOTH)
        assert torch.is_grad_enabled()


@pytest.mark.parametrize("seed", [0, 1])
def test_a_network_of_nb201_has_the_scores_of_its_twins(seed: int) -> None:
    built = case(network_of("nb201", "(4, 0, 3, 1, 4, 3)", "cifar10").double(), 3, 3, 12, 12)
    built = replace(built, seed=seed)
    found = score(built, AZ)
    for name in AZ:
        assert found[name].value == pytest.approx(TWINS[name](built), rel=1e-8), name


def test_a_network_of_darts_cells_has_the_scores_of_its_twins() -> None:
    built = case(network_of("darts_cell", None, "cifar10").double(), 3, 3, 8, 8)
    for name in AZ:
        assert score(built, [name])[name].value == pytest.approx(TWINS[name](built), rel=1e-8), name


@pytest.mark.parametrize("task", ["autoencoder", "segmentsemantic", "jigsaw", "room_layout"])
def test_tasks_without_classes_have_scores_too(task: str) -> None:
    shape = (2, 9, 3, 32, 32) if task == "jigsaw" else (2, 3, 64, 64)
    network = network_of("tnb101_macro", "(1, 2, 4, 2, 0, 0)", task)
    found = score(case(network, *shape), [*AZ, "meco", "meco_opt", "depth", "layers", "width"])
    assert {entry.status for entry in found.values()} == {Status.DONE}
