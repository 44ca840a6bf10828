"""The public files that hold ground truth, as `registry.toml` lists them."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True)
class TableFile:
    """A public file of ground truth.

    Attributes:
        name: its name in the catalogue.
        space: the search space.
        format: the reader that understands it.
        file: the name of the file.
        source: who published it.
        holds: what the numbers are.
        tasks: the tasks that it holds.
        split: which images the accuracy was measured on.
        licence: its licence.
        url: where it is published; a file without package is downloaded from there.
        sha256: of the file, in hexadecimal.
        package: the importable package that carries the file, or empty.
        epochs: for how long the networks were trained, or None where that is not known.
    """

    name: str
    space: str
    format: str
    file: str
    source: str
    holds: str
    tasks: tuple[str, ...]
    split: str
    licence: str
    url: str
    sha256: str
    package: str = ""
    epochs: int | None = None

    def find(self, folder: Path) -> Path | None:
        """Return the path of the file, in its package (which is not imported) or else in a folder; None if absent."""
        if self.package:
            spec = find_spec(self.package)
            homes = [Path(home) for home in (spec and spec.submodule_search_locations) or ()]
        else:
            homes = [folder]
        return next((home / self.file for home in homes if (home / self.file).is_file()), None)

    def provenance(self) -> dict[str, str | int]:
        """Return what a table from this file records about it, flat."""
        facts = {name: getattr(self, name) for name in _RECORDED}
        return {name: value for name, value in facts.items() if value is not None}


_RECORDED = ("source", "file", "holds", "split", "epochs", "licence", "url", "sha256")


@cache
def table_files() -> tuple[TableFile, ...]:
    """Return the catalogue, best source first."""
    entries = tomllib.loads(files("zc_bench.tables").joinpath("registry.toml").read_text(encoding="utf-8"))
    return tuple(TableFile(name=name, **{**entry, "tasks": tuple(entry["tasks"])}) for name, entry in entries.items())
