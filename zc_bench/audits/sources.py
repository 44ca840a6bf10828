"""The stores that an audit reads: those that are shipped, or the user's own."""

import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from zc_bench._internal.files import sha256
from zc_bench.engine.declare import proxy_registry
from zc_bench.errors import ZcBenchError, unknown_name
from zc_bench.report.findings import seconds_alone
from zc_bench.spaces import space_registry
from zc_bench.spec import names_of
from zc_bench.store.contents import column_name
from zc_bench.store.sources import Source, read_sources, shipped_folder


@dataclass(frozen=True, eq=False)
class Material:
    """One store, or rows that have none.

    Attributes:
        name: its name.
        rows: one row per score, as for `zc_bench.statistics.correlate.correlate`.
        source: the store.
    """

    name: str
    rows: pd.DataFrame
    source: Source | None = None

    @property
    def space(self) -> str:
        """The search space."""
        return str(self.rows["space"].iloc[0])

    @cached_property
    def proxies(self) -> list[str]:
        """The proxies with scores, in alphabetical order."""
        return sorted(map(str, self.rows["proxy"].unique()))

    @cached_property
    def seconds(self) -> pd.DataFrame:
        """The columns space, task, proxy and seconds, see `seconds_alone`; no rows without a store."""
        if self.source is None:
            return pd.DataFrame(columns=["space", "task", "proxy", "seconds"])
        return seconds_alone(self.source.contents)

    @cached_property
    def date(self) -> str:
        """The day on which the store was computed, or else committed, or else nothing."""
        if self.source is None:
            return ""
        recorded = str(self.source.contents.provenance.get("date", ""))
        return recorded or max(map(_committed, self.source.paths))

    @cached_property
    def digest(self) -> str:
        """The beginning of the SHA-256 of the store."""
        return "" if self.source is None else sha256(self.source.paths[0])[:12]

    def version(self, proxy: str) -> int:
        """Return the version of a proxy's scores; 0 where the rows name none."""
        of = self.rows[self.rows["proxy"] == proxy]
        return int(of["version"].max()) if "version" in of and len(of) else 0

    def settings(self, proxy: str) -> dict[str, object]:
        """Return what the scores of a proxy depend on: settings of the protocol, and images by task."""
        if self.source is None:
            return {}
        fingerprints = self.source.contents.fingerprints
        read = {
            section: said
            for name in inputs_of(proxy)
            for section, said in fingerprints.get(column_name(name, self.version(name)), {}).items()
        }
        flat: dict[str, object] = dict(read.pop("protocol", {}))
        return flat | {
            f"images of {task}": said["images"] for task, said in read.items() if "images" in said
        }


def _committed(path: Path) -> str:
    """Return the day of the last commit of a file, where git knows it."""
    git = shutil.which("git")
    if git is None:
        return ""
    words = [git, "log", "-1", "--format=%cs", "--", path.name]
    done = subprocess.run(words, cwd=path.parent, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def higher_is_better(proxy: str) -> bool:
    """Return the direction of a proxy; that of one whose plug-in is not installed is up."""
    return proxy not in proxy_registry or proxy_registry[proxy].higher_is_better


def inputs_of(proxy: str) -> tuple[str, ...]:
    """Return the proxies that a derived proxy reads; any other reads itself."""
    if proxy not in proxy_registry:
        return (proxy,)
    inputs: tuple[str, ...] = getattr(proxy_registry[proxy], "inputs", (proxy,))
    return inputs


def read_materials(
    spaces: str | Iterable[str] | None = None,
    stores: str | Path | Sequence[str | Path] | None = None,
    scores: pd.DataFrame | None = None,
) -> list[Material]:
    """Read stores.

    Args:
        spaces: search spaces; all unless given. One may stand alone, as may a store.
        stores: files; those that are shipped unless given.
        scores: rows instead of stores.

    Returns:
        One material per store with scores of these spaces; of rows, one per space.

    Raises:
        ZcBenchError: if a space is unknown, a store cannot be read, or none has scores of the spaces.
    """
    names = None if spaces is None else {space_registry[space].name for space in names_of(spaces)}
    if scores is not None:
        found = [
            Material("the given scores", part.reset_index(drop=True))
            for _, part in scores.groupby("space", observed=True)
        ]
    else:
        given = [stores] if isinstance(stores, str | Path) else stores
        paths = sorted(shipped_folder().glob("*.h5")) if given is None else map(Path, given)
        found = [_read(path) for path in paths if _wanted(path, names, shipped=stores is None)]
    found = [item for item in found if len(item.rows) and (names is None or item.space in names)]
    if not found:
        where = "the given stores" if stores or scores is not None else str(shipped_folder())
        message = (
            f"There are no scores of {', '.join(sorted(names or ())) or 'any space'} in {where}: compute some with "
            "`zc-bench correlate`, and name the store with --store."
        )
        raise ZcBenchError(message)
    return found


def _wanted(path: Path, spaces: set[str] | None, *, shipped: bool) -> bool:
    """Skip shipped stores whose name begins with that of another space: reading takes a second."""
    return spaces is None or not shipped or any(path.stem.startswith(space) for space in spaces)


def _read(path: Path) -> Material:
    if not path.is_file():
        message = f"There is no store {path}: give the .h5 file of a run."
        raise ZcBenchError(message)
    source = read_sources([path])[0]
    return Material(path.stem, source.rows(), source)


def primary(materials: Sequence[Material], proxy: str) -> tuple[list[Material], list[Material]]:
    """Choose for each space the store with most scores of a proxy.

    Args:
        materials: the stores.
        proxy: a proxy, by name.

    Returns:
        These stores, in alphabetical order of their spaces; and all others with scores of the proxy.

    Raises:
        ZcBenchError: if no store has scores of the proxy.
    """
    having = [item for item in materials if proxy in item.proxies]
    if not having:
        known = sorted({name for item in materials for name in item.proxies})
        raise unknown_name(kind="proxy of these stores", name=proxy, known=known)
    best: dict[str, Material] = {}
    for item in having:
        before = best.get(item.space)
        if before is None or _count(item, proxy) > _count(before, proxy):
            best[item.space] = item
    chosen = [best[space] for space in sorted(best)]
    return chosen, [item for item in having if all(item is not other for other in chosen)]


def _count(material: Material, proxy: str) -> int:
    return int((material.rows["proxy"] == proxy).sum())
