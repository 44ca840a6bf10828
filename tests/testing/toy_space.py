"""A small space that keeps what it promises."""

import itertools
import re

from torch import nn

from zc_bench.errors import ZcBenchError
from zc_bench.spaces import Architecture, CellGraph


class Layer(nn.Module):
    """One operation of the toy space: none, identity, or a rectified convolution."""

    def __init__(self, digit):
        super().__init__()
        self.digit = digit
        self.conv = nn.Conv2d(3, 3, 2 * digit - 3, padding=digit - 2) if digit > 1 else None

    def forward(self, x):
        return self.conv(x).relu() if self.conv else x * self.digit


class ToySpace:
    """Three operations in a row: none, identity, 1x1 convolution or 3x3 convolution."""

    name = "toy"
    tasks = ("cifar10", "cifar100")
    size = 4**3

    def parse(self, text):
        if not re.fullmatch("[0-3]{3}|[0-3]-[0-3]-[0-3]", text):
            message = (
                f"{text!r} is no architecture of the toy space: expected three digits 0..3 like "
                "'213'."
            )
            raise ZcBenchError(message)
        return Architecture("toy", text.replace("-", ""))

    def native(self, architecture):
        return "-".join(architecture.key)

    def canonical(self, architecture):
        # Whatever comes before a none does not matter, an identity never does.
        none, _, rest = architecture.key.rpartition("0")
        return ("none" if none or len(rest) < 3 else "") + rest.replace("1", "")

    def graphs(self, architecture):
        return (
            CellGraph(
                "network",
                ("input", "1", "2", "output"),
                tuple(zip(range(3), range(1, 4), architecture.key, strict=False)),
            ),
        )

    def sample(self, generator):
        return Architecture("toy", "".join(map(str, generator.integers(4, size=3))))

    def neighbours(self, architecture):
        key = architecture.key
        for place, digit in itertools.product(range(3), "0123"):
            if digit != key[place]:
                yield Architecture("toy", key[:place] + digit + key[place + 1 :])

    def crossover(self, first, second, generator):
        pairs = zip(first.key, second.key, generator.integers(2, size=3), strict=True)
        return Architecture("toy", "".join((one, other)[which] for one, other, which in pairs))

    def parameters(self, architecture, task):
        return (
            12 * architecture.key.count("2") + 84 * architecture.key.count("3") + 4 * task.outputs
        )

    def build(self, architecture, task):
        layers = map(Layer, map(int, architecture.key))
        return nn.Sequential(
            *layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, task.outputs)
        )
