"""What a cell computes, as an expression in its inputs: equal expressions, equal functions."""

from collections.abc import Iterable
from itertools import chain

# A sum: its terms, sorted. The empty sum is zero.
Sum = tuple[str, ...]


def apply(operation: str, source: Sum) -> Sum:
    """Write an operation on a sum. Every operation but the identity is a single term, and of zero it is zero."""
    return (f"{operation}({write(source)})",) if source else ()


def add(sums: Iterable[Sum]) -> Sum:
    """Add up, whatever the order."""
    return tuple(sorted(chain.from_iterable(sums)))


def write(terms: Sum) -> str:
    """Write a sum."""
    return "+".join(terms) or "0"
