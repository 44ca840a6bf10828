"""The network of a NAS-Bench-101 cell from its description, by recursion from the output and without modules."""

from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

KERNELS = {"conv1x1-bn-relu": 1, "conv3x3-bn-relu": 3}


class Network:
    """Computes logits, and counts the parameters that this takes.

    Args:
        matrix: the adjacency matrix; vertices may lie on no path.
        ops: what the vertices do.
        weights: produces the weights of a shape, the same ones every time.
    """

    def __init__(
        self, matrix: list[list[int]], ops: list[str], weights: Callable[[tuple[int, ...]], Tensor]
    ) -> None:
        self.edges = np.array(matrix, dtype=bool)
        self.ops = ops
        self.weights = weights
        self.parameters = 0
        # Walks of any length, none included.
        walks = np.linalg.matrix_power(
            self.edges.astype(int) + np.eye(len(ops), dtype=int), len(ops)
        )
        self.inner = [v for v in range(1, len(ops) - 1) if walks[0, v] and walks[v, -1]]

    def __call__(self, images: Tensor, classes: int) -> Tensor:
        x = self.convolve(images, 128, 3)
        for width in (128, 128, 128, 256, 256, 256, 512, 512, 512):
            if width != 128 and width != x.shape[1]:
                x = functional.max_pool2d(x, 2)
            x = self.cell(x, width)
        self.parameters += 512 * classes + classes
        return x.mean((2, 3)) @ self.weights((classes, 512)).T

    def cell(self, x: Tensor, width: int) -> Tensor:
        outermost = [v for v in self.inner if self.edges[v, -1]]

        @cache
        def channels(v: int) -> int:
            if v in outermost:
                return len(range(outermost.index(v), width, len(outermost)))  # dealt out in turns
            return max(channels(w) for w in self.inner if self.edges[v, w])

        @cache
        def value(v: int) -> Tensor:
            terms = [value(u)[:, : channels(v)] for u in self.inner if self.edges[u, v]]
            if self.edges[0, v]:
                terms.append(self.convolve(x, channels(v), 1))
            total = torch.stack(terms).sum(0)
            if self.ops[v] == "maxpool3x3":
                return functional.max_pool2d(total, 3, stride=1, padding=1)
            return self.convolve(total, channels(v), KERNELS[self.ops[v]])

        output = torch.cat([value(v) for v in outermost], 1) if outermost else torch.zeros(1)
        return output + self.convolve(x, width, 1) if self.edges[0, -1] else output

    def convolve(self, x: Tensor, channels: int, kernel: int) -> Tensor:
        weight = self.weights((channels, x.shape[1], kernel, kernel))
        self.parameters += weight.numel() + 2 * channels
        y = functional.conv2d(x, weight, padding=kernel // 2)
        mean, variance = (
            y.mean((0, 2, 3), keepdim=True),
            y.var((0, 2, 3), correction=0, keepdim=True),
        )
        return functional.relu((y - mean) / (variance + 1e-5).sqrt())
