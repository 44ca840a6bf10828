"""Tables of shipped scores and of ground truth: the files, and how their numbers were measured."""

from collections import Counter
from collections.abc import Iterable

from generator.markdown import plain, table
from zc_bench.spaces import space_registry
from zc_bench.store import read_store, with_derived
from zc_bench.store.sources import shipped_folder
from zc_bench.tables.catalogue import TableFile, table_files


def files(of: Iterable[str] | None = None) -> str:
    """Write a table of the public files of some spaces, or of all."""
    requested = set(space_registry if of is None else of)
    rows = [
        (
            f"[{plain(entry.file)}]({entry.url})",
            entry.space,
            plain(entry.source),
            plain(entry.holds),
            plain(entry.licence),
            _way(entry),
            f"`{entry.sha256[:12]}`" if entry.sha256 else "none published",
        )
        for entry in table_files()
        if not requested.isdisjoint(entry.spaces)
    ]
    return (
        table(("file", "space", "source", "holds", "licence", "comes by", "sha256"), rows)
        if rows
        else ""
    )


def shipped() -> str:
    """Write a table of the stores that come with the package."""
    rows = []
    for path in sorted(shipped_folder().glob("*.h5")):
        contents = with_derived(read_store(path))
        scores = contents.frame()[["task", "seed", "architecture", "proxy"]]
        per_seed = scores.groupby(["proxy", "task", "seed"]).size()
        of_proxy = per_seed.groupby("proxy").min()
        seeds = per_seed.reset_index().groupby("proxy")["seed"].nunique()
        counts = Counter(zip(of_proxy, seeds, strict=True))
        rows.append(
            (
                f"`{path.name}`",
                f"{len(contents.trials):,}",
                scores["task"].nunique(),
                ", ".join(
                    f"{n} x {many} (proxies: {counts[n, many]})"
                    for n, many in sorted(counts, reverse=True)
                ),
                f"{path.stat().st_size / 1e6:.1f}",
            )
        )
    return table(("file", "trials", "tasks", "architectures x seeds, per task", "MB"), rows)


def measurements(of: Iterable[str]) -> str:
    """Write a table of how the ground truth of some spaces was measured, file by file."""
    requested = set(of)
    rows = [
        (task, plain(entry.file), plain(entry.split), _known(known.epochs), _known(known.runs))
        for entry in table_files()
        if not requested.isdisjoint(entry.spaces) and not entry.metrics
        for task in entry.tasks
        for known in [entry.facts(task)]
    ]
    return table(("task", "file", "split", "epochs", "trainings averaged"), rows) if rows else ""


def _way(entry: TableFile) -> str:
    if entry.shipped.is_file():
        return "zc-bench"
    return "the extra `analog`" if entry.package else "a download"


def _known(number: int | None) -> str:
    return "not stated" if number is None else str(number)
