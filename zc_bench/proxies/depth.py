"""Depth of a network."""

from zc_bench.engine.declare import proxy
from zc_bench.passes.layer_paths import LayerPaths


@proxy("depth", source="zc-bench, a baseline")
def depth(paths: LayerPaths) -> float:
    """Most calls of Conv2d and Linear modules on a path from the images to the outputs.

    Formula:

        score = max over paths of the number of calls

    The operation `none`, a product with zero, ends a path.

    Args:
        paths: `longest` is that number; None where there is no path.

    Returns:
        A whole number, 0 where no path or no such layer is; higher is better.

    Examples:
        >>> from zc_bench.passes.layer_paths import LayerPaths
        >>> depth(LayerPaths(longest=7)), depth(LayerPaths(longest=None))
        (7.0, 0.0)

    References:
        None: what a proxy must beat.

    Deviations:
        None. A convolution or linear function that is called without a module does not count.
    """
    return float(paths.longest or 0)
