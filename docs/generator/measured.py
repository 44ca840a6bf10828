"""What the pages say about costs and correlations, from shipped scores beside shipped ground truth."""

import io
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from zc_bench import figures
from zc_bench.engine.declare import proxy_registry
from zc_bench.report import Source, read_sources
from zc_bench.report.findings import seconds_alone
from zc_bench.statistics.correlate import Report, correlate
from zc_bench.store import Contents, summary

STORE = Path(__file__).resolve().parents[2] / "results" / "shipped" / "nb201.h5"
TASK = "cifar10"


@cache
def _source() -> Source:
    (source,) = read_sources([STORE])
    return source


@cache
def contents() -> Contents:
    """Return what the store says of the task."""
    whole = _source().contents
    return replace(
        whole, trials={key: trial for key, trial in whole.trials.items() if key.task == TASK}
    )


@cache
def rows() -> pd.DataFrame:
    """Return the scores with their ground truth, those of the versions that are registered now."""
    table = replace(_source(), contents=contents()).rows()
    current = {name: entry.version for name, entry in proxy_registry.items()}
    return table[table["version"] == table["proxy"].map(current)].reset_index(drop=True)


@cache
def report() -> Report:
    """Return the correlations."""
    return correlate(
        rows(),
        higher_is_better={name: entry.higher_is_better for name, entry in proxy_registry.items()},
    )


@cache
def forwards() -> dict[str, float]:
    """Return what each proxy costs if it is alone, in forward passes that serve all."""
    alone = seconds_alone(contents()).set_index("proxy")["seconds"]
    return dict(alone / summary.passes(contents())["seconds"]["forward"])


def picture(proxy: str) -> bytes:
    """Draw the scores of a proxy against the ground truth."""
    return png(figures.draw_scatter(figures.scatter_data(rows(), report(), proxy)))


def provenance() -> dict[str, Any]:
    """Return where the ground truth is from, and the images."""
    table = _source().table
    assert table is not None, "The ground truth of NAS-Bench-201 comes with the package."
    return {"table": table.provenance, "images": contents().provenance["images"]}


def png(figure: Figure) -> bytes:
    """Return a figure as a file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=200, bbox_inches="tight")
    return buffer.getvalue()
