import pytest
import torch
from torch import nn

from networks import Recipe, case, score
from zc_bench.engine.scores import InvalidScoreError, Status
from zc_bench.passes import tangent_kernel
from zc_bench.passes.tangent_kernel import TangentKernel
from zc_bench.proxies.ntk_condition import ntk_condition


def test_it_divides_the_extreme_eigenvalues() -> None:
    assert ntk_condition(TangentKernel(torch.diag(torch.tensor([2.0, 8.0, 4.0])))) == pytest.approx(
        4
    )


def test_a_linear_network_has_the_kernel_of_its_images_by_hand() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(2, 3)).double()
    built = case(network, 2, 2, 1, 1)
    built.images[:] = torch.tensor([[3.0, 0.0], [0.0, 1.0]]).view(2, 2, 1, 1)
    # Each of the three outputs has the image as gradient: K = 3 diag(9, 1). Biases do not count.
    assert score(built, ["ntk_condition"])["ntk_condition"].value == pytest.approx(9)


@pytest.mark.parametrize("kernel", [[[1.0, 1.0], [1.0, 1.0]], [[1.0, 0.0], [0.0, -1e-20]]])
def test_a_smallest_eigenvalue_within_rounding_is_invalid(kernel: list[list[float]]) -> None:
    with pytest.raises(InvalidScoreError, match="within rounding"):
        ntk_condition(TangentKernel(torch.tensor(kernel, dtype=torch.float64)))


def test_equal_images_are_invalid() -> None:
    found = score(Recipe(images=5, duplicate=True).build(), ["ntk_condition"])["ntk_condition"]
    assert found.status is Status.INVALID


def test_layers_a_few_at_a_time_have_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    built = Recipe(images=6).build()
    whole = score(built, ["ntk_condition"])["ntk_condition"].value
    monkeypatch.setattr(tangent_kernel, "MOST_VALUES", 6 * 100)
    assert score(built, ["ntk_condition"])["ntk_condition"].value == whole
    monkeypatch.setattr(tangent_kernel, "MOST_VALUES", 1)
    assert score(built, ["ntk_condition"])["ntk_condition"].value == whole


def test_outputs_without_the_images_as_rows_are_undefined() -> None:
    network = nn.Sequential(nn.Conv2d(3, 2, 1), nn.Flatten(0))
    found = score(case(network, 4, 3, 2, 2), ["ntk_condition"])["ntk_condition"]
    assert found.status is Status.UNDEFINED
    assert "first dimension" in found.reason


def test_no_weights_are_invalid() -> None:
    network = nn.Sequential(nn.ReLU(), nn.Flatten())
    assert (
        score(case(network, 4, 3, 2, 2), ["ntk_condition"])["ntk_condition"].status
        is Status.INVALID
    )
