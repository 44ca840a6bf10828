"""The memory format of a network."""

import torch
from torch import nn

_NARROW = 16


def memory_format_for(network: nn.Module, device: torch.device) -> torch.memory_format:
    """Choose the memory format that is fastest and safe.

    Channels-last halves the time on a CPU. But in torch 2.13 the backward pass of a strided 1x1
    convolution with few output channels corrupts memory in that format on a CPU: with 2, 3, 4 and 6
    channels, not with 8. Networks with such a convolution stay in the contiguous format.

    Args:
        network: any module.
        device: the device of the network.
    """
    narrow = any(
        isinstance(module, nn.Conv2d)
        and module.kernel_size == (1, 1)
        and module.stride != (1, 1)
        and module.out_channels < _NARROW
        for module in network.modules()
    )
    return torch.contiguous_format if narrow and device.type == "cpu" else torch.channels_last
