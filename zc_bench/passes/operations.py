"""The operations that a network runs, wherever they are written.

In a module, a function or a method of a tensor.
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

# Modules without effect on patterns and operations, and those that have a rule of their own.
_MODULES = frozenset(
    {
        nn.AdaptiveAvgPool2d,
        nn.AvgPool2d,
        nn.BatchNorm2d,
        nn.Conv2d,
        nn.ConvTranspose2d,
        nn.Dropout,
        nn.Flatten,
        nn.Identity,
        nn.LeakyReLU,
        nn.Linear,
        nn.MaxPool2d,
        nn.ModuleDict,
        nn.ModuleList,
        nn.ReLU,
        nn.Sequential,
        nn.Tanh,
    }
)
_SPACES = "zc_bench.spaces."
_NAMESPACES = ("aten", "prim", "prims", "profiler")
_FUSED = frozenset(
    {
        "_addmm_activation",
        "_native_multi_head_attention",
        "_transformer_encoder_layer_fwd",
        "cudnn_convolution_add_relu",
        "cudnn_convolution_relu",
    }
)


class Operations(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While active, calls `after` for every operation that torch's dispatcher runs.

    Modules, functions, methods of tensors and operations in place all come by. An operation that
    consists of others is taken apart, unless it is named in `whole`.

    Attributes:
        whole: names of operations that are not taken apart.
        unseen: why some operation could not be taken apart; empty where all could.
    """

    whole: frozenset[str] = frozenset()

    def __init_subclass__(cls) -> None:
        """Give subclasses the types that torch leaves out."""
        super().__init_subclass__()  # type: ignore[no-untyped-call]

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.unseen = ""

    def after(self, name: str, args: tuple[Any, ...], output: Any, /) -> None:
        """Take note of one operation.

        Args:
            name: its name in torch's dispatcher, without the underscore of an operation in place.
            args: its positional arguments.
            output: what it returned.
        """
        raise NotImplementedError

    def __torch_dispatch__(
        self,
        function: Any,
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Catch one call."""
        kwargs = kwargs or {}
        space, name = function._schema.name.removesuffix("_").split("::")
        if space not in ("prim", "profiler") and name not in self.whole:
            with self:
                output = function.decompose(*args, **kwargs)
            if output is not NotImplemented:
                return output
        output = function(*args, **kwargs)
        if space not in _NAMESPACES:
            self.unseen = f"the network runs {space}::{name}, and what that computes inside cannot be observed"
        elif name in _FUSED:
            self.unseen = f"the network runs torch's {name}, which does several operations at once"
        self.after(name, args, output)
        return output


def only_modules(network: nn.Module) -> bool:
    """Return whether hooks on the modules of a network observe every operation that counts.

    This holds if all modules are those of torch or of the search spaces. The code of any other
    module may call functions; `Operations` observes these, at the cost of a few microseconds per
    operation.

    Args:
        network: any module.

    Returns:
        True for modules of torch and of the search spaces only.
    """
    return all(_is_known(module) for module in network.modules())


def hidden_part(network: nn.Module) -> str:
    """Name a part of a network whose operations and weights cannot be observed.

    Args:
        network: any module.

    Returns:
        A reason in words; empty where there is no such part.
    """
    for name, module in network.named_modules():
        if isinstance(module, torch.jit.ScriptModule):
            where = repr(name) if name else "the network"
            return (
                f"{where} is compiled by TorchScript, and what it computes cannot be observed: "
                "score it before it is"
            )
        if isinstance(module, nn.DataParallel) and len(module.device_ids) > 1:
            return (
                "the network runs on several devices at once, and what it computes there cannot be "
                "observed"
            )
    return ""


def _is_known(module: nn.Module) -> bool:
    own = vars(module)
    altered = (
        "forward" in own
        or own.get("_compiled_call_impl")
        or module._forward_hooks
        or module._forward_pre_hooks
    )
    return not altered and (type(module) in _MODULES or type(module).__module__.startswith(_SPACES))
