"""The longest path through a network, counted in layers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from zc_bench.engine.declare import shared_pass
from zc_bench.engine.scores import UndefinedScoreError
from zc_bench.passes.layers import weighted_layers
from zc_bench.passes.operations import hidden_part
from zc_bench.passes.outputs import expect_graph, output_tensors, total
from zc_bench.passes.running import first_images, hooked, run
from zc_bench.passes.trial_inputs import TrialInputs

_NOWHERE = -1


@dataclass(frozen=True)
class LayerPaths:
    """The paths from the images to the outputs.

    Attributes:
        longest: the most calls of Conv2d and Linear modules on any of them; None where no path
            leads from the images to the outputs.
    """

    longest: int | None


@shared_pass(reads={LayerPaths: ()})
def layer_paths(trial: TrialInputs) -> LayerPaths:
    """Follow the graph of two images from the outputs to the images.

    A product with the number zero, which is the operation `none` of some search spaces, ends a
    path. With integer inputs, which are no part of a graph, paths begin at any parameter.

    Raises:
        UndefinedScoreError: if a part of the network hides what it does.
        InvalidScoreError: if the network runs without gradients.
    """
    if reason := hidden_part(trial.network):
        raise UndefinedScoreError(reason)
    images = first_images(trial, 2).detach()
    images.requires_grad_(images.is_floating_point())
    calls: list[Any] = []

    def keep(_layer: object, _inputs: object, output: Tensor) -> None:
        calls.append(output.grad_fn)

    with torch.enable_grad(), hooked(weighted_layers(trial.network), keep):
        outputs = run(trial, images)
        expect_graph(total(outputs), "the paths through the network cannot be followed")
    start = images if images.requires_grad else None
    ends = [tensor.grad_fn for tensor in output_tensors(outputs)]
    longest = _longest(ends, frozenset(calls), start)
    return LayerPaths(None if longest == _NOWHERE else longest)


def _longest(ends: Iterable[Any], calls: frozenset[Any], start: Tensor | None) -> int:
    """Return the most calls on a path from the start to one of the ends, or `_NOWHERE`."""
    known: dict[Any, int] = {None: _NOWHERE}
    ends = [end for end in ends if end is not None]
    waiting = list(ends)
    while waiting:
        node = waiting[-1]
        before = [] if _is_zero(node) else [other for other, _ in node.next_functions]
        unknown = [other for other in before if other not in known]
        if unknown and node not in known:
            waiting.extend(unknown)
            continue
        waiting.pop()
        below = max((known[other] for other in before), default=_NOWHERE)
        if hasattr(node, "variable") and (start is None or node.variable is start):
            below = 0
        known[node] = below if below == _NOWHERE else below + (node in calls)
    return max((known[end] for end in ends), default=_NOWHERE)


def _is_zero(node: Any) -> bool:
    """Tell whether a node multiplies with the number zero, which is no parameter."""
    if node.name() != "MulBackward0" or node.next_functions[-1][0] is not None:
        return False
    factor = node._saved_other
    return isinstance(factor, Tensor) and factor.dim() == 0 and not bool(factor)
