"""Entropy of the Fisher information, with one backward pass per image and logit."""

import math

import numpy as np
import torch
from torch import nn

from networks import Case
from reference.running import draws, training_copy, weight_names


def vkdnw(case: Case) -> float:
    """Draw weights, differentiate logit after logit, and add up the Fisher information."""
    network = training_copy(case).eval()
    named = list(network.named_parameters())
    with draws(case, "logit jacobian"), torch.no_grad():
        _initialise(network)
        images = torch.randn(case.images.shape, dtype=case.images.dtype)
    parameters = [parameter for _, parameter in named[:128]]
    information = np.zeros((len(parameters), len(parameters)))
    for image in images:
        logits = network(image[None])[0]
        rows = []
        for logit in logits:
            grads = torch.autograd.grad(
                logit, parameters, retain_graph=True, materialize_grads=True
            )
            rows.append([grad.flatten()[0].item() for grad in grads])
        exponentials = [math.exp(logit.item() - logits.max().item()) for logit in logits]
        shares = [
            0.95 * exponential / sum(exponentials) + 0.05 / len(logits)
            for exponential in exponentials
        ]
        product = _factor(shares) @ np.array(rows)
        information += product.T @ product / len(images)
    quantiles = np.quantile(np.linalg.svd(information, compute_uv=False), np.arange(1, 10) / 10)
    shares = quantiles / (quantiles.sum() + 1e-10)
    return len(named) - float((shares * np.log(shares + 1e-10)).sum())


def _factor(shares: list[float]) -> np.ndarray:
    """Factor the covariance of one draw by the textbook's loops."""
    size = len(shares)
    covariance = np.diag(shares) - np.outer(shares, shares)
    factor = np.zeros((size, size))
    for column in range(size - 1):  # the last one is zero: the shares sum to one
        rest = covariance[column, column] - factor[column, :column] @ factor[column, :column]
        factor[column, column] = math.sqrt(rest)
        for row in range(column + 1, size):
            rest = covariance[row, column] - factor[row, :column] @ factor[column, :column]
            factor[row, column] = rest / factor[column, column]
    return factor


def _initialise(network: nn.Module) -> None:
    """Draw Kaiming's weights, forget batch statistics."""
    weights = set(weight_names(network))
    for prefix, module in network.named_modules():
        for name, parameter in module.named_parameters(recurse=False):
            if (f"{prefix}.{name}" if prefix else name) in weights:
                drawn = torch.randn(parameter.shape, dtype=parameter.dtype)
                parameter.copy_(drawn * math.sqrt(2 / parameter[0].numel()))
            elif isinstance(module, nn.Conv2d | nn.Linear):
                parameter.zero_()
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            module.reset_parameters()
        if isinstance(module, nn.MultiheadAttention):
            module.in_proj_bias.zero_()
