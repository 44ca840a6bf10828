import math

import pytest
import torch

from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.cell_features import FeatureSpectra
from zc_bench.proxies.az_expressivity import az_expressivity


def test_it_adds_up_the_entropies_of_the_features() -> None:
    # The shares are 1/4 and 3/4, then 1.
    spectra = FeatureSpectra((torch.tensor([1.0, 3.0]), torch.tensor([2.0])))
    by_hand = -(0.25 * math.log(0.25) + 0.75 * math.log(0.75))
    assert az_expressivity(spectra) == pytest.approx(by_hand, abs=1e-7)


def test_a_share_of_zero_adds_nothing() -> None:
    one, other = (
        FeatureSpectra((torch.tensor(values),)) for values in ([0.0, 0.0, 1.0, 1.0], [5.0, 5.0])
    )
    assert az_expressivity(one) == pytest.approx(az_expressivity(other))


def test_a_constant_feature_is_invalid_and_named() -> None:
    with pytest.raises(InvalidScoreError, match="output of cell 1 does not vary"):
        az_expressivity(FeatureSpectra((torch.ones(2), torch.zeros(2))))
    with pytest.raises(InvalidScoreError, match="enters the first cell"):
        az_expressivity(FeatureSpectra((torch.zeros(2), torch.ones(2))))
