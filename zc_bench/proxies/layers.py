"""Number of parameter tensors."""

from zc_bench.engine.declare import proxy
from zc_bench.passes.network_size import LayerSizes


@proxy("layers", source="Tybl & Neumann 2025, VKDNW, arXiv:2502.04975, aleph")
def layers(sizes: LayerSizes) -> float:
    """Number of tensors of parameters.

    Formula:

        score = number of tensors

    A convolution without bias has one, a Linear layer with bias two, batch normalisation with scale
    and shift two. So it is not the number of Conv2d and Linear modules, but grows with it: where
    every convolution has no bias and a batch normalisation of its own, a module more is three
    tensors more. On NAS-Bench-201 it is 21 + 45 k, with k edges that are convolutions and 8 + 15 k
    modules.

    Args:
        sizes: `tensors` is their number. A shared one counts once.

    Returns:
        A whole number from 0 up; higher is better.

    Examples:
        >>> from zc_bench.passes.network_size import LayerSizes
        >>> layers(LayerSizes(tensors=21, widths=()))
        21.0

    References:
        Tybl & Neumann 2025, VKDNW, arXiv:2502.04975, which calls it aleph and uses it beside a
        proxy.

    Deviations:
        None known. Many architectures have the same number: ties matter.
    """
    return float(sizes.tensors)
