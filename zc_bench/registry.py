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

from zc_bench.errors import ZcBenchError, unknown_name

PLUGIN_GROUP = "zc_bench.plugins"
PLUGIN_VARIABLE = "ZC_BENCH_PLUGINS"

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


def summary_of(function: Callable[..., object], kind: str, name: str, *, listed: str) -> str:
    """Return the first line of the docstring of a function that is about to be registered.

    Args:
        function: the function.
        kind: what it is, in the singular, for messages ("proxy").
        name: the name that users type.
        listed: what `zc-bench list` calls all of its kind ("proxies").

    Raises:
        ZcBenchError: if there is no docstring.
    """
    documented = (function.__doc__ or "").strip()
    if not documented:
        message = f"The {kind} {name!r} has no docstring: its first line is what `zc-bench list {listed}` shows."
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
        return f"The plug-in {self.name!r} ({self.value}) was left out, its import failed: {self.error}"


def load_plugins() -> tuple[BrokenPlugin, ...]:
    """Import every plug-in once; importing it registers what it brings.

    Plug-ins are the entry points of installed packages in the group `zc_bench.plugins`, and the files that the
    environment variable `ZC_BENCH_PLUGINS` lists, separated as in `PATH`.

    Returns:
        The plug-ins that failed. They harm nobody else: what they had registered before failing stays, the rest of
        the harness works.
    """
    listed = filter(None, os.environ.get(PLUGIN_VARIABLE, "").split(os.pathsep))
    files = dict.fromkeys(Path(file).absolute() for file in listed)
    return (*_load_installed(), *filter(None, map(_load_file, files)))


def add_plugin_file(path: Path) -> None:
    """Let this process and those that it starts load a file as a plug-in.

    Args:
        path: a Python file; importing it registers what it brings.
    """
    known = os.environ.get(PLUGIN_VARIABLE)
    os.environ[PLUGIN_VARIABLE] = os.pathsep.join([*filter(None, [known]), str(path.absolute())])


def imported_files() -> dict[Path, bytes]:
    """Return what the files that were loaded as plug-ins held then, by their paths: broken ones are not among them."""
    return dict(_imported)


def receive_plugin_file(path: Path, source: bytes, folder: Path) -> None:
    """Load a file that a process elsewhere has loaded as a plug-in, unless this process has it.

    Args:
        path: where the file lies there.
        source: what it holds.
        folder: where a copy is put.

    Raises:
        ZcBenchError: if it is broken here, or if this process loaded the same file when it held something else.
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
        message = f"A worker has loaded the plug-in {path} as it was before it was changed: start the worker again."
        raise ZcBenchError(message)


# A thing that is registered stays: what a file held when it was loaded counts, not what it holds now.
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
    # Dataclasses look up the module that they are made in.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    _imported[path] = source


def _attempt(name: str, value: str, load: Callable[[], object]) -> BrokenPlugin | None:
    """Load one plug-in; say what is wrong with it."""
    try:
        load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's code may raise anything; it is named
        return BrokenPlugin(name, value, f"{type(error).__name__}: {error}")
    return None


def warn_of_broken_plugins() -> None:
    """Load plug-ins for a caller from Python, with a warning for each that is broken."""
    for broken in load_plugins():
        warnings.warn(str(broken), stacklevel=3)
