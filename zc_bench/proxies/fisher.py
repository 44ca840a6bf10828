"""Fisher information of the channels."""

from zc_bench.engine.declare import proxy
from zc_bench.engine.scores import UndefinedScoreError
from zc_bench.passes.loss_gradients import ChannelGradients


@proxy(
    "fisher",
    source="Turner et al. 2020, arXiv:1906.04113, eq. 3-4, as summed by arXiv:2101.08134",
    uses_labels=True,
)
def fisher(channels: ChannelGradients) -> float:
    """Sum over the channels of Conv2d and Linear outputs of half the mean squared gate gradient, times their weights.

    A channel's Fisher information is the mean over the images of (sum over positions of a dL/da)^2, halved, with a the
    output before batch normalisation. As in NAS-Bench-Suite-Zero it counts once for every weight of the channel. A
    layer that runs more than once adds up its calls before squaring; the reference fails there.

    Raises:
        UndefinedScoreError: if some output cannot be seen.
        ValueError: if the network changes the output of a layer in place, other than by a rectifier.
    """
    if channels.unseen:
        raise UndefinedScoreError(channels.unseen)
    if channels.lost:
        message = "the network changes the output of a Conv2d or Linear layer in place: write y = y + x, not y += x"
        raise ValueError(message)
    layers = zip(channels.gate_grads, channels.fan_in, strict=True)
    return sum(float(gate.square().mean(0).sum()) * 0.5 * fan_in for gate, fan_in in layers)
