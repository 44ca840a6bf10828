"""The figures and tables of the paper, and figure 4 from the shipped scores."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pandas as pd

from generator.markdown import plain, table
from generator.measured import png
from zc_bench import figures
from zc_bench.figures.intervals import intervals
from zc_bench.figures.style import two_decimals
from zc_bench.paper.catalogue import FIGURES
from zc_bench.paper.correlations import remarks
from zc_bench.paper.published import (
    PublishedData,
    draw_published,
    published_data,
    read_published,
)
from zc_bench.spec import SPECS, Spec, read_experiment
from zc_bench.statistics.correlate import Report, correlate
from zc_bench.store.sources import read_sources, shipped_folder


def pages() -> Iterator[tuple[str, bytes]]:
    """Yield the pictures of figure 4."""
    data = figures.heatmap_data(_report(), _beside().table, list(remarks(_runs())))
    yield "images/figure4.png", png(figures.draw_heatmap(data))
    yield "images/figure4-published.png", png(draw_published(_beside()))


def _runs() -> Sequence[Spec]:
    return read_experiment(SPECS / "figure4.toml").runs


@cache
def _stores() -> dict[str, Path]:
    """Find the shipped store of every space, with the images of the package foolbox."""
    paths = [path for path in shipped_folder().glob("*.h5") if not path.stem.endswith("-images")]
    spaces = [spec.space for spec in _runs()]
    return {space: path for path in paths for space in spaces if path.stem.startswith(space)}


@cache
def _report() -> Report:
    columns = {(spec.space, task) for spec in _runs() for task in spec.tasks}
    rows = pd.concat([source.rows() for source in read_sources(list(_stores().values()))])
    chosen = [place in columns for place in zip(rows["space"], rows["task"], strict=True)]
    return correlate(rows[chosen])


@cache
def _beside() -> PublishedData:
    return published_data(_report(), read_published(), "NAS-Bench-Suite-Zero")


def differences() -> str:
    """Write a table of the cells of figure 4 that differ from published ones beyond noise."""
    cells = _beside().table
    beyond = cells[cells["beyond_noise"]].sort_values("difference", key=abs, ascending=False)
    rows = [
        (
            cell["column"],
            cell["proxy"],
            f"{two_decimals(cell['ours'])} "
            f"[{two_decimals(cell['low'])}, {two_decimals(cell['high'])}]",
            f"{cell['n']} x {cell['seeds']}",
            two_decimals(cell["published"]),
            two_decimals(cell["difference"]),
        )
        for cell in beyond.to_dict("records")
    ]
    text = f"{len(rows)} of {len(cells)} cells that both have differ beyond noise, largest first:"
    columns = (
        "column",
        "proxy",
        "ours, 95 % interval",
        "architectures x seeds",
        "published",
        "ours - published",
    )
    return f"{text}\n\n{table(columns, rows)}"


def measured() -> str:
    """Write a table of the architectures behind each column of figure 4."""
    table_of_cells = intervals(_report())
    rows = [
        (f"{spec.space}-{task}", f"`{_stores()[spec.space].name}`", _behind(cells))
        for spec in _runs()
        for task in spec.tasks
        for cells in [table_of_cells.query("space == @spec.space and task == @task")]
    ]
    return table(("column", "store", "architectures x seeds"), rows)


def _behind(cells: pd.DataFrame) -> str:
    """Count the proxies by number of architectures and seeds, the largest first."""
    known = cells[cells["seeds"] > 0]
    counts = Counter(zip(known["n"], known["seeds"], strict=True))
    return ", ".join(
        f"{n} x {seeds} (proxies: {counts[n, seeds]})" for n, seeds in sorted(counts, reverse=True)
    )


def reproductions() -> str:
    """Write a table of the figures of `zc-bench reproduce`."""
    rows = [
        (f"`{name}`", plain(figure.shows), f"`{file.name}`" if file.is_file() else "")
        for name, figure in FIGURES.items()
        for file in [SPECS / f"{figure.experiment}.toml"]
    ]
    return table(("figure or table", "what it shows", "experiment in `zc_bench/paper/specs`"), rows)
