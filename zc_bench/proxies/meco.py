"""MeCo: smallest eigenvalues of the correlations between channels."""

from zc_bench.engine.declare import proxy
from zc_bench.passes.channel_correlations import ChannelCorrelations


@proxy("meco", source="Jiang, Wang & Bie 2023, MeCo, NeurIPS 2023, definition 3, eq. 12-13")
def meco(correlations: ChannelCorrelations) -> float:
    """Sum over the outputs of all modules of the smallest eigenvalue of their channels' correlations.

    Formula, with C_m the matrix of Pearson's correlations between the channels of output m, over
    the positions of a single image:

        score = sum_m min eigenvalue(C_m)

    Every call of every module gives an output: layers, and the containers around them up to the
    network itself. The image is N(0, 1) noise in the shape of the task's. An output with as many
    channels as positions or more adds nothing, nor does one with a constant channel.

    Args:
        correlations: `smallest` holds the smallest eigenvalue of C_m, one number per output.

    Returns:
        A number without unit, from 0 up; higher is better.

    Examples:
        >>> from zc_bench.passes.channel_correlations import ChannelCorrelations
        >>> meco(ChannelCorrelations(smallest=(0.5, 0.25)))
        0.75

    References:
        Jiang, Wang & Bie 2023, MeCo, NeurIPS 2023, definition 3, eq. 12-13.

    Deviations:
        The paper adds up layers. Its code adds up modules, as here, so the sum depends on how a
        network is put together from containers. The code takes noise of 64 x 64 pixels in its
        search, and a training image for its correlations on NAS-Bench-201. Its eigenvalues come
        from a general solver, which may return slightly negative ones.
    """
    return float(sum(correlations.smallest))
