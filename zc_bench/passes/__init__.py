"""Passes: traversals of a network that produce observations; an import registers them."""

from zc_bench.passes import (
    activation_windows,
    batch_gradients,
    distinct_patterns,
    forward,
    gaussian_forward,
    gradient_signs,
    hessian_gradient,
    input_jacobian,
    logit_jacobian,
    loss_gradients,
    multiply_adds,
    network_size,
    pattern_agreements,
    synaptic_flow,
    tangent_kernel,
    weights,
)
from zc_bench.passes.trial_inputs import TrialInputs

__all__ = [
    "TrialInputs",
    "activation_windows",
    "batch_gradients",
    "distinct_patterns",
    "forward",
    "gaussian_forward",
    "gradient_signs",
    "hessian_gradient",
    "input_jacobian",
    "logit_jacobian",
    "loss_gradients",
    "multiply_adds",
    "network_size",
    "pattern_agreements",
    "synaptic_flow",
    "tangent_kernel",
    "weights",
]
