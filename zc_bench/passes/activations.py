"""Which operations are activations, whose outputs have patterns."""

from collections.abc import Sequence
from typing import Any, Literal, get_args

from torch import Tensor

# "relu" is what the papers count. "all" adds the functions whose output, like that of a ReLU, is
# above zero exactly where their input is: a unit has the same pattern whichever of them follows it.
Activations = Literal["relu", "all"]
ACTIVATIONS: tuple[Activations, ...] = get_args(Activations)
# Their names in torch's dispatcher; ReLU6 is a bounded one, SELU an ELU.
_OTHERS = frozenset(
    {
        "leaky_relu",
        "_prelu_kernel",
        "rrelu_with_noise",
        "elu",
        "celu",
        "gelu",
        "silu",
        "mish",
        "hardswish",
    }
)


def activation(name: str, args: Sequence[Any]) -> Activations | None:
    """Say which kind of activation an operation is.

    Args:
        name: in torch's dispatcher, without the underscore of an operation in place.
        args: its positional arguments.

    Returns:
        "relu" for max(x, 0), however it is written; "all" for its like; None for any other
        operation.
    """
    if name == "relu":
        return "relu"
    if name in _OTHERS:
        return "all"
    lower, upper = _bounds(name, args)
    if not _is_zero(lower):
        return None
    return "relu" if upper is None else "all"


def _bounds(name: str, args: Sequence[Any]) -> tuple[Any, Any]:
    """Return the bounds between which an operation keeps its input; None where there is none."""
    match name:
        case "clamp" | "hardtanh" | "clamp_min":
            unset = (-1, 1) if name == "hardtanh" else (None, None)
            given = tuple(args[1:3])
            return given + unset[len(given) :]
        case "threshold" if args[1] == args[2]:
            return args[1], None
        case "maximum" | "fmax":
            return (args[0] if _is_zero(args[0]) else args[1]), None
        case _:
            return None, None


def _is_zero(bound: Any) -> bool:
    if isinstance(bound, Tensor):
        return not bool(bound.any())
    return bound is not None and bound == 0
