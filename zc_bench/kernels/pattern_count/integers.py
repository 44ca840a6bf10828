"""Floating-point numbers as integers with the same bits, for loops without 16-bit floats."""

import torch
from torch import Tensor

_INFINITY = {
    torch.float64: (torch.int64, 0x7FF << 52),
    torch.float32: (torch.int32, 0xFF << 23),
    torch.bfloat16: (torch.int16, 0xFF << 7),
    torch.float16: (torch.int16, 0x1F << 10),
}


def as_integers(values: Tensor) -> tuple[Tensor, int]:
    """View numbers as integers of their size, without a copy.

    A number is above zero if its integer is between 1 and that of infinity. Larger integers are
    NaN.

    Args:
        values: float64, float32, bfloat16 or float16, of any shape and strides.

    Returns:
        The integers, and the integer of infinity.

    Raises:
        TypeError: for any other type.
    """
    if values.dtype not in _INFINITY:
        message = f"activation patterns need {', '.join(map(str, _INFINITY))}, not {values.dtype}"
        raise TypeError(message)
    integer, infinity = _INFINITY[values.dtype]
    return values.detach().view(integer), infinity
