"""Small random networks with their batches, and hypothesis strategies for them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from hypothesis import settings
from hypothesis import strategies as st
from torch import Tensor, nn

from zc_bench import Regularisation
from zc_bench import score as score_network
from zc_bench.engine.scores import Score
from zc_bench.images import Batch

# The quick suite draws the same networks every time; the slow one draws new ones.
quick = settings(max_examples=40, derandomize=True)

REGULARISATION = Regularisation(mu=0.001, sigma=0.5)


@dataclass(frozen=True)
class Case:
    """A network with all that its scores depend on."""

    network: nn.Module
    images: Tensor
    labels: Tensor
    second: Batch
    seed: int = 0


def score(case: Case, names: Sequence[str] | None = None) -> dict[str, Score]:
    """Let the harness score a case, with all proxies unless told."""
    return score_network(
        case.network,
        case.images,
        case.labels,
        proxies="all" if names is None else names,
        second=case.second,
        regularisation=REGULARISATION,
        seed=case.seed,
    )


def case(network: nn.Module, *shape: int, classes: int = 3, seed: int = 0) -> Case:
    """Put random images of a shape (N, ...) and random labels beside a network."""
    generator = torch.Generator().manual_seed(seed)
    dtype = next((weight.dtype for weight in network.parameters()), torch.get_default_dtype())

    def draw() -> Batch:
        images = torch.randn(shape, generator=generator, dtype=torch.float64)
        return Batch(images.to(dtype), torch.randint(classes, shape[:1], generator=generator))

    batch, second = draw(), draw()
    return Case(network, batch.images, batch.labels, second, seed)


@dataclass(frozen=True)
class Layer:
    """A convolution and what follows it."""

    width: int = 4
    kernel: int = 3
    grouped: bool = (
        False  # as many groups as divide both widths: depthwise where the width does not shrink
    )
    bias: bool = True
    norm: bool = True
    activation: str = "relu"  # or "relu in place", "leaky", "none"
    dropout: bool = False
    residual: bool = False
    twice: bool = False  # the same layers run a second time on what they gave
    dead: bool = False  # no unit is ever above zero


@dataclass(frozen=True)
class Recipe:
    """Everything that a random network and its batch are made from."""

    layers: tuple[Layer, ...] = (Layer(), Layer())
    head: str = "pool"  # or "flatten", "mlp"
    images: int = 4
    channels: int = 3
    size: int = 4
    classes: int = 3
    duplicate: bool = False  # the last image is the first once more
    seed: int = 0

    def build(self) -> Case:
        """Build the network in float64, where rounding leaves a twin's numbers comparable to many digits."""
        with torch.random.fork_rng():
            torch.manual_seed(self.seed)
            network = self._network().double()
        built = case(
            network,
            self.images,
            self.channels,
            self.size,
            self.size,
            classes=self.classes,
            seed=self.seed % 997,
        )
        if self.duplicate:
            built.images[-1] = built.images[0]
        return built

    def _network(self) -> nn.Module:
        pixels = self.size * self.size
        if self.head == "mlp":
            widths = [self.channels * pixels, *(layer.width for layer in self.layers)]
            blocks: list[nn.Module] = [nn.Flatten()]
            for layer, c_in, c_out in zip(self.layers, widths, widths[1:], strict=False):
                blocks += [nn.Linear(c_in, c_out, layer.bias), _activation(layer)]
            return nn.Sequential(*blocks, nn.Linear(widths[-1], self.classes))
        widths = [self.channels, *(layer.width for layer in self.layers)]
        # Batch normalisation refuses a single value per channel.
        may_norm = self.images * pixels > 1
        blocks = [
            Block(c_in, layer, may_norm=may_norm)
            for c_in, layer in zip(widths, self.layers, strict=False)
        ]
        if self.head == "pool":
            return nn.Sequential(
                *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(widths[-1], self.classes)
            )
        return nn.Sequential(*blocks, nn.Flatten(), nn.Linear(widths[-1] * pixels, self.classes))


class Block(nn.Module):
    """A layer of a recipe."""

    def __init__(self, c_in: int, layer: Layer, *, may_norm: bool = True) -> None:
        super().__init__()
        groups = math.gcd(c_in, layer.width) if layer.grouped else 1
        self.conv = nn.Conv2d(
            c_in,
            layer.width,
            layer.kernel,
            padding=layer.kernel // 2,
            groups=groups,
            bias=layer.bias,
        )
        self.norm = nn.BatchNorm2d(layer.width) if layer.norm and may_norm else nn.Identity()
        self.activation = _activation(layer)
        self.dropout = nn.Dropout(0.3) if layer.dropout else nn.Identity()
        self.residual = layer.residual and c_in == layer.width
        self.twice = layer.twice and c_in == layer.width
        if layer.dead:
            last = self.norm if isinstance(self.norm, nn.BatchNorm2d) else self.conv
            if last.bias is not None:
                nn.init.constant_(last.bias, -30.0)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.conv(x))
        if self.twice:
            y = self.norm(self.conv(self.activation(y)))
        y = self.dropout(self.activation(y))
        return x + y if self.residual else y


def _activation(layer: Layer) -> nn.Module:
    match layer.activation:
        case "relu":
            return nn.ReLU()
        case "relu in place":
            return nn.ReLU(inplace=True)
        case "leaky":
            return nn.LeakyReLU(0.2)
        case _:
            return nn.Identity()


def layers() -> st.SearchStrategy[Layer]:
    """Draw a layer; hypothesis shrinks towards a plain convolution with ReLU."""
    rarely = st.integers(0, 7).map(lambda number: number == 7)
    return st.builds(
        Layer,
        width=st.sampled_from([4, 2, 6]),
        kernel=st.sampled_from([3, 1]),
        grouped=st.booleans(),
        bias=st.booleans(),
        norm=st.booleans(),
        activation=st.sampled_from(["relu", "relu", "relu in place", "leaky", "none"]),
        dropout=rarely,
        residual=st.booleans(),
        twice=st.booleans(),
        dead=rarely,
    )


def recipes(
    images: st.SearchStrategy[int] | None = None, *, tiny: bool = False
) -> st.SearchStrategy[Recipe]:
    """Draw a recipe for a network and its batch.

    A tiny one has few enough weights for a Hessian.
    """
    return st.builds(
        Recipe,
        layers=st.lists(layers(), min_size=1, max_size=1 + (not tiny)).map(tuple),
        head=st.sampled_from(["pool", "flatten", "mlp"]),
        images=st.integers(1, 8) if images is None else images,
        channels=st.integers(1, 3),
        size=st.sampled_from([2, 1, 3] if tiny else [4, 1, 2, 5]),
        classes=st.sampled_from([3, 1, 2] if tiny else [3, 1, 2, 10, 120]),
        duplicate=st.integers(0, 5).map(lambda number: number == 5),
        seed=st.integers(0, 2**31),
    )
