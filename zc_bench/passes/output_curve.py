"""The curve of the outputs while the input goes along a circle: its velocity and acceleration."""

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from zc_bench.engine.declare import shared_pass
from zc_bench.engine.scores import UndefinedScoreError
from zc_bench.passes.outputs import output_tensors
from zc_bench.passes.running import named_tensors, run_with, single_image
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.seeding import numpy_generator, torch_seeded

COORDINATES = 10


@dataclass(frozen=True)
class OutputCurve:
    """Derivatives of some outputs with respect to the angle on a circle of inputs.

    Attributes:
        values: float64 (D,), the outputs.
        velocity: float64 (D,), the first derivatives.
        acceleration: float64 (D,), the second derivatives.
    """

    values: Tensor
    velocity: Tensor
    acceleration: Tensor


@shared_pass(reads={OutputCurve: ("weights", "seed")}, differentiates=True)
def output_curve(trial: TrialInputs) -> OutputCurve:
    """Send a point of a random circle of radius 1 through the network, and differentiate twice.

    The circle lies in the space of one image. `COORDINATES` outputs are drawn with replacement. The
    network runs in float64: second derivatives cancel. Tangents of tangents would need fewer
    passes, but torch computes those of batch normalisation wrongly.

    Raises:
        UndefinedScoreError: if the inputs are integers, or PyTorch cannot differentiate the network
            twice.
        InvalidScoreError: if some batch normalisation has one value per channel of the image.
    """
    trial.expect_images("it moves an image along a circle")
    image = trial.images[:1]
    generator = numpy_generator(trial.seed, "circle")
    drawn = torch.from_numpy(generator.standard_normal((2, image.numel()))).to(image.device)
    start = drawn[0] / drawn[0].norm()
    rest = drawn[1] - (drawn[1] @ start) * start
    along = rest / rest.norm()
    copies: dict[int, Tensor] = {}
    state = {
        name: copies.setdefault(id(own), _copy(own)) for name, own in named_tensors(trial.network)
    }

    angle = torch.zeros((), dtype=torch.float64, device=image.device, requires_grad=True)
    with (
        single_image(),
        torch_seeded(trial.seed, "forward", device=image.device),
        torch.enable_grad(),
    ):
        point = (start * angle.cos() + along * angle.sin()).reshape(image.shape)
        outputs = output_tensors(run_with(trial.network, state, point))[0].flatten()
    places = generator.integers(len(outputs), size=COORDINATES).tolist()
    found = {place: _derivatives(outputs[place], angle) for place in dict.fromkeys(places)}
    velocity, acceleration = zip(*(found[place] for place in places), strict=True)
    return OutputCurve(outputs.detach()[places], torch.stack(velocity), torch.stack(acceleration))


def _copy(tensor: Tensor) -> Tensor:
    return tensor.detach().double().clone() if tensor.is_floating_point() else tensor.clone()


def _derivatives(output: Tensor, angle: Tensor) -> tuple[Tensor, Tensor]:
    """Differentiate one output once and twice."""
    if not output.requires_grad:
        return torch.zeros_like(angle), torch.zeros_like(angle)
    differentiate = partial(torch.autograd.grad, retain_graph=True, materialize_grads=True)
    try:
        (first,) = differentiate(output, angle, create_graph=True)
        (second,) = (
            differentiate(first, angle) if first.requires_grad else (torch.zeros_like(angle),)
        )
    except RuntimeError as error:
        if "is not implemented" not in str(error):
            raise
        message = f"PyTorch cannot differentiate the network twice: {error}"
        raise UndefinedScoreError(message) from error
    return first.detach(), second.detach()
