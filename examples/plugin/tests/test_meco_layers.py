"""MeCo and its pass."""

import numpy as np
import pytest
import torch
from torch import nn
from zc_bench_example.meco_layers import FeatureMaps, feature_maps, meco_layers

from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.testing import pass_checks, proxy_checks


def test_a_case_that_can_be_reckoned_by_hand():
    """Compare with a number that needs no computer."""
    # The eigenvalues of [[1, r], [r, 1]] are 1 - r and 1 + r.
    pairs = tuple(torch.tensor([[1.0, r], [r, 1.0]]) for r in (0.25, 0.5))
    assert meco_layers(FeatureMaps(pairs)) == pytest.approx(0.75 + 0.5)


def test_the_pass_agrees_with_numpy():
    """Compare with another implementation."""
    layer, seen = nn.Conv2d(3, 4, 3), []
    layer.register_forward_hook(lambda _layer, _inputs, output: seen.append(output))
    trial = TrialInputs(
        nn.Sequential(layer, nn.Flatten()),
        torch.zeros(2, 3, 8, 8),
        None,
        nn.functional.mse_loss,
        seed=0,
    )
    (found,) = feature_maps(trial).correlations
    expected = np.corrcoef(seen[0][0].reshape(4, 36).numpy())
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-5)


@pytest.mark.parametrize(
    "check", [*pass_checks("feature_maps"), *proxy_checks("meco_layers")], ids=str
)
def test_a_promise(check):
    """Keep what every proxy promises."""
    check()
