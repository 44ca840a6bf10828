"""What the pages say about costs and correlations, from a run that is kept in `docs/measured`.

It was made, and can be made again, by

    zc-bench correlate --space nb201 --task cifar10 --samples 120 --seeds 1 --budget none --out run
    zc-bench store export run/scores.h5 --out docs/measured/nb201.csv

and by copying `run/scores.h5` to `docs/measured/nb201.h5`. The CSV file holds the ground truth beside the scores.
"""

import io
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from zc_bench import figures
from zc_bench.correlate import Report, correlate
from zc_bench.observe import proxies
from zc_bench.report.findings import seconds_alone
from zc_bench.store import Contents, read_store, summary

FOLDER = Path(__file__).resolve().parents[1] / "measured"


@cache
def contents() -> Contents:
    """Return the store."""
    return read_store(FOLDER / "nb201.h5")


@cache
def rows() -> pd.DataFrame:
    """Return the scores with their ground truth, those of the versions that are registered now."""
    table = pd.read_csv(FOLDER / "nb201.csv", keep_default_na=False, na_values={"score": [""], "truth": [""]})
    current = {name: entry.version for name, entry in proxies.items()}
    return table[table["version"] == table["proxy"].map(current)].reset_index(drop=True)


@cache
def report() -> Report:
    """Return the correlations."""
    return correlate(rows(), higher_is_better={name: entry.higher_is_better for name, entry in proxies.items()})


@cache
def forwards() -> dict[str, float]:
    """Return what each proxy costs if it is alone, in forward passes that serve all."""
    alone = seconds_alone(contents()).set_index("proxy")["seconds"]
    return dict(alone / summary.passes(contents())["seconds"]["forward"])


def picture(proxy: str) -> bytes:
    """Draw the scores of a proxy against the ground truth."""
    return png(figures.draw_scatter(figures.scatter_data(rows(), report(), proxy)))


def provenance() -> dict[str, Any]:
    """Return what the run recorded about itself."""
    return contents().about


def png(figure: Figure) -> bytes:
    """Return a figure as a file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=200, bbox_inches="tight")
    return buffer.getvalue()
