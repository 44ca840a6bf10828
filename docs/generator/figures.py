"""The figures and tables of the paper that can be reproduced, and figure 4 as the shipped correlations give it."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pandas as pd

from generator.markdown import plain, table
from generator.measured import png
from zc_bench import figures
from zc_bench.figures.style import two_decimals
from zc_bench.paper.catalogue import FIGURES
from zc_bench.paper.published import (
    PublishedData,
    draw_published,
    published_data,
    read_published,
)
from zc_bench.spec import SPECS, read_experiment
from zc_bench.statistics.correlate import Report, correlate
from zc_bench.store.sources import read_sources, shipped_folder


def pages() -> Iterator[tuple[str, bytes]]:
    """Yield the pictures of figure 4."""
    yield (
        "images/figure4.png",
        png(figures.draw_heatmap(figures.heatmap_data(_report(), _beside().table))),
    )
    yield "images/figure4-published.png", png(draw_published(_beside()))


@cache
def _report() -> Report:
    columns = {
        (spec.space, task) for spec in read_experiment(Path("figure4")).runs for task in spec.tasks
    }
    stores = [path for path in shipped_folder().glob("*.h5") if not path.stem.endswith("-images")]
    rows = pd.concat([source.rows() for source in read_sources(stores)])
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
            f"{two_decimals(cell['ours'])} [{two_decimals(cell['low'])}, {two_decimals(cell['high'])}]",
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
    """Write a table of what stands behind each column of figure 4."""
    by_column = _report().correlations.groupby(["space", "task"], sort=False)
    rows = [
        (
            f"{space}-{task}",
            _span(cells["n"]),
            str(cells["seed"].nunique()),
        )
        for (space, task), cells in by_column
    ]
    return table(("column", "architectures with a score, by proxy", "seeds"), rows)


def _span(counts: pd.Series) -> str:
    least, most = counts[counts > 0].min(), counts.max()
    return f"{most}" if least == most else f"{least} to {most}"


def reproductions() -> str:
    """Write a table of what `zc-bench reproduce` knows."""
    rows = [
        (f"`{name}`", plain(figure.shows), f"`{file.name}`" if file.is_file() else "")
        for name, figure in FIGURES.items()
        for file in [SPECS / f"{figure.experiment}.toml"]
    ]
    return table(("figure or table", "what it shows", "experiment in `zc_bench/paper/specs`"), rows)
