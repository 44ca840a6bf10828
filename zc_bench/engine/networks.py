"""Score any network on one batch."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

from zc_bench.engine.derived import computed_names, derive_one
from zc_bench.engine.out_of_memory import execute_within_memory
from zc_bench.engine.scores import Score
from zc_bench.errors import ZcBenchError, unknown_name
from zc_bench.images import Batch
from zc_bench.passes.activations import ACTIVATIONS, Activations
from zc_bench.passes.running import training_mode
from zc_bench.passes.trainable import trainable
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.proxies.groups import default_proxies, named_proxies
from zc_bench.proxies.reg_swap import Regularisation
from zc_bench.registry import warn_of_broken_plugins


def score(
    network: nn.Module,
    images: Tensor,
    labels: Tensor | None = None,
    *,
    proxies: str | Iterable[str] | None = None,
    loss: Callable[[Any, Tensor], Tensor] = nn.functional.cross_entropy,
    second: Batch | None = None,
    regularisation: Regularisation | None = None,
    activations: Activations = "relu",
    seed: int = 0,
) -> dict[str, Score]:
    """Score any network on one batch.

    The network stays unchanged: weights, gradients, buffers, modes, hooks. Batch normalisation uses
    the statistics of the batch. Frozen weights count like trained ones. An enclosing inference mode
    has no effect.

    A network may return several tensors, in tuples, lists, mappings or dataclasses. The loss
    function receives them unchanged. Proxies that differentiate the sum of the outputs (jacov,
    epe_nas, synflow) add up all of them; the number of classes is that of the first.

    Args:
        network: any module that maps images to outputs.
        images: float (N, C, H, W), on the device of the network; or any other input of the network,
            with N first. With integer inputs, such as tokens, proxies that differentiate with
            respect to the inputs, or draw them, have the status undefined.
        labels: (N,) classes. Without labels, proxies that use them have the status undefined.
        proxies: names, or groups such as "recent"; None means "paper".
        loss: maps outputs and labels to the mean loss.
        second: a second batch. Without it, zico has the status undefined.
        regularisation: mu and sigma for reg_swap. Without it, reg_swap has the status undefined.
        activations: the operations whose outputs have activation patterns (swap, reg_swap, nwot,
            linear_regions): "relu" for ReLU, as in the papers; "all" for GELU, SiLU, leaky ReLU and
            similar operations as well. Modules, functions and methods of tensors count alike. Where
            one cannot be observed, the status is undefined.
        seed: names the generators of passes and networks that draw.

    Returns:
        A score for every proxy.

    Raises:
        ZcBenchError: if a proxy is unknown, or an argument is no network or no batch.

    Examples:
        >>> network = nn.Sequential(nn.Flatten(), nn.Linear(12, 4), nn.ReLU(), nn.Linear(4, 2))
        >>> scores = score(network, torch.randn(8, 3, 2, 2), proxies=["params", "swap", "snip"])
        >>> scores["params"].value * 1e6  # 12 * 4 + 4 + 4 * 2 + 2
        62.0
        >>> 1 <= scores["swap"].value <= 4
        True
        >>> scores["snip"].status.value  # it needs labels, and the reason says so
        'undefined'
    """
    warn_of_broken_plugins()
    _expect_batch(network, images)
    if activations not in ACTIVATIONS:
        kind = "kind of activations"
        raise unknown_name(kind, activations, ACTIVATIONS)
    names = default_proxies() if proxies is None else named_proxies(proxies)
    computed = computed_names(names)
    with torch.inference_mode(mode=False), trainable(network), training_mode(network):
        first = Batch(images, labels).map(_usable)
        pair = second and second.map(_usable)
        trial = TrialInputs(network, first.images, first.labels, loss, seed, pair, activations)
        scores = execute_within_memory(computed, trial).scores
    return derive_one(names, scores, *filter(None, (regularisation,)))


def _expect_batch(network: object, images: object) -> None:
    if not isinstance(network, nn.Module):
        message = (
            f"A network is a torch.nn.Module, not a {type(network).__name__}: build it before it "
            "is scored."
        )
        raise ZcBenchError(message)
    if not isinstance(images, Tensor) or not images.dim() or not len(images):
        what = (
            f"a tensor of shape {tuple(images.shape)}"
            if isinstance(images, Tensor)
            else type(images).__name__
        )
        message = f"The images are {what}: give one tensor of at least one image, (N, C, H, W)."
        raise ZcBenchError(message)


def _usable(tensor: Tensor) -> Tensor:
    """Copy a tensor of inference mode, which autograd refuses."""
    return tensor.clone() if tensor.is_inference() else tensor
