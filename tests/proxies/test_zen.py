import math

import pytest
import torch

from networks import Recipe, score
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.gaussian_forward import GaussianForward
from zc_bench.proxies.zen import zen


def test_it_adds_the_log_of_the_change_and_the_scales_of_the_normalisations() -> None:
    features = torch.zeros(2, 3)
    perturbed = torch.tensor([[1.0, -1.0, 0.0], [0.0, 0.0, 4.0]])
    variances = (torch.tensor([4.0, 2.0]), torch.tensor([16.0]))
    # The images change by 2 and 4.
    by_hand = math.log(3) + math.log(math.sqrt(3)) + math.log(4)
    assert zen(GaussianForward(features, perturbed, variances)) == pytest.approx(by_hand)


def test_no_change_is_invalid() -> None:
    with pytest.raises(InvalidScoreError, match="do not depend"):
        zen(GaussianForward(torch.ones(2, 3), torch.ones(2, 3), ()))


def test_neither_weights_nor_images_enter() -> None:
    first, other = Recipe(seed=1).build(), Recipe(seed=2).build()
    scores = [
        score(
            type(first)(built.network, built.images, built.labels, built.second, seed=5), ["zen"]
        )["zen"].value
        for built in (first, other)
    ]
    assert scores[0] == scores[1]
