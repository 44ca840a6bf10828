"""The public files that hold ground truth, as `registry.toml` lists them."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from zc_bench._internal.files import data_folder
from zc_bench.tables.compact import SUFFIX

# The folder of the compact tables that are shipped with the package.
SHIPPED = Path(__file__).parent / "shipped"
COMES_WITH = "comes with zc-bench"

# A fact that is the same for all tasks, or differs by task.
ByTask = int | Mapping[str, int] | None


@dataclass(frozen=True)
class Facts:
    """What the ground truth of a task measures.

    Attributes:
        split: which images the metric was measured on.
        epochs: for how long the networks were trained; None where that is not known.
        runs: how many trainings of an architecture each number is the mean of; None where that is
            not known.
    """

    split: str
    epochs: int | None
    runs: int | None


@dataclass(frozen=True)
class TableFile:
    """A public file of ground truth.

    Attributes:
        name: its name in the catalogue.
        space: the search space.
        also: further spaces of the same architectures, which share its ground truth.
        format: the reader that understands it.
        file: the name of the file.
        source: who published it.
        holds: what the numbers are.
        tasks: the tasks that it holds.
        split: which images the accuracy was measured on.
        licence: its licence.
        url: where it is published; a file without package is downloaded from there.
        sha256: of the file, in hexadecimal; empty where nobody published it: then what is found is
            recorded.
        rows: the number of architectures, or None where that is not known.
        mirrors: further addresses of the same file.
        gdown: its id on Google Drive, where it is nowhere else.
        package: the importable package that holds the file, or empty.
        truth: the name by which a run asks for its numbers; empty if they are the task's own
            metric.
        metrics: further metrics of the tasks that it holds instead, and what each is, by the names
            by which a run asks for them.
        missing: what it writes for a number that does not exist.
        epochs: for how long the networks were trained, or None where that is not known.
        runs: of how many trainings the numbers are means, or None where that is not known.
        converted: whether what is published has another form, so that the file cannot be downloaded.
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
    sha256: str = ""
    rows: int | None = None
    mirrors: tuple[str, ...] = ()
    gdown: str = ""
    package: str = ""
    truth: str = ""
    metrics: Mapping[str, str] = field(default_factory=dict)
    missing: float | None = None
    epochs: ByTask = None
    runs: ByTask = None
    also: tuple[str, ...] = ()
    converted: bool = False

    @property
    def spaces(self) -> tuple[str, ...]:
        """The search spaces that its ground truth is of."""
        return (self.space, *self.also)

    def find(self, folder: Path) -> Path | None:
        """Return the path of the file, in its package (which is not imported) or else in a folder.

        None if absent.
        """
        if self.package:
            spec = find_spec(self.package)
            homes = [Path(home) for home in (spec and spec.submodule_search_locations) or ()]
        else:
            homes = [folder]
        return next((home / self.file for home in homes if (home / self.file).is_file()), None)

    @property
    def truths(self) -> Mapping[str, str]:
        """What it holds, by the names by which a run asks for it.

        The task's own metric has no name.
        """
        return self.metrics or {self.truth: self.holds}

    @property
    def downloadable(self) -> bool:
        """Whether the file itself can be downloaded."""
        return not self.package and not self.metrics and not self.converted

    @property
    def shipped(self) -> Path:
        """The path of the compact table that comes with the package, if one does."""
        return SHIPPED / f"{self.name}{SUFFIX}"

    @property
    def commit(self) -> str:
        """The commit of the repository that the address names, or empty."""
        found = re.search(r"/([0-9a-f]{40})/", self.url)
        return found[1] if found else ""

    def place(self, folder: Path) -> str:
        """Return its place: a package, a folder, or "shipped"; empty if it is absent."""
        if path := self.find(folder):
            return str(path)
        return COMES_WITH if self.shipped.is_file() else ""

    def facts(self, task: str) -> Facts:
        """Return what the ground truth of one of its tasks measures."""
        return Facts(self.split, _for_task(self.epochs, task), _for_task(self.runs, task))

    def provenance(self) -> dict[str, str | int]:
        """Return what a table from this file records about it, flat."""
        return {name: value for name, value in self._recorded() if value not in (None, "")}

    def _recorded(self) -> Iterator[tuple[str, str | int]]:
        for name in (
            "source",
            "file",
            "holds",
            "split",
            "epochs",
            "runs",
            "licence",
            "url",
            "commit",
            "sha256",
        ):
            fact = getattr(self, name)
            yield (
                name,
                ", ".join(f"{task} {n}" for task, n in fact.items())
                if isinstance(fact, Mapping)
                else fact,
            )


def _for_task(fact: ByTask, task: str) -> int | None:
    return fact.get(task) if isinstance(fact, Mapping) else fact


@cache
def table_files() -> tuple[TableFile, ...]:
    """Return the catalogue, best source first."""
    entries = tomllib.loads(
        files("zc_bench.tables").joinpath("registry.toml").read_text(encoding="utf-8")
    )
    return tuple(_entry(name, facts) for name, facts in entries.items())


def _entry(name: str, facts: Mapping[str, Any]) -> TableFile:
    lists = {key: tuple(value) for key, value in facts.items() if isinstance(value, list)}
    return TableFile(**{"name": name, **facts, **lists})


def facts(space: str, task: str) -> Facts | None:
    """Return what the ground truth of a task measures.

    In the file in the data folder, the shipped one, or the best.

    Returns:
        The facts, or None where the catalogue has no ground truth for the task.
    """
    folder = data_folder()
    known = [
        entry
        for entry in table_files()
        if space in entry.spaces and task in entry.tasks and "" in entry.truths
    ]
    here = [entry for entry in known if entry.find(folder)]
    shipped = [entry for entry in known if entry.shipped.is_file()]
    return (here or shipped or known)[0].facts(task) if known else None


def known_truths(space: str) -> dict[str, str]:
    """Return what a run on a space can be asked to correlate with, besides the task's own metric.

    Name and meaning.
    """
    known = (entry.truths for entry in table_files() if space in entry.spaces)
    return {name: meaning for truths in known for name, meaning in truths.items() if name}
