"""Running a pass with the passes that it needs, and comparing observations."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import torch
from torch import Tensor

from zc_bench.engine.declare import Requested, pass_registry
from zc_bench.passes.trial_inputs import TrialInputs


def observation(kind: type, trial: TrialInputs, requested: Iterable[type]) -> Any:
    """Run the pass that produces an observation, and the passes that it needs.

    Args:
        kind: the type of the observation.
        trial: the trial.
        requested: the observation types for passes that produce several.

    Returns:
        The observation.

    Raises:
        InvalidScoreError: if the definition of a pass has no finite value for this trial.
        UndefinedScoreError: if a pass does not exist for this trial.
    """
    known: dict[type, Any] = {TrialInputs: trial, Requested: Requested(requested)}

    def find(needed: type) -> Any:
        if needed not in known:
            giver = pass_registry[needed]
            result = giver.function(**{name: find(need) for name, need in giver.needs.items()})
            products = result if len(giver.produces) > 1 else (result,)
            known.update(zip(giver.produces, products, strict=True))
        return known[needed]

    return find(kind)


def all_needed(kind: type) -> set[type]:
    """Return an observation's type with those of all observations that it needs."""
    needs = pass_registry[kind].needs.values() if kind in pass_registry else ()
    return {kind}.union(*map(all_needed, needs))


def tensors_in(value: Any, name: str) -> dict[str, Tensor]:
    """Find the tensors in an observation, by path."""
    if isinstance(value, Tensor):
        return {name: value.detach().cpu()}
    if is_dataclass(value):
        places = {f"{name}.{item.name}": getattr(value, item.name) for item in fields(value)}
    elif isinstance(value, list | tuple):
        places = {f"{name}[{place}]": item for place, item in enumerate(value)}
    elif isinstance(value, Mapping):
        places = {f"{name}[{key!r}]": item for key, item in value.items()}
    elif isinstance(value, int | float):
        return {name: torch.tensor(value)}
    else:
        return {}
    return {
        place: tensor
        for inner, item in places.items()
        for place, tensor in tensors_in(item, inner).items()
    }


def first_difference(one: Any, other: Any, *, tolerance: float = 0) -> str:
    """Return the path of the first difference of two observations.

    Args:
        one: an observation.
        other: another of the same type.
        tolerance: the largest difference of numbers, relative and absolute; 0 requires equal bits.

    Returns:
        The path, or an empty string if there is no difference.
    """
    here, there = (tensors_in(value, type(one).__name__) for value in (one, other))
    for place in here | there:
        if (
            place not in here
            or place not in there
            or not _equal(here[place], there[place], tolerance)
        ):
            return place
    return ""


def _equal(one: Tensor, other: Tensor, tolerance: float) -> bool:
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    if tolerance and one.is_floating_point():
        return torch.allclose(one, other, rtol=tolerance, atol=tolerance, equal_nan=True)
    # The comparison is by bytes, so that NaN equals itself.
    here, there = (tensor.contiguous().reshape(-1).view(torch.uint8) for tensor in (one, other))
    return torch.equal(here, there)
