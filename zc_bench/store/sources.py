"""The sources of a report: the joined stores of each search space, with ground truth."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from zc_bench._internal.files import package_folder
from zc_bench.errors import ZcBenchError
from zc_bench.spaces import space_registry
from zc_bench.store import Contents, combine, read_store, with_derived
from zc_bench.store.export import Exported
from zc_bench.store.merge import ContradictionError
from zc_bench.tables import Table, load_table

VARIABLE = "ZC_BENCH_SHIPPED"


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
            message = (
                f"{path} does not say of which search space it is: expected a store that "
                "`zc-bench` has written."
            )
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
    contents = with_derived(source.contents)
    try:
        return Source(source.paths, contents, load_table(contents.space))
    except ZcBenchError as error:
        return Source(source.paths, contents, lacking=str(error))


def shipped_folder() -> Path:
    """Find the folder of shipped scores.

    Returns:
        `$ZC_BENCH_SHIPPED`; or else that of the package, which in a checkout is `results/shipped`.
    """
    if VARIABLE in os.environ:
        return Path(os.environ[VARIABLE])
    return package_folder("shipped", "results/shipped")


def load_scores(space: str) -> pd.DataFrame:
    """Load the scores that are shipped with the package, beside the ground truth.

    Args:
        space: a search space.

    Returns:
        One row per score: store (the name of the file), space, task, architecture, seed, proxy,
        version, score, status, reason, seconds, truth. Files differ in protocol or images; see
        `results/README.md`.

    Raises:
        ZcBenchError: if the space is unknown, no scores of it are shipped, or a file is damaged.

    Examples:
        >>> scores = load_scores("nb201")
        >>> sorted(scores["task"].unique())
        ['cifar10', 'cifar100', 'imagenet16-120']
    """
    name = space_registry[space].name
    paths = sorted(shipped_folder().glob(f"{name}*.h5"))
    found = [
        source.rows().assign(store=path.stem)
        for path in paths
        for source in read_sources([path])
        if source.contents.space == name
    ]
    if not found:
        message = f"No scores of {space} are shipped in {shipped_folder()}: compute some with run."
        raise ZcBenchError(message)
    rows = pd.concat(found, ignore_index=True)
    rows.insert(0, "store", rows.pop("store"))
    return rows
