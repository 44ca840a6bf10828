"""The numbers of a report."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.scores import Status
from zc_bench.errors import ZcBenchError
from zc_bench.figures.intervals import intervals
from zc_bench.statistics.correlate import InvalidPolicy, Report, correlate
from zc_bench.store import Contents
from zc_bench.store.sources import Source
from zc_bench.store.suite_zero import suite_zero

_CELL = ["space", "task", "proxy"]


@dataclass(frozen=True, eq=False)
class Findings:
    """The numbers of a report.

    Attributes:
        sources: the sources of the report.
        rows: one row per trial and proxy, see `Source.rows`, of all sources.
        report: rank correlations with the ground truth.
        numbers: one row per space, task and proxy: space, task, proxy, spearman (mean over seeds),
            spread (standard deviation over seeds), low, high
            (`zc_bench.figures.intervals.intervals`), kendall (mean over seeds), n, seeds (those in
            which rho is defined), invalid, missing, without_truth (sums over seeds) and seconds
            (see `seconds_alone`).
        costs: by proxy: seconds and spearman, the means over columns; NaN where there are none.
        reasons: why scores are not done: space, proxy, status, reason and scores (how many), the
            most frequent first.
    """

    sources: Sequence[Source]
    rows: pd.DataFrame
    report: Report
    numbers: pd.DataFrame
    costs: pd.DataFrame
    reasons: pd.DataFrame


def find(
    sources: Sequence[Source], *, invalid: InvalidPolicy = "worst", resamples: int = 1000
) -> Findings:
    """Compute the numbers of a report.

    Args:
        sources: the sources.
        invalid: the policy for invalid scores; see `zc_bench.correlate.correlate`.
        resamples: bootstrap resamples per correlation.

    Returns:
        The findings. For a proxy whose plug-in is not installed, higher is taken as better.

    Raises:
        ZcBenchError: if no source holds a score.
    """
    rows = pd.concat([source.rows() for source in sources], ignore_index=True)
    if rows.empty:
        paths = ", ".join(str(path) for source in sources for path in source.paths)
        message = f"There is no score in {paths} yet: run `zc-bench correlate` to compute some."
        raise ZcBenchError(message)
    directions = {
        str(name): name not in proxy_registry or proxy_registry[name].higher_is_better
        for name in rows["proxy"].unique()
    }
    report = correlate(rows, higher_is_better=directions, invalid=invalid, resamples=resamples)
    numbers = _numbers(report).merge(
        pd.concat([seconds_alone(source.contents) for source in sources], ignore_index=True),
        on=_CELL,
        how="left",
    )
    return Findings(
        sources=sources,
        rows=rows,
        report=report,
        numbers=numbers,
        costs=numbers.groupby("proxy")[["seconds", "spearman"]].mean(),
        reasons=_reasons(rows),
    )


def seconds_alone(contents: Contents) -> pd.DataFrame:
    """Average the time of a score whose proxy is computed alone.

    Args:
        contents: the contents of a store.

    Returns:
        The columns space, task, proxy and seconds: the mean over done scores of the time of the
        passes that the proxy needs and of its reduction, without building networks.
    """
    rows = []
    for task, architectures in suite_zero(contents, None).items():
        times: dict[str, list[float]] = {}
        for entry in architectures.values():
            for proxy, score in entry.items():
                if proxy != "id":
                    times.setdefault(proxy, []).append(score["time"])
        rows += [
            (contents.space, task, proxy, math.fsum(of) / len(of)) for proxy, of in times.items()
        ]
    return pd.DataFrame(rows, columns=[*_CELL, "seconds"])


def _numbers(report: Report) -> pd.DataFrame:
    """Summarise the correlations over seeds, one row per cell."""
    seeds = report.correlations.groupby(_CELL)
    more = seeds.agg(
        spread=("spearman", "std"),
        kendall=("kendall", "mean"),
        invalid=("invalid", "sum"),
        missing=("missing", "sum"),
        without_truth=("without_truth", "sum"),
    )
    return intervals(report).merge(more.reset_index(), on=_CELL)


def _reasons(rows: pd.DataFrame) -> pd.DataFrame:
    lacking = rows[rows["status"] != Status.DONE.value]
    counts = (
        lacking.groupby(["space", "proxy", "status", "reason"])
        .size()
        .rename("scores")
        .reset_index()
    )
    return counts.sort_values("scores", ascending=False, kind="stable", ignore_index=True)
