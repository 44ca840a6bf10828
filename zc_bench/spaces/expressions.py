"""The function of a cell as an expression in its inputs. Equal expressions mean equal functions."""

from collections.abc import Iterable
from itertools import chain

# A sum: its terms, sorted. The empty sum is zero.
Sum = tuple[str, ...]


def apply(operation: str, source: Sum) -> Sum:
    """Write an operation on a sum: a single term, except for the identity; zero for zero."""
    return (f"{operation}({write(source)})",) if source else ()


def add(sums: Iterable[Sum]) -> Sum:
    """Add sums, in any order."""
    return tuple(sorted(chain.from_iterable(sums)))


def write(terms: Sum) -> str:
    """Write a sum."""
    return "+".join(terms) or "0"
