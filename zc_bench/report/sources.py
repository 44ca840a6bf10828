"""The sources of a report: the joined stores of each search space, with ground truth."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from zc_bench.errors import ZcBenchError
from zc_bench.store import Contents, combine, read_store
from zc_bench.store.export import Exported
from zc_bench.store.merge import ContradictionError
from zc_bench.tables import Table, load_table


@dataclass(frozen=True, eq=False)
class Source:
    """The stores of one search space.

    Attributes:
        paths: the paths of the stores.
        contents: their joined contents.
        table: the ground truth of the space, or None.
        lacking: the reason for missing ground truth, else empty.
    """

    paths: tuple[Path, ...]
    contents: Contents
    table: Table | None = None
    lacking: str = ""

    def rows(self) -> pd.DataFrame:
        """Return the rows of `zc_bench.store.export.Exported.rows`, of the latest versions."""
        rows = Exported(self.contents, self.table).rows()
        latest = rows.groupby("proxy")["version"].transform("max")
        return rows[rows["version"] == latest].reset_index(drop=True)


def read_sources(paths: Sequence[Path]) -> list[Source]:
    """Read stores, join those of one search space, and find ground truth without downloads.

    Args:
        paths: the stores. A store that another process writes yields its finished trials.

    Returns:
        One source per space, in alphabetical order.

    Raises:
        ZcBenchError: if a store cannot be read or names no space, or if two stores of one space
            contradict each other.
    """
    found: dict[str, Source] = {}
    for path in dict.fromkeys(paths):
        contents = read_store(path)
        if not contents.space:
            message = f"{path} does not say of which search space it is: expected a store that `zc-bench` has written."
            raise ZcBenchError(message)
        before = found.get(contents.space)
        found[contents.space] = (
            Source((path,), contents) if before is None else _join(before, path, contents)
        )
    return [_with_table(source) for _, source in sorted(found.items())]


def _join(source: Source, path: Path, contents: Contents) -> Source:
    try:
        return Source((*source.paths, path), combine(source.contents, contents))
    except ContradictionError as error:
        before = " and ".join(map(str, source.paths))
        message = f"{path} contradicts {before}: {error}. Write a report of its own for each."
        raise ZcBenchError(message) from error


def _with_table(source: Source) -> Source:
    try:
        return Source(
            source.paths, source.contents, load_table(source.contents.space, offline=True)
        )
    except ZcBenchError as error:
        return Source(source.paths, source.contents, lacking=str(error))
