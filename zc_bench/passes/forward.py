"""The forward pass, once.

Outputs with their graph, the patterns of the rectified units, the number of operations.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from zc_bench.engine.declare import Requested, shared_pass
from zc_bench.kernels.double_backward import FastDoubleBackward
from zc_bench.passes.gradient_graph import GradientGraph
from zc_bench.passes.layer_operations import LayerOperations, OperationCounter
from zc_bench.passes.layers import WeightedLayer, weighted_layers
from zc_bench.passes.operations import only_modules
from zc_bench.passes.relu_patterns import PatternRecorder, ReluPatterns, recorded
from zc_bench.passes.running import hooked, out_of_place, run
from zc_bench.passes.trial_inputs import TrialInputs


@dataclass(frozen=True)
class LayerOutput:
    """One call of a Conv2d or Linear layer.

    Attributes:
        layer: the layer.
        output: what it gave, before batch normalisation, in the graph: (N, C, H, W) or (N, ..., C).
        version: how often the output had been written to when the layer gave it.
    """

    layer: WeightedLayer
    output: Tensor
    version: int

    @property
    def lost(self) -> bool:
        """Whether the network has written over the output, other than by a rectifier.

        A rectifier in place changes neither the output times its gradient nor anything else that is
        asked here.
        """
        operation = type(self.output.grad_fn).__name__
        rectified = operation.startswith(("ReluBackward", "LeakyReluBackward"))
        return self.output._version > self.version + rectified


@dataclass(frozen=True)
class Forward:
    """A forward pass to differentiate.

    Attributes:
        images: (N, C, H, W), a leaf of the graph unless they are integers.
        outputs: what the network returned, as a rule (N, K), the root of the graph.
        layer_outputs: the calls of Conv2d and Linear layers, in order.
    """

    images: Tensor
    outputs: Any
    layer_outputs: tuple[LayerOutput, ...]


@shared_pass(reads={LayerOperations: ()})
def forward(
    trial: TrialInputs, requested: Requested
) -> tuple[Forward | None, ReluPatterns | None, LayerOperations | None]:
    """Run the network on the batch.

    No graph is built unless a pass differentiates it, no pattern packed unless a pass counts
    them. Where only the operations are asked for, two images do: batch normalisation refuses a
    single value per channel.
    """
    differentiated = Forward in requested
    recorder = PatternRecorder(len(trial.images))
    layer_outputs: list[LayerOutput] = []

    def keep(layer: WeightedLayer, _inputs: tuple[Any, ...], output: Tensor) -> None:
        layer_outputs.append(LayerOutput(layer, output, output._version))

    counter = (
        OperationCounter() if LayerOperations in requested and only_modules(trial.network) else None
    )
    if not (differentiated or ReluPatterns in requested or counter):
        return None, None, LayerOperations(None)
    images = (
        trial.images.detach() if differentiated or ReluPatterns in requested else trial.images[:2]
    )
    with ExitStack() as stack:
        if ReluPatterns in requested:
            stack.enter_context(recorded(trial, recorder))
        stack.enter_context(torch.enable_grad() if differentiated else torch.inference_mode())
        if differentiated:
            stack.enter_context(out_of_place(trial.network))
            stack.enter_context(hooked(weighted_layers(trial.network), keep))
            images = images.requires_grad_(images.is_floating_point())
        if GradientGraph in requested:
            stack.enter_context(FastDoubleBackward())
        if counter:
            leaves = [module for module in trial.network.modules() if not list(module.children())]
            stack.enter_context(hooked(leaves, counter))
        outputs = run(trial, images)
    return (
        Forward(images, outputs, tuple(layer_outputs)) if differentiated else None,
        recorder.patterns() if ReluPatterns in requested else None,
        LayerOperations(counter.total if counter else None)
        if LayerOperations in requested
        else None,
    )
