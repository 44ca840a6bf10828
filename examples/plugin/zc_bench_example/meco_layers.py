"""MeCo over layers alone, a proxy that brings its own observation and its own pass."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from zc_bench import proxy, shared_pass
from zc_bench._internal.gaussian import randn_like
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.running import hooked, run
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.seeding import torch_seeded


@dataclass(frozen=True)
class FeatureMaps:
    """How the channels of every layer go together, for one random image.

    Attributes:
        correlations: per call of a layer that produces feature maps, float64 (C, C): Pearson's correlation of its
            channels over positions; zero where a channel is constant.
    """

    correlations: tuple[Tensor, ...]


@shared_pass
def feature_maps(trial: TrialInputs) -> FeatureMaps:
    """Run the network once, on one N(0, 1) image of the batch's shape."""
    found: list[Tensor] = []

    def correlate(_layer: nn.Module, _inputs: object, output: object) -> None:
        if isinstance(output, Tensor) and output.dim() == 4:
            maps = output[0].flatten(1).double()
            unit = nn.functional.normalize(maps - maps.mean(1, keepdim=True))
            found.append(unit @ unit.T)

    # A container produces what its last layer gave: only layers count.
    layers = [module for module in trial.network.modules() if not list(module.children())]
    with (
        torch_seeded(trial.seed, "feature maps", device=trial.images.device),
        torch.inference_mode(),
    ):
        image = randn_like(trial.images[:1])
        with hooked(layers, correlate):
            run(trial, image)
    return FeatureMaps(tuple(found))


@proxy(
    "meco_layers",
    source="Jiang et al. 2023, MeCo, NeurIPS 2023, as its authors compute it, over layers alone",
)
def meco_layers(maps: FeatureMaps) -> float:
    """Sum over layers of the smallest eigenvalue of the correlation matrix of the feature maps.

    Deviation: the authors, and `meco` of zc-bench, add up over all modules, so that they count a layer once more for
    each container it ends.

    Raises:
        InvalidScoreError: if there are no feature maps, or some are not finite.
    """
    if not maps.correlations:
        message = "no layer of the network produces feature maps"
        raise InvalidScoreError(message)
    if not all(bool(matrix.isfinite().all()) for matrix in maps.correlations):
        message = "there are feature maps that are not finite"
        raise InvalidScoreError(message)
    return sum(float(torch.linalg.eigvalsh(matrix)[0]) for matrix in maps.correlations)
