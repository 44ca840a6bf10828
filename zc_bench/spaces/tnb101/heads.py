"""What turns the features of a TransNAS-Bench-101 encoder into the outputs of a task.

The sizes of the networks are those that NAS-Bench-Suite-Zero published (`params`, `flops`), to the last parameter and
multiply-add, but for the operations of jigsaw: the published ones count the encoder for one of its nine tiles.

The generator of images (autoencoder, normal) was trained against a discriminator, as pix2pix is. It plays no part in
the outputs and is not built. The published parameters and operations leave it out, too, and no gradient reaches it,
but the published `l2_norm` of these two tasks adds the norms of its weights, some 56.

References:
    Duan et al. 2021, TransNAS-Bench-101, arXiv:2105.11871, appendix B.
    Isola et al. 2017, pix2pix, arXiv:1611.07004.
"""

from collections.abc import Container, Iterator, Sequence
from itertools import pairwise

from torch import nn

from zc_bench.tasks import Task

TILES = 9

# Channels between the layers of a decoder: from the encoder's to these, and from the last of them to the outputs.
_GENERATOR = (1024, 1024, 512, 512, 256, 128, 64, 64, 32, 32, 16, 32, 16)
_SEGMENTER = (1024, 512, 256, 128, 64, 32, 32)


def head(task: Task, channels: int, halvings: int) -> nn.Sequential:
    """Build the head of a task, with torch's own initial weights as the benchmark has them.

    Args:
        task: its outputs and target say which head.
        channels: C of the encoder's features.
        halvings: how often the encoder halved the resolution, 3 to 6; a decoder doubles it as often.

    Returns:
        A module from features (N, C, h, w), for tiles (N, 9 C, h, w), to the outputs of the task.
    """
    match task.target:
        case "input" | "normals":
            # Of the generator's layers, at most every second doubles the resolution; the last ones do.
            doubling = range(len(_GENERATOR))[::-2][:halvings]
            return nn.Sequential(
                *_decoder((channels, *_GENERATOR), task.outputs, doubling), nn.Tanh()
            )
        case "class map":
            doubling = range(len(_SEGMENTER))[::-1][:halvings]
            return nn.Sequential(*_decoder((channels, *_SEGMENTER), task.outputs, doubling))
        case "permutation":
            return _classifier(TILES * channels, task.outputs)
        case _:
            return _classifier(channels, task.outputs)


def _classifier(channels: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, outputs))


def _decoder(widths: Sequence[int], outputs: int, doubling: Container[int]) -> Iterator[nn.Module]:
    """Yield layers from one width to the next, those at some places doubling the resolution, and one to the outputs."""
    for place, (c_in, c_out) in enumerate(pairwise(widths)):
        yield from _layer(c_in, c_out, doubles=place in doubling)
    yield nn.Conv2d(widths[-1], outputs, 3, padding=1)


def _layer(c_in: int, c_out: int, *, doubles: bool) -> Iterator[nn.Module]:
    """Yield a convolution with its normalisation and its rectifier."""
    if doubles:
        yield nn.ConvTranspose2d(c_in, c_out, 3, stride=2, padding=1, output_padding=1)
    else:
        yield nn.Conv2d(c_in, c_out, 3, padding=1)
    yield nn.BatchNorm2d(c_out)
    yield nn.LeakyReLU(0.2)
