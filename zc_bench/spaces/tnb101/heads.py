"""The heads of TransNAS-Bench-101: from the features of an encoder to the outputs of a task.

The sizes of the networks (`params`, `flops`) equal those that NAS-Bench-Suite-Zero published, with
one exception: the published operations of jigsaw count the encoder for one of the nine tiles.

The image generator (autoencoder, normal) was trained against a discriminator, as in pix2pix. The
outputs do not depend on the discriminator, so it is not built. The published parameters and
operations do not include it, and no gradient reaches it. The published `l2_norm` of these two tasks
includes the norms of its weights, about 56.

References:
    Duan et al. 2021, TransNAS-Bench-101, arXiv:2105.11871, appendix B.
    Isola et al. 2017, pix2pix, arXiv:1611.07004.
"""

from collections.abc import Container, Iterator, Sequence
from itertools import pairwise

from torch import nn

from zc_bench.tasks import Task

TILES = 9

# Channels between the layers of a decoder, after those of the encoder and before the outputs.
_GENERATOR = (1024, 1024, 512, 512, 256, 128, 64, 64, 32, 32, 16, 32, 16)
_SEGMENTER = (1024, 512, 256, 128, 64, 32, 32)


def head(task: Task, channels: int, halvings: int) -> nn.Sequential:
    """Build the head of a task, with torch's default initial weights, as in the benchmark.

    Args:
        task: the task; its outputs and target determine the head.
        channels: C, the channels of the encoder's features.
        halvings: the number of halvings of the resolution in the encoder, 3 to 6. A decoder doubles
            it as often.

    Returns:
        A module from features (N, C, h, w), for tiles (N, 9 C, h, w), to the outputs of the task.
    """
    match task.target:
        case "input" | "normals":
            # At most every second layer of the generator doubles the resolution, counted from the
            # end.
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
    """Yield layers from one width to the next, of which some double the resolution."""
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
