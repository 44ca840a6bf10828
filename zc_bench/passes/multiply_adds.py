"""How many operations a network needs for one image, wherever they are written."""

import math
import re
from dataclasses import dataclass
from typing import Any

import torch

from zc_bench.engine.declare import shared_pass
from zc_bench.engine.scores import UndefinedScoreError
from zc_bench.passes.activations import activation
from zc_bench.passes.layer_operations import LayerOperations
from zc_bench.passes.operations import Operations, hidden_part
from zc_bench.passes.running import first_images, run
from zc_bench.passes.trial_inputs import TrialInputs

# Matrix products: which arguments are the factors.
PRODUCTS = {
    "mm": (0, 1),
    "bmm": (0, 1),
    "mv": (0, 1),
    "dot": (0, 1),
    "vdot": (0, 1),
    "addmm": (1, 2),
    "baddbmm": (1, 2),
    "addbmm": (1, 2),
    "addmv": (1, 2),
}
RECURRENT = ("lstm", "gru", "rnn_tanh", "rnn_relu")
_ADAPTIVE = tuple(f"adaptive_avg_pool{dimensions}d" for dimensions in (1, 2, 3))
_POOLS = {
    "avg_pool2d": 2,
    "avg_pool3d": 3,
    "max_pool1d": 1,
    "max_pool2d_with_indices": 2,
    "max_pool3d_with_indices": 3,
}
_PRODUCT_NAME = re.compile(r"(^|_)([a-z]*mm|conv[a-z]*[123]?d?|attention|rnn|linear)(_|$)")


@dataclass(frozen=True)
class MultiplyAdds:
    """The operations of one forward pass.

    Attributes:
        total: multiply-adds per image.
    """

    total: int


@shared_pass(reads={MultiplyAdds: ()})
def multiply_adds(trial: TrialInputs, layers: LayerOperations) -> MultiplyAdds:
    """Count the operations of a network with functions from batches of two, three and four images.

    The difference is what an image adds; what is left does not depend on the images, such as a
    product of two weights, and counts once.

    Raises:
        UndefinedScoreError: if something cannot be observed, or not every image adds the same.
    """
    if layers.total is not None:
        return MultiplyAdds(layers.total)
    if reason := hidden_part(trial.network):
        raise UndefinedScoreError(reason)
    two, three, four = (_operations(trial, images) for images in (2, 3, 4))
    if four - three != three - two:
        message = "the operations do not grow with the images by the same number for each"
        raise UndefinedScoreError(message)
    return MultiplyAdds(2 * two - three)


def _operations(trial: TrialInputs, images: int) -> int:
    counted = _Counted()
    with torch.inference_mode(), counted:
        run(trial, first_images(trial, images))
    if counted.unseen:
        raise UndefinedScoreError(counted.unseen)
    return counted.total


class _Counted(Operations):
    """Adds up operations by the rules of `OperationCounter`, and those that no module of torch's has.

    Products of matrices count their multiply-adds, as torch's own counter does: those of attention,
    of `einsum` and of recurrent layers.
    """

    whole = frozenset({"batch_norm", "max_pool1d", *_ADAPTIVE, *RECURRENT})

    def __init__(self) -> None:
        super().__init__()
        self.total: int = 0

    def after(self, name: str, args: tuple[Any, ...], output: Any, /) -> None:
        """Count one operation."""
        count = _products(name, args, output)
        if count is None:
            count = _others(name, args, output)
            if not count and not self.unseen and _PRODUCT_NAME.search(name):
                self.unseen = (
                    f"the network runs torch's {name}, whose operations are not known here"
                )
        self.total += count


def _products(name: str, args: tuple[Any, ...], output: Any) -> int | None:
    """Count multiply-adds; None where the operation is no product."""
    if name in PRODUCTS:
        left, right = (args[place] for place in PRODUCTS[name])
        return int(left.numel() * (right.shape[-1] if right.dim() > 1 else 1))
    if name == "convolution":
        weight, bias, transposed = args[1], args[2], args[6]
        return 0 if transposed else int(output.numel() * (weight[0].numel() + (bias is not None)))
    if name in RECURRENT:
        matrices = [
            item
            for given in args
            if isinstance(given, list | tuple)
            for item in given
            if item.dim() == 2
        ]
        return int(
            args[0].numel() // args[0].shape[-1] * sum(matrix.numel() for matrix in matrices)
        )
    if name.startswith("_scaled_dot_product"):
        query, key, value = args[:3]
        return int(
            query.numel() * key.shape[-2] + query[..., 0].numel() * key.shape[-2] * value.shape[-1]
        )
    if name == "_trilinear":
        return int(output.numel() * args[1].shape[-2] * args[1].shape[-1])
    return None


def _others(name: str, args: tuple[Any, ...], output: Any) -> int:
    """Count what is no product, as tensorwatch does."""
    if "batch_norm" in name:
        return int(args[0].numel()) * (1 if args[1] is None else 2)
    if name == "leaky_relu" or activation(name, args) == "relu":
        return int(output.numel())
    if name in _POOLS:
        values = output[0] if isinstance(output, tuple | list) else output
        sides = args[1] if isinstance(args[1], list | tuple) else [args[1]]
        return int(values.numel() * math.prod(sides) ** (_POOLS[name] if len(sides) == 1 else 1))
    if name in _ADAPTIVE:
        places = range(-int(name[-2]), 0)
        return int(
            output.numel()
            * math.prod(args[0].shape[place] // output.shape[place] + 1 for place in places)
        )
    return 0
