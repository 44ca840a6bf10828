"""The tensors that a network returns: one, or several in tuples, dictionaries, dataclasses."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from zc_bench.engine.scores import InvalidScoreError


def output_tensors(outputs: Any) -> tuple[Tensor, ...]:
    """List the floating-point tensors that a network returned, in order, from any container.

    Args:
        outputs: a tensor, or tuples, lists, mappings and dataclasses of tensors. All else is
            ignored.

    Returns:
        At least one tensor; the first is the main output.

    Raises:
        InvalidScoreError: if there is none.
    """
    tensors = tuple(_tensors(outputs))
    if not tensors:
        message = f"the network returns no floating-point tensor but a {type(outputs).__name__}"
        raise InvalidScoreError(message)
    return tensors


def total(outputs: Any) -> Tensor:
    """Add up all values of all floating-point tensors that a network returned.

    Raises:
        InvalidScoreError: if there is none.
    """
    first, *others = (tensor.sum() for tensor in output_tensors(outputs))
    # Without a zero at the beginning, the sum of one tensor keeps its bits.
    for other in others:
        first = first + other
    return first


def expect_graph(value: Tensor, claim: str) -> None:
    """Refuse a value without a graph.

    Args:
        value: the value to differentiate.
        claim: the beginning of the message: what a missing graph means.

    Raises:
        InvalidScoreError: if the value has no graph.
    """
    if not value.requires_grad:
        message = f"{claim}: the network runs without gradients, or cuts them off"
        raise InvalidScoreError(message)


def _tensors(outputs: Any) -> Iterator[Tensor]:
    if isinstance(outputs, Tensor):
        if torch.is_floating_point(outputs):
            yield outputs
    elif isinstance(outputs, Mapping):
        yield from _tensors(tuple(outputs.values()))
    elif isinstance(outputs, tuple | list):
        for member in outputs:
            yield from _tensors(member)
    elif dataclasses.is_dataclass(outputs):
        yield from _tensors([getattr(outputs, field.name) for field in dataclasses.fields(outputs)])
