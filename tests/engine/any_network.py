"""Networks that come from no search space."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn


def drawn(network: nn.Module) -> nn.Module:
    """Give every parameter N(0, 0.3) values, so that nothing that matters is zero by initialisation."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(0.3 * torch.randn(parameter.shape, generator=generator))
    return network


class ResNeXt(nn.Module):
    """A stem, a residual block with grouped convolutions, a head."""

    def __init__(self, activation: type[nn.Module] = nn.ReLU) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), activation()
        )
        self.block = nn.Sequential(
            nn.Conv2d(8, 8, 1, bias=False),
            nn.BatchNorm2d(8),
            activation(),
            nn.Conv2d(8, 8, 3, padding=1, groups=4, bias=False),
            nn.BatchNorm2d(8),
        )
        self.after = activation()
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4))

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        return self.head(self.after(x + self.block(x)))


class ConvNeXt(nn.Module):
    """Patches, a block of depthwise convolution, LayerNorm and GELU with its channels last, a head."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 2, stride=2)
        self.depthwise = nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.norm = nn.LayerNorm(8)
        self.mlp = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 8))
        self.scale = nn.Parameter(torch.ones(8))
        self.head = nn.Sequential(nn.LayerNorm(8), nn.Linear(8, 4))

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        y = self.scale * self.mlp(self.norm(self.depthwise(x).permute(0, 2, 3, 1)))
        return self.head((x + y.permute(0, 3, 1, 2)).mean((2, 3)))


class Encoder(nn.Module):
    """A pre-norm encoder layer whose attention is `scaled_dot_product_attention`."""

    def __init__(self, width: int = 8, heads: int = 2) -> None:
        super().__init__()
        self.heads = heads
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.qkv, self.projection = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 16), nn.GELU(), nn.Dropout(0.1), nn.Linear(16, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        n, length, width = x.shape
        split = (
            self.qkv(self.norms[0](x))
            .view(n, length, 3, self.heads, width // self.heads)
            .permute(2, 0, 3, 1, 4)
        )
        mixed = nn.functional.scaled_dot_product_attention(*split)
        x = x + self.projection(mixed.transpose(1, 2).reshape(n, length, width))
        return x + self.mlp(self.norms[1](x))


class ViT(nn.Module):
    """Patches, a class token, positions as a buffer of integers, two encoder layers, a head."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 4, stride=4)
        self.token = nn.Parameter(torch.zeros(1, 1, 8))
        self.positions = nn.Embedding(5, 8)
        self.register_buffer("indices", torch.arange(5))
        self.layers = nn.Sequential(Encoder(), Encoder())
        self.head = nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(len(x), -1, -1), x], 1) + self.positions(self.indices)
        return self.head(self.layers(x)[:, 0])


class Mixer(nn.Module):
    """An MLP over patches, an MLP over channels."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 4, stride=4)
        self.norms = nn.ModuleList([nn.LayerNorm(8), nn.LayerNorm(8)])
        self.tokens = nn.Sequential(nn.Linear(4, 6), nn.GELU(), nn.Linear(6, 4))
        self.channels = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 8))
        self.head = nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2)
        x = x + self.tokens(self.norms[0](x.mT).mT)
        return self.head((x.mT + self.channels(self.norms[1](x.mT))).mean(1))


class Torch(nn.Module):
    """Torch's own encoder: its attention keeps weights outside Linear layers."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 4, stride=4)
        self.layer = nn.TransformerEncoderLayer(
            8, 2, 16, dropout=0.1, activation=nn.GELU(), batch_first=True
        )
        self.head = nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.layer(self.patches(x).flatten(2).mT).mean(1))


class Inverted(nn.Module):
    """A mobile block: depthwise convolution, squeeze and excitation, activations and dropout that write in place."""

    def __init__(self) -> None:
        super().__init__()
        self.expand = nn.Sequential(nn.Conv2d(3, 8, 1), nn.Hardswish(inplace=True))
        self.depthwise = nn.Sequential(
            nn.Conv2d(8, 8, 3, padding=1, groups=8), nn.BatchNorm2d(8), nn.SiLU(inplace=True)
        )
        self.squeeze = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(8, 16, 1), nn.ReLU(), nn.Conv2d(16, 8, 1)
        )
        self.head = nn.Sequential(
            nn.Linear(8, 6), nn.Dropout(0.2, inplace=True), nn.ELU(), nn.Linear(6, 4)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.depthwise(self.expand(x))
        return self.head((x * self.squeeze(x).sigmoid()).mean((2, 3)))


@dataclass
class Heads:
    main: Tensor
    aux: Tensor
    name: str = "heads"


class TwoHeads(nn.Module):
    """A head beside the main one, as GoogLeNet has while it is trained."""

    def __init__(self, packing: str) -> None:
        super().__init__()
        self.packing = packing
        self.stem = nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU())
        self.main, self.aux = nn.Linear(6, 4), nn.Linear(6, 3)

    def forward(self, x: Tensor) -> object:
        x = self.stem(x).mean((2, 3))
        main, aux = self.main(x), self.aux(x)
        packed = {
            "tuple": (main, aux),
            "list": [main, None, [aux]],
            "dict": {"main": main, "which": main.argmax(1), "aux": aux},
            "dataclass": Heads(main, aux),
            "cat": torch.cat([main, aux], 1),
        }
        return packed[self.packing]


class Text(nn.Module):
    """Tokens (N, length) to classes."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(11, 8)
        self.layer = Encoder()
        self.head = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 4))

    def forward(self, tokens: Tensor) -> Tensor:
        return self.head(self.layer(self.embedding(tokens)).mean(1))
