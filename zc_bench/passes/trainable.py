"""Weights that can be differentiated, in place of frozen ones and those of inference mode."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn
from torch.nn.parameter import is_lazy

from zc_bench.errors import ZcBenchError


@contextmanager
def trainable(network: nn.Module) -> Iterator[None]:
    """Replace the parameters that cannot be differentiated by ones that can, while the block lasts.

    A replacement shares the memory of a frozen parameter. It is a copy of a parameter that was made
    in inference mode, because autograd refuses such tensors. All other parameters stay. A tied
    parameter stays tied.

    Raises:
        ZcBenchError: if a parameter has no shape yet.
    """
    placed: list[tuple[nn.Module, str, nn.Parameter]] = []
    twins: dict[int, nn.Parameter] = {}
    try:
        for module in network.modules():
            for name, parameter in list(module.named_parameters(recurse=False)):
                _expect_shape(module, parameter)
                if not _is_trainable(parameter):
                    placed.append((module, name, parameter))
                    if id(parameter) not in twins:
                        twins[id(parameter)] = _twin(parameter)
                    setattr(module, name, twins[id(parameter)])
        yield
    finally:
        for module, name, parameter in placed:
            setattr(module, name, parameter)


def _is_trainable(parameter: nn.Parameter) -> bool:
    differentiable = parameter.is_floating_point() or parameter.is_complex()
    return not parameter.is_inference() and (parameter.requires_grad or not differentiable)


def _twin(parameter: nn.Parameter) -> nn.Parameter:
    data = parameter.clone() if parameter.is_inference() else parameter.detach()
    return nn.Parameter(data.detach(), requires_grad=data.is_floating_point() or data.is_complex())


def _expect_shape(module: nn.Module, parameter: nn.Parameter) -> None:
    if is_lazy(parameter):
        message = (
            f"{type(module).__name__} has weights without a shape: run the network once before it "
            "is scored."
        )
        raise ZcBenchError(message)
