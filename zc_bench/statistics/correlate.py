"""The report of a run: how well each proxy ranks the architectures of each task."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Literal, cast, get_args

import numpy as np
import pandas as pd

from zc_bench._internal.files import write_csv
from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.scores import Status
from zc_bench.errors import ZcBenchError
from zc_bench.seeding import numpy_generator
from zc_bench.statistics.rank import Floats, bootstrap_interval, kendall, resample, spearman
from zc_bench.statistics.undefined import why_undefined
from zc_bench.tables import REMARKS

InvalidPolicy = Literal["drop", "worst"]

COLUMNS = ("space", "task", "architecture", "seed", "proxy", "score", "status", "truth")
_CELL = ["space", "task", "proxy", "seed"]


@dataclass(frozen=True, eq=False)
class Report:
    """Rank correlations of proxies with ground truth.

    Attributes:
        correlations: one row per space x task x proxy x seed, in this order, with the columns

            - space, task, proxy, seed;
            - n: trials that entered the correlations;
            - invalid: scores with the status invalid, whether they entered or not;
            - spearman, kendall: rho and tau-b, signed; NaN if the score or the truth is constant or
              n < 3;
            - low, high: bootstrap interval of spearman over architectures;
            - missing: scores with the status failed, out_of_memory or undefined, which never enter;
            - without_truth: trials without ground truth. No other count contains them.
        invalid: the policy for invalid scores.
        confidence: the share of resamples between low and high.
        remarks: what a reader must know of the ground truth.
        undefined: by space, task and proxy without any rho, the reason.
    """

    correlations: pd.DataFrame
    invalid: InvalidPolicy
    confidence: float
    remarks: tuple[str, ...] = ()
    undefined: Mapping[tuple[str, str, str], str] = field(default_factory=dict)

    def spearman(self) -> pd.DataFrame:
        """Return the mean of Spearman's rho over seeds, proxies x "space-task", best first.

        Rows and columns are in the order of their means. Seeds in which rho is undefined are left
        out. A cell without any rho is NaN.
        """
        means = self._per_cell("spearman", "mean")
        by_row = means.mean(axis=1).sort_values(ascending=False, kind="stable")
        by_column = means.mean(axis=0).sort_values(ascending=False, kind="stable")
        return means.loc[by_row.index, by_column.index]

    def spread(self) -> pd.DataFrame:
        """Return the standard deviation of rho over seeds (ddof = 1), in the order of `spearman`.

        NaN where fewer than two seeds have a rho.
        """
        return self._like_spearman(self._per_cell("spearman", "std"))

    def counts(self) -> pd.DataFrame:
        """Return n, the trials of the seed with the fewest, in the order of `spearman`."""
        return self._like_spearman(self._per_cell("n", "min")).fillna(0).astype(int)

    def of_space(self, space: str) -> "Report | None":
        """Return the part about one search space; None if there is none."""
        part = self.correlations[self.correlations["space"] == space]
        return None if part.empty else replace(self, correlations=part.reset_index(drop=True))

    def write(self, folder: Path) -> None:
        """Write `spearman.csv` (means, proxies x tasks) and `correlations.csv` (one row per cell).

        Args:
            folder: the folder, which is created. Files of these names are replaced. Numbers have
                six significant digits.
        """
        write_csv(folder / "spearman.csv", self.spearman(), index=True)
        write_csv(folder / "correlations.csv", self.correlations)

    def _per_cell(self, column: str, summary: str) -> pd.DataFrame:
        """Summarise a column over seeds, proxies x "space-task", in alphabetical order."""
        label = self.correlations["space"] + "-" + self.correlations["task"]
        return (
            self.correlations[column]
            .groupby([self.correlations["proxy"], label.rename(None)])
            .agg(summary)
            .unstack()
        )

    def _like_spearman(self, table: pd.DataFrame) -> pd.DataFrame:
        means = self.spearman()
        return table.loc[means.index, means.columns]


def correlate(
    rows: pd.DataFrame,
    *,
    higher_is_better: Mapping[str, bool] | None = None,
    invalid: InvalidPolicy = "worst",
    resamples: int = 1000,
    confidence: float = 0.95,
) -> Report:
    """Correlate the ranks of scores with those of the ground truth.

    A correlation keeps its sign: a proxy for which lower is better has a good one near -1.

    Args:
        rows: one row per score, with the columns space, task, architecture, seed, proxy, score (NaN
            unless the status is done), status (see `zc_bench.engine.Status`) and truth (higher is
            better; NaN if unknown).
        higher_is_better: the direction of each proxy, by name; by default that of the registry.
        invalid: "worst" ranks invalid scores behind every finite one in the direction of the proxy,
            tied with each other; "drop" leaves them out. Failed, out-of-memory and undefined scores
            never enter.
        resamples: the number of bootstrap resamples per correlation, from 1 up.
        confidence: the share of resamples inside the interval, in (0, 1).

    Returns:
        The report. It depends neither on the order of the rows nor on which other cells are
        computed.

    Raises:
        ZcBenchError: if there are no rows, a column is missing, a proxy has no declared direction,
            the policy or a status is unknown, or a done score is not finite.
    """
    higher_is_better = directions_of(rows, higher_is_better)
    check_rows(rows, higher_is_better, invalid)
    # The bootstrap draws by position, so the position of an architecture must not depend on the
    # order of the rows.
    in_order = rows.sort_values([*_CELL, "architecture"], kind="stable")
    cells = []
    reasons: dict[tuple[str, str, str], list[str]] = {}
    for column, trials in in_order.groupby(["space", "task", "seed"], observed=True):
        space, task, seed = cast("tuple[str, str, int]", column)
        draw = _resampler(space, task, int(seed), resamples)
        for name, of_proxy in trials.groupby("proxy", observed=True):
            worst = -math.inf if higher_is_better[str(name)] else math.inf
            found, reason = _correlate(of_proxy, invalid, worst, draw, confidence)
            reasons.setdefault((space, task, str(name)), []).append(reason)
            cells.append({"space": space, "task": task, "proxy": name, "seed": seed, **found})
    correlations = pd.DataFrame(cells).sort_values(_CELL, ignore_index=True)
    remarks = tuple(rows.attrs.get(REMARKS, ()))
    undefined = {cell: found[0] for cell, found in reasons.items() if all(found)}
    return Report(correlations, invalid, confidence, remarks, undefined)


def _resampler(space: str, task: str, seed: int, resamples: int) -> Callable[[int], Floats]:
    """Return the resamples of n architectures; proxies with equal n share them."""

    @cache
    def draw(n: int) -> Floats:
        return resample(n, resamples, numpy_generator(seed, "bootstrap", space, task))

    return draw


def _correlate(
    trials: pd.DataFrame,
    invalid: InvalidPolicy,
    worst: float,
    draw: Callable[[int], Floats],
    confidence: float,
) -> tuple[dict[str, float], str]:
    """Correlate the scores of one proxy, task and seed with the ground truth.

    Returns:
        The numbers, and why rho is undefined; nothing where it is defined.
    """
    known = trials[trials["truth"].notna()]
    ranked = ranked_trials(known, invalid, worst)
    x, y = (ranked[column].to_numpy(np.float64) for column in ("score", "truth"))
    low, high = bootstrap_interval(x, y, draw(len(ranked)), confidence=confidence)
    status = known["status"]
    rho = spearman(x, y)
    numbers = {
        "n": len(ranked),
        "invalid": int((status == Status.INVALID.value).sum()),
        "spearman": rho,
        "kendall": kendall(x, y),
        "low": low,
        "high": high,
        "missing": int((~status.isin([Status.DONE.value, Status.INVALID.value])).sum()),
        "without_truth": len(trials) - len(known),
    }
    return numbers, why_undefined(known, ranked) if math.isnan(rho) else ""


def directions_of(
    rows: pd.DataFrame, given: Mapping[str, bool] | None = None
) -> Mapping[str, bool]:
    """Return the direction of each proxy of some rows: as given, and else as registered."""
    names = rows["proxy"].unique() if "proxy" in rows else ()
    registered = {
        name: proxy_registry[name].higher_is_better for name in names if name in proxy_registry
    }
    return registered | dict(given or {})


def ranked_trials(trials: pd.DataFrame, invalid: InvalidPolicy, worst: float) -> pd.DataFrame:
    """Keep the trials that enter the correlations; invalid scores among them become `worst`."""
    done = trials["status"] == Status.DONE.value
    if invalid == "drop":
        return trials[done]
    return trials.assign(score=trials["score"].where(done, worst))[
        done | (trials["status"] == Status.INVALID.value)
    ]


def check_rows(rows: pd.DataFrame, higher_is_better: Mapping[str, bool], invalid: str) -> None:
    """Refuse rows and settings that lead to a wrong or empty report."""
    policies = get_args(InvalidPolicy)
    if invalid not in policies:
        message = (
            f"invalid = {invalid!r} is no policy for invalid scores: expected "
            f"{' or '.join(map(repr, policies))}."
        )
        raise ZcBenchError(message)
    absent = [column for column in COLUMNS if column not in rows]
    if absent:
        message = f"The rows lack {', '.join(absent)}: expected the columns {', '.join(COLUMNS)}."
        raise ZcBenchError(message)
    if rows.empty:
        message = "There are no rows to correlate: evaluate some architectures first."
        raise ZcBenchError(message)
    undirected = sorted(set(rows["proxy"]) - set(higher_is_better))
    if undirected:
        message = (
            f"No direction was declared for {', '.join(undirected)}: add it to higher_is_better."
        )
        raise ZcBenchError(message)
    _check_scores(rows)


def _check_scores(rows: pd.DataFrame) -> None:
    unknown = sorted({str(status) for status in rows["status"]} - set(Status))
    if unknown:
        message = f"The status {unknown[0]!r} is unknown: expected one of {', '.join(Status)}."
        raise ZcBenchError(message)
    broken = rows[(rows["status"] == Status.DONE.value) & ~np.isfinite(rows["score"])]
    if not broken.empty:
        proxy, architecture, score = broken[["proxy", "architecture", "score"]].iloc[0]
        message = (
            f"{proxy} of {architecture} is {score} but marked done: mark scores that are not "
            "finite as invalid."
        )
        raise ZcBenchError(message)
