import math

import pytest
import torch

from zc_bench.passes.cell_features import FeatureSpectra
from zc_bench.proxies.az_progressivity import az_progressivity


def test_it_is_the_smallest_gain() -> None:
    spectra = FeatureSpectra(tuple(torch.ones(channels) for channels in (2, 8, 16, 8)))
    assert az_progressivity(spectra) == pytest.approx(-math.log(2), abs=1e-6)


def test_cells_that_change_nothing_gain_nothing() -> None:
    same = torch.tensor([1.0, 2.0])
    assert az_progressivity(FeatureSpectra((same, same, same))) == 0
