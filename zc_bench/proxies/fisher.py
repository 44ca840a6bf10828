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
    """Sum over Conv2d and Linear channels of Fisher information times the weights of the channel.

    Formula, with a the output of a layer before batch normalisation, c a channel, n an image and p
    a position:

        D_c = 1/2 * mean_n (sum_p a * dL/da)^2
        score = sum_c D_c * (number of weights of channel c)

    L is the mean loss of the batch.

    Args:
        channels: `gate_grads` holds sum_p a * dL/da, (N, C) per layer; `fan_in` holds the number of
            weights per channel, one integer per layer.

    Returns:
        A number in the squared unit of the loss, from 0 up; higher is better.

    Raises:
        UndefinedScoreError: if an output cannot be observed.
        ValueError: if the network changes the output of a layer in place, other than by a
            rectifier.

    Examples:
        Two images, one channel of nine weights: 1/2 * (1^2 + 3^2) / 2 * 9 = 22.5.

        >>> import torch
        >>> from zc_bench.passes.loss_gradients import ChannelGradients
        >>> fisher(ChannelGradients(gate_grads=(torch.tensor([[1.0], [3.0]]),), fan_in=(9,)))
        22.5

    References:
        Turner et al. 2020, arXiv:1906.04113, eq. 3-4; summed as in Abdelfattah et al. 2021,
        arXiv:2101.08134.

    Deviations:
        Turner et al. count a channel once. Counting it once per weight is the definition of
        NAS-Bench-Suite-Zero. A layer that runs more than once (jigsaw: nine times) adds up its
        calls before squaring; the code of NAS-Bench-Suite-Zero fails there.
    """
    if channels.unseen:
        raise UndefinedScoreError(channels.unseen)
    if channels.lost:
        message = (
            "the network changes the output of a Conv2d or Linear layer in place: write y = y + x, "
            "not y += x"
        )
        raise ValueError(message)
    layers = zip(channels.gate_grads, channels.fan_in, strict=True)
    return sum(float(gate.square().mean(0).sum()) * 0.5 * fan_in for gate, fan_in in layers)
