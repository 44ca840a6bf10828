"""Signs of the gradients of single images."""

from torch import nn

from networks import Case
from reference.running import draws, training_copy, weights_of


def gradsign(case: Case) -> float | None:
    """Call backward() for one image after the other, and count signs weight by weight."""
    signs: list[int] = []
    for image, label in zip(case.images, case.labels, strict=True):
        network = training_copy(case)
        network.zero_grad()
        try:
            with draws(case):
                outputs = network(image[None])
        except ValueError:  # batch normalisation of a single value
            return None
        nn.functional.cross_entropy(outputs, label[None]).backward()
        values = [
            value
            for weight in weights_of(network)
            for value in (
                [0.0] * weight.numel() if weight.grad is None else weight.grad.flatten().tolist()
            )
        ]
        signs = signs or [0] * len(values)
        signs = [
            total + (value > 0) - (value < 0) for total, value in zip(signs, values, strict=True)
        ]
    return float(sum(map(abs, signs)))
