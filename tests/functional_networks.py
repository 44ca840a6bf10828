"""Networks that compute with functions what others compute with modules."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

Activation = Callable[[Tensor], Tensor]

# max(x, 0), written in as many ways.
RELUS: dict[str, Activation] = {
    "functional": functional.relu,
    "functional in place": lambda x: functional.relu(x, inplace=True),
    "torch": torch.relu,
    "method": lambda x: x.relu(),
    "method in place": lambda x: x.relu_(),
    "clamp": lambda x: x.clamp(min=0),
    "clamp in place": lambda x: x.clamp_(min=0),
    "clamp by a tensor": lambda x: x.clamp(min=torch.zeros((), dtype=x.dtype)),
    "clip": lambda x: torch.clip(x, 0.0),
    "clamp_min": lambda x: torch.clamp_min(x, 0),
    "threshold": lambda x: functional.threshold(x, 0.0, 0.0),
    "maximum": lambda x: torch.maximum(x, torch.zeros_like(x)),
    "max": lambda x: torch.max(torch.zeros((), dtype=x.dtype), x),
}

# Their like: the module and the function.
OTHERS: dict[str, tuple[nn.Module, Activation]] = {
    "relu6": (nn.ReLU6(), functional.relu6),
    "bounded": (nn.ReLU6(), lambda x: x.clamp(0, 6)),
    "leaky": (nn.LeakyReLU(0.1), lambda x: functional.leaky_relu(x, 0.1)),
    "leaky in place": (nn.LeakyReLU(0.1), lambda x: functional.leaky_relu_(x, 0.1)),
    "prelu": (nn.PReLU(), lambda x: functional.prelu(x, torch.full((1,), 0.25, dtype=x.dtype))),
    "rrelu": (nn.RReLU(0.2, 0.2), lambda x: functional.rrelu(x, 0.2, 0.2, training=True)),
    "elu": (nn.ELU(), functional.elu),
    "celu": (nn.CELU(), functional.celu),
    "selu": (nn.SELU(), functional.selu),
    "gelu": (nn.GELU(), functional.gelu),
    "silu": (nn.SiLU(), lambda x: functional.silu(x, inplace=True)),
    "mish": (nn.Mish(), functional.mish),
    "hardswish": (nn.Hardswish(), functional.hardswish),
}


class Call(nn.Module):
    """Any function, or any other module without its name, as a module."""

    def __init__(self, function: Activation) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


def convolution(c_in: int, c_out: int) -> nn.Module:
    return _Function(
        nn.Conv2d(c_in, c_out, 3, padding=1), lambda x, w, b: functional.conv2d(x, w, b, padding=1)
    )


def linear(c_in: int, c_out: int) -> nn.Module:
    return _Function(nn.Linear(c_in, c_out), functional.linear)


class _Function(nn.Module):
    """Holds the weight and the bias that a layer would have, and calls a function with them."""

    WEIGHTS = ("weight",)

    def __init__(
        self, layer: nn.Conv2d | nn.Linear, function: Callable[[Tensor, Tensor, Tensor], Tensor]
    ) -> None:
        super().__init__()
        self.weight, self.bias, self.function = layer.weight, layer.bias, function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x, self.weight, self.bias)


class BatchNorm(nn.Module):
    """Batch normalisation by a function."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight, self.bias = (
            nn.Parameter(torch.ones(channels)),
            nn.Parameter(torch.zeros(channels)),
        )
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("variance", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        return functional.batch_norm(
            x, self.mean, self.variance, self.weight, self.bias, self.training
        )


class ResNet(nn.Module):
    """A stem, a residual block, a head; the parts are given."""

    def __init__(
        self,
        activation: Activation,
        convolution: Callable[[int, int], nn.Module] = lambda c_in, c_out: nn.Conv2d(
            c_in, c_out, 3, padding=1
        ),
        norm: Callable[[int], nn.Module] = nn.BatchNorm2d,
        pool: Activation | None = None,
        linear: Callable[[int, int], nn.Module] = nn.Linear,
    ) -> None:
        super().__init__()
        self.activation = activation
        self.stem = nn.Sequential(convolution(3, 6), norm(6))
        self.first = nn.Sequential(convolution(6, 6), norm(6))
        self.second = nn.Sequential(convolution(6, 6), norm(6))
        self.pool = nn.AdaptiveAvgPool2d(1) if pool is None else pool
        self.head = linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.activation(self.stem(x))
        x = self.activation(x + self.second(self.activation(self.first(x))))
        return self.head(self.pool(x).flatten(1))


def built(*parts: object, **named: object) -> ResNet:
    """Build a ResNet with the weights that every other has."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return ResNet(*parts, **named).double()  # type: ignore[arg-type]
