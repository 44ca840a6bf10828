"""The derivative of the outputs with respect to the images."""

import pytest
import torch
from probes import small_case, trial_of
from torch import Tensor, nn

from networks import Case, Recipe, case
from reference.jacov import jacobian
from zc_bench.engine.declare import Requested
from zc_bench.passes.forward import Forward, forward
from zc_bench.passes.input_jacobian import InputJacobian, input_jacobian


def result(built: Case) -> InputJacobian:
    trial = trial_of(built)
    given, *_ = forward(trial, Requested([Forward]))
    assert given is not None
    return input_jacobian(trial, given)


def test_rows_are_those_of_one_image_after_the_other() -> None:
    built = Recipe(seed=4).build()
    given = result(built)
    assert given.jacobian.shape == (4, 3 * 4 * 4)
    torch.testing.assert_close(
        given.jacobian, torch.from_numpy(jacobian(built)), rtol=1e-12, atol=1e-14
    )


def test_rows_are_those_of_finite_differences() -> None:
    built = Recipe(size=2, images=3, seed=2).build()
    given = result(built)
    for image in range(3):
        for place in range(12):
            sums = []
            for step in (1e-6, -1e-6):
                moved = built.images.clone()
                moved[image].view(-1)[place] += step
                sums.append(built.network(moved).sum().item())
            assert (sums[0] - sums[1]) / 2e-6 == pytest.approx(
                float(given.jacobian[image, place]), rel=1e-4, abs=1e-7
            )


def test_the_jacobian_of_a_linear_network_is_its_summed_weights() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 3))
    given = result(case(network, 4, 3, 2, 2))
    torch.testing.assert_close(given.jacobian, network[1].weight.sum(0).expand(4, 12))
    assert given.classes == 3


def test_outputs_that_do_not_depend_on_the_images_have_zero_rows() -> None:
    class Constant(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head = nn.Linear(1, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(torch.ones(len(x), 1))

    assert torch.equal(result(case(Constant(), 4, 3, 2, 2)).jacobian, torch.zeros(4, 12))


def test_it_differentiates_where_the_caller_has_switched_gradients_off() -> None:
    built = small_case()
    with_gradients = result(built).jacobian
    with torch.no_grad():
        assert torch.equal(result(built).jacobian, with_gradients)


def test_labels_are_handed_on() -> None:
    built = small_case()
    assert result(built).labels is built.labels
