"""All that scoring could change, described so that before and after can be compared."""

from typing import Any

import torch
from torch import Tensor

from networks import Case

HOOKS = (
    "_forward_hooks",
    "_forward_pre_hooks",
    "_backward_hooks",
    "_backward_pre_hooks",
    "_state_dict_hooks",
)


def tensor_state(tensor: Tensor | None) -> Any:
    """Describe a tensor: its values, which memory holds them, and how often that was written to."""
    if tensor is None:
        return None
    values = tensor.detach().contiguous().reshape(-1).view(torch.uint8).tolist()
    hooks = dict(tensor._backward_hooks or {})
    return (
        id(tensor),
        tensor.data_ptr(),
        tensor._version,
        values,
        tensor.requires_grad,
        tensor.is_leaf,
        hooks,
    )


def everything(built: Case) -> dict[str, Any]:
    """Describe all that a pass could change."""
    network = built.network
    described: dict[str, Any] = {
        name: [tensor_state(parameter), tensor_state(parameter.grad)]
        for name, parameter in network.named_parameters()
    }
    described |= {name: tensor_state(buffer) for name, buffer in network.named_buffers()}
    for name, module in network.named_modules():
        described[f"module {name}"] = [
            id(module),
            type(module),
            module.training,
            sorted(vars(module)),
        ]
        described[f"hooks {name}"] = [dict(getattr(module, kind)) for kind in HOOKS]
    for name, tensor in (
        ("images", built.images),
        ("labels", built.labels),
        ("second", built.second.images),
    ):
        described[name] = [tensor_state(tensor), tensor_state(tensor.grad)]
    described["random numbers"] = torch.get_rng_state().tolist()
    described["modes"] = [torch.is_grad_enabled(), torch.is_inference_mode_enabled()]
    described["default"] = torch.get_default_dtype()
    return described
