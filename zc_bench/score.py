"""Score any network on one batch."""

from collections.abc import Sequence

from torch import Tensor, nn

from zc_bench import observe
from zc_bench.inputs import Batch
from zc_bench.passes.running import training_mode
from zc_bench.passes.trial import Trial
from zc_bench.proxies.reg_swap import Regularisation
from zc_bench.registry import warn_of_broken_plugins
from zc_bench.tasks import Loss


def score(
    network: nn.Module,
    images: Tensor,
    labels: Tensor | None = None,
    *,
    proxies: Sequence[str] | None = None,
    loss: Loss = nn.functional.cross_entropy,
    second: Batch | None = None,
    regularisation: Regularisation | None = None,
    seed: int = 0,
) -> dict[str, observe.Score]:
    """Score any network on one batch.

    The network is as before afterwards: weights, gradients, buffers, modes, hooks. Batch normalisation uses the
    statistics of the batch.

    Args:
        network: any module that maps images to outputs.
        images: float (N, C, H, W), on the network's device.
        labels: (N,) classes; without them, proxies that use labels have status undefined.
        proxies: names; None means all.
        loss: maps outputs and labels to the mean loss.
        second: a second batch; without it, zico has status undefined.
        regularisation: mu and sigma for reg_swap; without it, reg_swap has status undefined.
        seed: names the generators of passes and networks that draw.

    Returns:
        A score for every proxy.

    Raises:
        ZcBenchError: if a proxy is unknown.
    """
    warn_of_broken_plugins()
    given: list[object] = [Trial(network, images, labels, loss, seed, second)]
    if regularisation is not None:
        given.append(regularisation)
    names = observe.proxies if proxies is None else proxies
    planned = observe.plan(names, [type(item) for item in given])
    with training_mode(network):
        return observe.observe(planned, *given).scores
