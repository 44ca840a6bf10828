"""Rows: an array, or what is made row by row where it is asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np


class Rows(Protocol):
    """What a batch is drawn from: an array is one."""

    def __len__(self) -> int:
        """Return n, the number of rows."""
        ...

    def __getitem__(self, places: np.ndarray, /) -> np.ndarray:
        """Return the rows at places, integers (m,), as a new array (m, ...)."""
        ...


@dataclass(frozen=True, eq=False)
class Each:
    """Rows that are made one by one, each from its item, only where they are asked for.

    Attributes:
        items: files, numbers, or rows of an array.
        make: turns an item into its row; all rows have one shape and type.
    """

    items: Sequence[Any] | np.ndarray
    make: Callable[[Any], np.ndarray]

    def __len__(self) -> int:
        """Return n, the number of rows."""
        return len(self.items)

    def __getitem__(self, places: np.ndarray, /) -> np.ndarray:
        """Make the rows at places, integers (m,)."""
        return np.stack([self.make(self.items[place]) for place in places])
