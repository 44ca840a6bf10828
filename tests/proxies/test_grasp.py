import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from networks import Case, Recipe, recipes, score
from reference import TWINS
from zc_bench.images import Batch
from zc_bench.passes.hessian_gradient import HessianGradient
from zc_bench.proxies.grasp import grasp


def test_it_is_minus_the_sum_of_products() -> None:
    weights = (torch.tensor([[1.0, -2.0]]), torch.tensor([3.0]))
    products = (torch.tensor([[4.0, 5.0]]), torch.tensor([2.0]))
    assert grasp(HessianGradient(weights, products)) == pytest.approx(-(4 - 10 + 6))


@settings(max_examples=40, derandomize=True)
@given(recipes(tiny=True), st.booleans())
def test_in_single_precision_it_equals_the_hessian_in_double(
    recipe: Recipe, channels_last: bool
) -> None:
    """The harness has second derivatives of its own for float32; in float64 they are PyTorch's."""
    double = recipe.build()
    twin = TWINS["grasp"](double)
    form = torch.channels_last if channels_last else torch.contiguous_format
    network = double.network.float().to(memory_format=form)
    images = double.images.float().to(memory_format=form)
    single = Case(network, images, double.labels, Batch(images, double.labels), double.seed)
    assert score(single, ["grasp"])["grasp"].value == pytest.approx(twin, rel=2e-3, abs=1e-4)


def test_second_derivatives_are_taken_where_the_caller_has_switched_gradients_off() -> None:
    built = Recipe(size=2, seed=1).build()
    expected = score(built, ["grasp"])["grasp"].value
    with torch.no_grad():
        assert score(built, ["grasp"])["grasp"].value == expected
