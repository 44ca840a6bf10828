"""Costs of searches and sizes of their networks: tables 1 and 2 of SWAP-NAS."""

from importlib.resources import files
from itertools import cycle

import pandas as pd
from matplotlib.figure import Figure

from zc_bench.figures.style import LOOKS, style
from zc_bench.paper.request import Reproduced, Request
from zc_bench.paper.searches import LEVELS, SearchesData, run_searches
from zc_bench.proxies.reg_swap import UNITS

_DAY = 86_400  # seconds
_MINUTE = 60
_COLUMNS = [
    "method",
    "mu",
    "seed",
    "scored",
    "minutes",
    "days",
    "parameters",
    "error",
    "top5_error",
]


def search_cost(request: Request, task: str) -> Reproduced:
    """Make table 1 or 2, whose name is that of the request.

    Args:
        request: what is asked for.
        task: "cifar10" or "imagenet".
    """
    data = run_searches(request, task, LEVELS[task][::2])
    table = search_cost_data(data, request.name)
    title = f"{data.title}: {request.name} of SWAP-NAS, without its training"
    return Reproduced(
        "Searches beside the published ones: means of those with the same mu",
        table,
        draw_search_cost(table, title),
        summary=mean_cost(table),
        interrupted=data.interrupted,
    )


def search_cost_data(data: SearchesData, table: str) -> pd.DataFrame:
    """Arrange our searches beside the published ones.

    Args:
        data: our searches.
        table: "table1" or "table2".

    Returns:
        One row per search: method, mu, seed, scored (architectures), minutes and days (that scoring
        took; of a GPU in published rows, of the device that the store names in ours), parameters
        (of the network that is trained), error and top5_error (per cent after training; NaN in
        ours, which are not trained).
    """
    with (files("zc_bench.paper") / "published_searches.csv").open(encoding="utf-8") as text:
        published = pd.read_csv(text, comment="#")
    theirs = published[published["table"] == table].rename(columns={"gpu_days": "days"})
    theirs = theirs.assign(
        minutes=theirs["days"] * _DAY / _MINUTE, method=theirs["method"] + ", published"
    )
    found = data.found
    ours = found.assign(
        method="ours",
        minutes=found["seconds"] / _MINUTE,
        days=found["seconds"] / _DAY,
        parameters=found["stacked"],
    )
    rows = pd.concat([theirs, ours]).reindex(columns=_COLUMNS).reset_index(drop=True)
    return rows.astype(dict.fromkeys(("seed", "scored", "parameters"), "Int64"))


def draw_search_cost(table: pd.DataFrame, title: str) -> Figure:
    """Draw found sizes against scoring time, with the published time as a line.

    Args:
        table: as `search_cost_data` returns it.
        title: the title of the figure.

    Returns:
        The figure.
    """
    ours = table[table["method"] == "ours"]
    published = table.loc[table["method"] != "ours", "minutes"].max()
    with style():
        figure = Figure(figsize=(4.0, 2.6), layout="constrained")
        axes = figure.subplots()
        for (mu, rows), (colour, _) in zip(ours.groupby("mu"), cycle(LOOKS)):
            millions = rows["parameters"] / UNITS["M"]
            axes.scatter(
                rows["minutes"], millions, s=18, color=colour, linewidths=0, label=f"μ = σ = {mu:g}"
            )
        axes.axvline(
            published, color="0.5", linewidth=0.8, linestyle="--", label="published, on a GPU"
        )
        axes.set(
            xlabel="minutes of scoring", ylabel="parameters, M", xlim=(0, None), ylim=(0, None)
        )
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize=7)
        figure.suptitle(title, x=0.01, ha="left", fontsize=8, weight="bold")
    return figure


def mean_cost(table: pd.DataFrame) -> pd.DataFrame:
    """Average searches with the same mu.

    Args:
        table: as `search_cost_data` returns it.

    Returns:
        One row per method and mu.
    """
    numbers = ["scored", "minutes", "days", "parameters", "error", "top5_error"]
    groups = table.groupby(["method", "mu"], sort=False, dropna=False)
    means = groups[numbers].mean().astype(float).reset_index()
    means.insert(2, "searches", groups.size().to_numpy())
    return means
