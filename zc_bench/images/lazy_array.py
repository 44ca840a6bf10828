"""Rows: an array, or rows that are made on access."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np


class Rows(Protocol):
    """A sequence of rows; an array is one."""

    def __len__(self) -> int:
        """Return n, the number of rows."""
        ...

    def __getitem__(self, places: np.ndarray, /) -> np.ndarray:
        """Return the rows at places, integers (m,), as a new array (m, ...)."""
        ...


@dataclass(frozen=True, eq=False)
class Each:
    """Rows that are made from items on access.

    Attributes:
        items: files, numbers, or rows of an array.
        make: the function from an item to its row. All rows have one shape and type.
    """

    items: Sequence[Any] | np.ndarray
    make: Callable[[Any], np.ndarray]

    def __len__(self) -> int:
        """Return n, the number of rows."""
        return len(self.items)

    def __getitem__(self, places: np.ndarray, /) -> np.ndarray:
        """Make the rows at places, integers (m,)."""
        return np.stack([self.make(self.items[place]) for place in places])
