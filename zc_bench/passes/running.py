"""Running a network so that it is as before: buffers, modes, gradients, hooks and random generators untouched."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn
from torch.func import functional_call

from zc_bench.passes.trial import Trial
from zc_bench.seeding import torch_seeded

Hook = Callable[[Any, tuple[Any, ...], Any], None]


def run(trial: Trial, images: Tensor) -> Tensor:
    """Run the network once on copies of its buffers.

    Batch normalisation updates its running statistics in training mode: it updates the copies. A network that draws,
    such as one with dropout, draws from the trial's own generator.

    Args:
        trial: whose network runs.
        images: (N, C, H, W).

    Returns:
        What the network returns, as a rule (N, K).
    """
    buffers = {name: buffer.clone() for name, buffer in trial.network.named_buffers()}
    with torch_seeded(trial.seed, "forward", device=images.device):
        outputs: Tensor = functional_call(trial.network, buffers, (images,))
    return outputs


@contextmanager
def hooked(modules: Iterable[nn.Module], hook: Hook) -> Iterator[None]:
    """Call `hook(module, inputs, output)` after every forward of the modules, while the block lasts."""
    handles = [module.register_forward_hook(hook) for module in modules]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def training_mode(network: nn.Module) -> Iterator[None]:
    """Put a network in training mode while the block lasts, then every module back in its own."""
    modes = {module: module.training for module in network.modules()}
    network.train()
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode
