"""Passes: traversals of a network, each giving an observation; importing this package registers them."""

from zc_bench.passes import (
    distinct_patterns,
    forward,
    input_jacobian,
    loss_gradients,
    multiply_adds,
    network_size,
    weights,
)
from zc_bench.passes.trial import Trial

__all__ = [
    "Trial",
    "distinct_patterns",
    "forward",
    "input_jacobian",
    "loss_gradients",
    "multiply_adds",
    "network_size",
    "weights",
]
