"""Gaussian weights, as Zen-NAS, AZ-NAS and the published code of SWAP-NAS draw them."""

import math
from collections.abc import Collection, Iterator

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


def gaussian_parameters(
    network: nn.Module,
    weights: Collection[Tensor] = (),
    biases: Collection[Tensor] = (),
    *,
    kaiming: bool = False,
) -> Iterator[tuple[str, Tensor]]:
    """Draw parameters for a network, from torch's global generator.

    Args:
        network: read, not changed.
        weights: parameters that are weights, besides those of Conv2d and Linear layers.
        biases: parameters that are their biases.
        kaiming: whether weights have the variance 2 / fan_in (He et al. 2015) instead of 1. These
            are the same on every device.

    Yields:
        Name and value of every parameter: N(0, 1) for the weights of Conv2d and Linear layers, 0
        for their biases, scale 1 and shift 0 for batch normalisation, a copy of any other.
    """
    roles = {id(item): True for item in weights} | {id(item): False for item in biases}
    drawn: dict[Tensor, Tensor] = {}  # a parameter that two modules share is one parameter
    for prefix, module in network.named_modules():
        for name, parameter in module.named_parameters(recurse=False):
            if parameter not in drawn:
                drawn[parameter] = _gaussian(
                    module, name, parameter.detach(), roles.get(id(parameter)), kaiming=kaiming
                )
            yield f"{prefix}.{name}" if prefix else name, drawn[parameter]


def _gaussian(
    module: nn.Module, name: str, parameter: Tensor, is_weight: bool | None, *, kaiming: bool
) -> Tensor:
    if isinstance(module, nn.Conv2d | nn.Linear):
        is_weight = name == "weight"
    if is_weight is not None:
        if not is_weight:
            return torch.zeros_like(parameter)
        if kaiming:
            return randn_like(parameter, on_cpu=True).mul_(math.sqrt(2 / parameter[0].numel()))
        return randn_like(parameter)
    if isinstance(module, _BatchNorm):
        return torch.full_like(parameter, float(name == "weight"))
    return parameter.clone()


def randn_like(tensor: Tensor, *, on_cpu: bool = False) -> Tensor:
    """Draw N(0, 1) in the shape and memory format of a tensor.

    The numbers are drawn in the order of the indices. So they do not depend on the memory format,
    unlike those of `torch.randn_like`, which is also slow for channels-last tensors.

    Args:
        tensor: read, not changed.
        on_cpu: whether the numbers come from the generator of the CPU, and so are the same on every
            device, instead of that of the tensor's device.
    """
    device = torch.device("cpu") if on_cpu else tensor.device
    drawn = torch.randn(tensor.shape, dtype=tensor.dtype, device=device)
    return torch.empty_like(tensor).copy_(drawn)
