"""The derivative of the outputs with respect to every weight of the linearised network."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from zc_bench.engine.declare import shared_pass
from zc_bench.passes.outputs import expect_graph, total
from zc_bench.passes.running import named_tensors, run_with
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.passes.weights import Weights
from zc_bench.seeding import torch_seeded


@dataclass(frozen=True)
class SynapticFlow:
    """The linearised network and its derivative.

    Attributes:
        weights: float64, |w|, one tensor per Conv2d/Linear weight.
        flow_grads: float64, dR/d|w|, same shapes: R is the sum of the outputs for one image of
            ones.
    """

    weights: tuple[Tensor, ...]
    flow_grads: tuple[Tensor, ...]


@shared_pass(reads={SynapticFlow: ("weights", "seed")})
def synaptic_flow(trial: TrialInputs, weights: Weights) -> SynapticFlow:
    """Differentiate the sum of the outputs for one image of ones, in the linearised network.

    The linearised network has no batch normalisation, and the absolute values of all parameters and
    buffers. It runs in float64, because R grows with the product of the layers' weights, beyond
    1e38.

    Raises:
        UndefinedScoreError: if the inputs are integers.
        InvalidScoreError: if the network has no weights, or runs without gradients.
    """
    trial.expect_images("it sends an image of ones through the network")
    named = dict(named_tensors(trial.network))
    absolute = {id(tensor): _absolute(tensor) for tensor in named.values()}
    leaves = [absolute[id(weight)].requires_grad_() for weight in weights.leaves()]
    image = torch.ones_like(trial.images[:1], dtype=torch.float64)
    with (
        torch.enable_grad(),
        torch_seeded(trial.seed, "forward", device=image.device),
        _NoBatchNorm(),
    ):
        flow = total(
            run_with(
                trial.network, {name: absolute[id(tensor)] for name, tensor in named.items()}, image
            )
        )
        expect_graph(flow, "the outputs do not depend on the weights")
        grads = torch.autograd.grad(flow, leaves, materialize_grads=True)
    return SynapticFlow(tuple(leaf.detach() for leaf in leaves), grads)


def _absolute(tensor: Tensor) -> Tensor:
    """Copy the absolute values of a tensor; integers, such as positions, stay the same."""
    return tensor.detach().double().abs() if tensor.is_floating_point() else tensor.clone()


class _NoBatchNorm(TorchFunctionMode):
    """While active, batch normalisation returns its input."""

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Handle one call."""
        kwargs = kwargs or {}
        if function in (functional.batch_norm, torch.batch_norm):
            return args[0] if args else kwargs["input"]
        return function(*args, **kwargs)
