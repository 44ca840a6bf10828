"""Sum of the norms of the gradients."""

import math

from torch import nn

from networks import Case
from reference.running import draws, training_copy, weights_of


def grad_norm(case: Case) -> float:
    """Call backward() and read .grad, as one does in a training loop."""
    network = training_copy(case)
    network.zero_grad()
    with draws(case):
        nn.functional.cross_entropy(network(case.images), case.labels).backward()
    grads = [weight.grad for weight in weights_of(network)]
    return sum(
        math.sqrt(math.fsum(value**2 for value in grad.flatten().tolist()))
        for grad in grads
        if grad is not None
    )
