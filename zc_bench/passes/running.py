"""Running a network so that it is as before.

Buffers, modes, gradients, hooks and random generators untouched.
"""

import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.attention import SDPBackend, sdpa_kernel

from zc_bench.engine.scores import InvalidScoreError, UndefinedScoreError
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.seeding import torch_seeded

Hook = Callable[[Any, tuple[Any, ...], Any], None]


def run(trial: TrialInputs, images: Tensor) -> Any:
    """Run the network once on copies of its buffers and of the images.

    Batch normalisation updates its running statistics in training mode: it updates the copies. So
    does an operation in place that the network begins with. A network that draws, such as one with
    dropout, draws from the trial's own generator.

    Args:
        trial: whose network runs.
        images: (N, C, H, W).

    Returns:
        What the network returns, as a rule (N, K).
    """
    copies = {id(buffer): buffer.clone() for buffer in trial.network.buffers()}
    buffers = {
        name: copies[id(own)] for name, own in named_tensors(trial.network) if id(own) in copies
    }
    with torch_seeded(trial.seed, "forward", device=images.device):
        return run_with(trial.network, buffers, images.clone())


def run_alone(trial: TrialInputs, image: Tensor) -> Any:
    """Run the network on one image.

    Args:
        trial: whose network runs.
        image: (1, C, H, W).

    Returns:
        What the network returns, as a rule (1, K).

    Raises:
        InvalidScoreError: if some batch normalisation has one value per channel of the image.
    """
    with single_image():
        return run(trial, image)


@contextmanager
def single_image() -> Iterator[None]:
    """Turn the refusal of batch normalisation to run one value per channel into a reason.

    Raises:
        InvalidScoreError: if it refuses.
    """
    try:
        yield
    except ValueError as error:
        if "more than 1 value per channel" not in str(error):
            raise
        message = (
            "a batch normalisation has a single value per channel where an image is alone: it "
            "refuses that in training mode"
        )
        raise InvalidScoreError(message) from error


def run_with(network: nn.Module, values: Mapping[str, Tensor], images: Tensor) -> Any:
    """Run a network once with other tensors in the place of its own, and put its own back.

    Args:
        network: any module.
        values: parameters and buffers by name, each name once for every module of
            `network.named_modules()`.
        images: (N, C, H, W).

    Returns:
        What the network returns, as a rule (N, K).
    """
    # Of the forms of attention only this one can be differentiated twice, and all passes must see
    # the same bits.
    with sdpa_kernel(SDPBackend.MATH), _operation_by_operation():
        # Without `tie_weights=False`, a module that stands in two places would keep what was put
        # there for the call.
        return functional_call(network, dict(values), (images,), tie_weights=False)


@contextmanager
def _operation_by_operation() -> Iterator[None]:
    """Let no form of the network that does several operations at once run while the block lasts.

    Those are the fast path of torch's transformers and what `torch.compile` makes. Their bits
    differ, and nothing inside them can be observed.
    """
    fast = torch.backends.mha.get_fastpath_enabled()
    # Nothing is compiled where torch's compiler was not imported; importing it takes seconds.
    eager = (
        torch.compiler.set_stance("force_eager")
        if "torch._dynamo" in sys.modules
        else nullcontext()
    )
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with eager, torch.jit.optimized_execution(False):  # type: ignore[attr-defined]
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)


def first_images(trial: TrialInputs, number: int) -> Tensor:
    """Return so many images of the batch, the first ones once more where it has fewer."""
    return trial.images[[place % len(trial.images) for place in range(number)]]


def named_tensors(network: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Yield parameters and buffers, each name once for every module of `network.named_modules()`."""
    for prefix, module in network.named_modules():
        for name, tensor in (
            *module.named_parameters(recurse=False),
            *module.named_buffers(recurse=False),
        ):
            yield f"{prefix}.{name}" if prefix else name, tensor


@contextmanager
def tangents_allowed() -> Iterator[None]:
    """Let torch send tangents through a network while the block lasts, or say why it cannot.

    Raises:
        UndefinedScoreError: if an operation of the network has no rule for tangents.
    """
    try:
        with warnings.catch_warnings():
            # The first use of tangents compiles rules of torch's in a deprecated way.
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    except NotImplementedError as error:
        message = f"PyTorch cannot send tangents through the network: {error}"
        raise UndefinedScoreError(message) from error


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
def out_of_place(network: nn.Module) -> Iterator[None]:
    """Let modules that write over what they are given write elsewhere while the block lasts.

    The numbers are the same.

    Rectifiers may go on: the value of a layer times its gradient is the same before and after them.
    """
    others = [
        module for module in network.modules() if not isinstance(module, nn.ReLU | nn.LeakyReLU)
    ]
    writers: list[Any] = [module for module in others if getattr(module, "inplace", False) is True]
    try:
        for module in writers:
            module.inplace = False
        yield
    finally:
        for module in writers:
            module.inplace = True


@contextmanager
def training_mode(network: nn.Module, *, training: bool = True) -> Iterator[None]:
    """Put a network in training mode while the block lasts, then every module back in its own.

    Args:
        network: any module.
        training: False for evaluation mode.
    """
    # No dictionary: strangers' modules may be equal, as NASLib's graphs are.
    modes = [(module, module.training) for module in network.modules()]
    network.train(training)
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode
