"""Names that users type, and the plug-ins that add to them."""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import TypeVar

from zc_bench.errors import ZcBenchError, unknown_name

PLUGIN_GROUP = "zc_bench.plugins"

T = TypeVar("T")


class Registry(Mapping[str, T]):
    """A mapping from names to things, that refuses a name twice and helps with a misspelt one.

    Args:
        kind: what is registered, in the singular, for messages ("proxy").
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._items: dict[str, T] = {}

    def register(self, name: str, item: T) -> T:
        """Add an item.

        Args:
            name: the name that users type.
            item: what it stands for.

        Returns:
            The item, unchanged.

        Raises:
            ZcBenchError: if the name is taken.
        """
        if name in self._items:
            message = f"The {self.kind} {name!r} is registered already: choose another name."
            raise ZcBenchError(message)
        self._items[name] = item
        return item

    def __getitem__(self, name: str) -> T:
        if name not in self._items:
            raise unknown_name(self.kind, name, self._items)
        return self._items[name]

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)


@dataclass(frozen=True)
class BrokenPlugin:
    """A plug-in that could not be loaded.

    Attributes:
        name: the name of its entry point.
        value: what the entry point points to ("package.module").
        error: the exception, as text.
    """

    name: str
    value: str
    error: str

    def __str__(self) -> str:
        return f"The plug-in {self.name!r} ({self.value}) was left out, its import failed: {self.error}"


@cache
def load_plugins() -> tuple[BrokenPlugin, ...]:
    """Import every installed plug-in once; importing it registers what it brings.

    Returns:
        The plug-ins that failed. They harm nobody else: what they had registered before failing stays, the rest of
        the harness works.
    """
    broken = []
    for point in entry_points(group=PLUGIN_GROUP):
        try:
            point.load()
        except Exception as error:  # noqa: BLE001 - a stranger's code may raise anything; it is named, not hidden
            broken.append(BrokenPlugin(point.name, point.value, f"{type(error).__name__}: {error}"))
    return tuple(broken)


def warn_of_broken_plugins() -> None:
    """Load plug-ins for a caller from Python, with a warning for each that is broken."""
    for broken in load_plugins():
        warnings.warn(str(broken), stacklevel=3)
