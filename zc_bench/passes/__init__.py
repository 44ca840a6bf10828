"""Passes: traversals of a network that produce observations; an import registers them."""

from zc_bench.passes import (
    batch_gradients,
    cell_features,
    channel_correlations,
    distinct_patterns,
    forward,
    gaussian_forward,
    hessian_gradient,
    input_jacobian,
    layer_paths,
    loss_gradients,
    multiply_adds,
    network_size,
    pattern_agreements,
    synaptic_flow,
    weights,
)
from zc_bench.passes.trial_inputs import TrialInputs

__all__ = [
    "TrialInputs",
    "batch_gradients",
    "cell_features",
    "channel_correlations",
    "distinct_patterns",
    "forward",
    "gaussian_forward",
    "hessian_gradient",
    "input_jacobian",
    "layer_paths",
    "loss_gradients",
    "multiply_adds",
    "network_size",
    "pattern_agreements",
    "synaptic_flow",
    "weights",
]
