"""Names that users type, and the plug-ins that add to them."""

import hashlib
import importlib.util
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import TypeVar

from zc_bench.errors import ZcBenchError, ZcBenchWarning, unknown_name

PLUGIN_GROUP = "zc_bench.plugins"
PLUGIN_VARIABLE = "ZC_BENCH_PLUGINS"

T = TypeVar("T")


class Registry(Mapping[str, T]):
    """A mapping from names to items that refuses a name twice and corrects misspelt names.

    Args:
        kind: the kind of the items, in the singular, for messages ("proxy").
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._items: dict[str, T] = {}

    def register(self, name: str, item: T) -> T:
        """Add an item.

        A function that is defined again, as in a notebook, takes the place of its earlier form.

        Args:
            name: the name that users type.
            item: the item.

        Returns:
            The item, unchanged.

        Raises:
            ZcBenchError: if the name is taken.
        """
        if name in self._items and not same_definition(self._items[name], item):
            message = f"The {self.kind} {name!r} is registered already: choose another name."
            raise ZcBenchError(message)
        self._warn_of_change(name, item)
        self._items[name] = item
        return item

    def _warn_of_change(self, name: str, item: T) -> None:
        """Warn where a function is defined again with another content."""
        forms = (self._items.get(name), item)
        codes = [getattr(getattr(form, "function", None), "__code__", None) for form in forms]
        versions = {getattr(form, "version", None) for form in forms}
        if codes[0] is not None and codes[0] != codes[1] and len(versions) == 1:
            warnings.warn(
                f"The {self.kind} {name!r} has changed: raise its version, or else its stored scores are "
                "those of its earlier form.",
                ZcBenchWarning,
                stacklevel=4,
            )

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


def same_definition(one: object, other: object) -> bool:
    """Tell whether two registered items come from the same place in the code.

    Args:
        one: an item, such as a proxy.
        other: another; the functions of both are called `function`.
    """
    places = [
        (getattr(function, "__module__", None), getattr(function, "__qualname__", None))
        for function in (getattr(item, "function", None) for item in (one, other))
    ]
    return None not in places[0] and places[0] == places[1]


def summary_of(function: Callable[..., object], kind: str, name: str, *, listed: str) -> str:
    """Return the first line of the docstring of a function that is about to be registered.

    Args:
        function: the function.
        kind: its kind, in the singular, for messages ("proxy").
        name: the name that users type.
        listed: the argument of `zc-bench list` that lists this kind ("proxies").

    Raises:
        ZcBenchError: if there is no docstring.
    """
    documented = (function.__doc__ or "").strip()
    if not documented:
        message = (
            f"The {kind} {name!r} has no docstring: its first line is what `zc-bench list "
            f"{listed}` shows."
        )
        raise ZcBenchError(message)
    return documented.splitlines()[0]


@dataclass(frozen=True)
class BrokenPlugin:
    """A plug-in that could not be loaded.

    Attributes:
        name: the name of its entry point, or of its file.
        value: what the entry point points to ("package.module"), or the path of the file.
        error: the exception, as text.
    """

    name: str
    value: str
    error: str

    def __str__(self) -> str:
        return (
            f"The plug-in {self.name!r} ({self.value}) was left out, its import failed: "
            f"{self.error}"
        )


def load_plugins() -> tuple[BrokenPlugin, ...]:
    """Import every plug-in once; the import registers its proxies, spaces and other items.

    Plug-ins are the entry points of installed packages in the group `zc_bench.plugins`, and the
    files that the environment variable `ZC_BENCH_PLUGINS` lists, separated as in `PATH`.

    Returns:
        The plug-ins that failed. Items that they registered before the failure stay.
    """
    listed = filter(None, os.environ.get(PLUGIN_VARIABLE, "").split(os.pathsep))
    files = dict.fromkeys(Path(file).absolute() for file in listed)
    return (*_load_installed(), *filter(None, map(_load_file, files)))


def add_plugin_file(path: Path) -> None:
    """Load a file as a plug-in in this process and in the processes that it starts.

    Args:
        path: a Python file that registers items when it is imported.
    """
    known = os.environ.get(PLUGIN_VARIABLE)
    os.environ[PLUGIN_VARIABLE] = os.pathsep.join([*filter(None, [known]), str(path.absolute())])


def imported_files() -> dict[Path, bytes]:
    """Return the bytes of the loaded plug-in files, as they were loaded, by path."""
    return dict(_imported)


def receive_plugin_file(path: Path, source: bytes, folder: Path) -> None:
    """Load a plug-in file of another process, unless this process has loaded it.

    Args:
        path: the path of the file in the other process.
        source: the bytes of the file.
        folder: the folder for a copy.

    Raises:
        ZcBenchError: if the import fails here, or if this process loaded the same path with other
            bytes.
    """
    load_plugins()
    if path not in _imported:
        copy = folder / hashlib.sha256(source).hexdigest() / path.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(source)
        if broken := _load_file(copy):
            raise ZcBenchError(str(broken))
        _imported[path] = source
    if _imported[path] != source:
        message = (
            f"A worker has loaded the plug-in {path} as it was before it was changed: start the "
            "worker again."
        )
        raise ZcBenchError(message)


# Registered items stay, so the bytes count that were loaded, not those of the file now.
_imported: dict[Path, bytes] = {}


@cache
def _load_installed() -> tuple[BrokenPlugin, ...]:
    attempts = (
        _attempt(point.name, point.value, point.load) for point in entry_points(group=PLUGIN_GROUP)
    )
    return tuple(filter(None, attempts))


@cache
def _load_file(path: Path) -> BrokenPlugin | None:
    return _attempt(path.stem, str(path), lambda: _import_file(path))


def _import_file(path: Path) -> None:
    name = f"zc_bench_plugin_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        message = "it is no Python file"
        raise ImportError(message)
    module = importlib.util.module_from_spec(spec)
    source = path.read_bytes()
    # Dataclasses look up their module in `sys.modules`.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    _imported[path] = source


def _attempt(name: str, value: str, load: Callable[[], object]) -> BrokenPlugin | None:
    """Load one plug-in; describe its failure."""
    try:
        load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a plug-in may raise anything; its name is reported
        return BrokenPlugin(name, value, f"{type(error).__name__}: {error}")
    return None


def warn_of_broken_plugins() -> None:
    """Load plug-ins; warn of each that fails."""
    for broken in load_plugins():
        warnings.warn(str(broken), stacklevel=3)
