"""The figures and tables of the paper that can be reproduced, and figure 4 as the shipped correlations give it."""

from collections.abc import Iterator
from functools import cache

import pandas as pd

from generator.markdown import plain, table
from generator.measured import STORE, png
from zc_bench import figures
from zc_bench.cli.paper import FIGURES
from zc_bench.cli.request import find_experiment
from zc_bench.figures.style import two_decimals
from zc_bench.statistics.correlate import Report


def pages() -> Iterator[tuple[str, bytes]]:
    """Yield the pictures of figure 4."""
    yield (
        "images/figure4.png",
        png(figures.draw_heatmap(figures.heatmap_data(_report(), _beside()))),
    )
    yield "images/figure4-published.png", png(figures.draw_published(_beside()))


@cache
def _shipped() -> pd.DataFrame:
    return figures.read_shipped_correlations(STORE.with_name("figure4.csv"))


@cache
def _report() -> Report:
    return figures.completed(None, _shipped()).report


@cache
def _beside() -> figures.PublishedData:
    return figures.published_data(_report(), figures.read_published(), "NAS-Bench-Suite-Zero")


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
    by_column = _shipped().groupby(["space", "task"], sort=False)
    rows = [
        (
            f"{space}-{task}",
            f"`{cells['store'].iloc[0]}.h5`",
            _span(cells["n"]),
            str(cells["seed"].nunique()),
        )
        for (space, task), cells in by_column
    ]
    return table(("column", "store", "architectures with a score, by proxy", "seeds"), rows)


def _span(counts: pd.Series) -> str:
    least, most = counts[counts > 0].min(), counts.max()
    return f"{most}" if least == most else f"{least} to {most}"


def reproductions() -> str:
    """Write a table of what `zc-bench reproduce` knows."""
    rows = [
        (f"`{name}`", plain(figure.shows), f"`{file.name}`" if file.is_file() else "")
        for name, figure in FIGURES.items()
        for file in [find_experiment(figure.experiment)]
    ]
    return table(("figure or table", "what it shows", "experiment in `zc_bench/paper/specs`"), rows)
