"""The score of batch normalisation."""

import math

import pytest
import torch
from zc_bench_example.bn_score import bn_score

from zc_bench.passes.gaussian_forward import GaussianForward
from zc_bench.testing import proxy_checks


def test_a_case_that_can_be_reckoned_by_hand():
    """Compare with a number that needs no computer."""
    features = torch.zeros(2, 3)
    variances = (torch.tensor([1.0, 3.0]), torch.tensor([4.0]))
    assert bn_score(GaussianForward(features, features, variances)) == pytest.approx(
        math.log(2) / 2 + math.log(2)
    )


@pytest.mark.parametrize("check", proxy_checks("bn_score"), ids=str)
def test_a_promise(check):
    """Keep what every proxy promises."""
    check()
