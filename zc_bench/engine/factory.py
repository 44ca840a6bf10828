"""Networks that the user names on the command line, and random batches for them."""

import sys
from importlib import import_module
from math import prod
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from zc_bench.errors import ZcBenchError, expect, shown
from zc_bench.passes import TrialInputs
from zc_bench.passes.outputs import output_tensors
from zc_bench.passes.running import run, training_mode
from zc_bench.seeding import torch_seeded

_LARGEST = 1 << 28  # numbers in an image


def build_network(name: str, seed: int) -> nn.Module:
    """Import a factory, from the current folder too, and let it build a network.

    Args:
        name: "package.module:factory"; the factory takes no arguments. A network itself will do as
            well.
        seed: of the weights.

    Returns:
        The network.

    Raises:
        ZcBenchError: if there is no such module or factory, or it produces no network.
    """
    module, colon, attribute = name.partition(":")
    if not (module and colon and attribute):
        message = (
            f"--model {name!r} names no factory: write package.module:factory, e.g. "
            "torchvision.models:resnet18."
        )
        raise ZcBenchError(message)
    # A module may draw while it is imported, so the factory begins anew.
    with torch_seeded(seed, "import", module):
        found = _find(module, attribute)
    with torch_seeded(seed, "weights", name):
        built = found if isinstance(found, nn.Module) else _call(name, found)
    if not isinstance(built, nn.Module):
        message = (
            f"{name} produces a {type(built).__name__}: a factory returns the network, a "
            "torch.nn.Module."
        )
        raise ZcBenchError(message)
    return built


def _find(module: str, attribute: str) -> Any:
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found: Any = import_module(module)
    except Exception as error:
        message = (
            f"The module {module} cannot be imported ({_said(error)}): it must be installed, or "
            f"lie in {here}."
        )
        raise ZcBenchError(message) from error
    for part in attribute.split("."):
        if not hasattr(found, part):
            message = (
                f"The module {module} has no {attribute!r}: name a function or class of it that "
                "builds a network."
            )
            raise ZcBenchError(message)
        found = getattr(found, part)
    return found


def _call(name: str, factory: Any) -> Any:
    if not callable(factory):
        message = (
            f"{name} is a {type(factory).__name__}: name a function or class that builds a network."
        )
        raise ZcBenchError(message)
    try:
        return factory()
    except Exception as error:
        message = (
            f"{name}() fails ({_said(error)}): it is called without arguments and must build the "
            "network."
        )
        raise ZcBenchError(message) from error


def parse_shape(text: str) -> tuple[int, ...]:
    """Read the shape of one image.

    Args:
        text: sizes with x in between, "3x224x224".

    Raises:
        ZcBenchError: if it is something else.
    """
    sizes = text.lower().split("x")
    if not all(size.isdecimal() and len(size) < 10 and int(size) for size in sizes):
        message = (
            f"--input {shown(text)} is no shape: write channels x height x width as in 3x224x224."
        )
        raise ZcBenchError(message)
    shape = tuple(map(int, sizes))
    expect(prod(shape) <= _LARGEST, "--input", text, f"{_LARGEST:,} numbers at most")
    return shape


def draw_images(shape: tuple[int, ...], size: int, seed: int, purpose: str) -> Tensor:
    """Draw N(0, 1) images.

    Args:
        shape: of one image.
        size: N.
        seed: of the run.
        purpose: names the draw; batches of different purposes are different.
    """
    with torch_seeded(seed, purpose):
        return torch.randn(size, *shape)


def draw_classes(classes: int, size: int, seed: int, purpose: str) -> Tensor:
    """Draw a class in [0, `classes`) for each of N = `size` images."""
    with torch_seeded(seed, purpose):
        return torch.randint(classes, (size,))


def count_classes(name: str, network: nn.Module, images: Tensor) -> int:
    """Run a network on two images, to see that it takes them and how many classes its first output has.

    Raises:
        ZcBenchError: if it does not take them.
    """
    trial = TrialInputs(network, images[:2], None, nn.functional.cross_entropy, 0)
    try:
        with training_mode(network), torch.inference_mode():
            outputs = output_tensors(run(trial, trial.images))
    except Exception as error:
        shape = "x".join(map(str, images.shape[1:]))
        message = (
            f"The network of {name} fails on images of {shape} ({_said(error)}): is --input what "
            "it takes?"
        )
        raise ZcBenchError(message) from error
    return outputs[0].shape[1] if outputs[0].dim() > 1 else 1


def _said(error: Exception) -> str:
    """Write an exception as one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
