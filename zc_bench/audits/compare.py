"""The comparison of several proxies on their common architectures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from zc_bench._internal.files import explaining, write_csv
from zc_bench.audits.api import MOST_RESAMPLES, of_tasks
from zc_bench.audits.sources import higher_is_better, primary, read_materials
from zc_bench.engine.scores import Status
from zc_bench.errors import ZcBenchError, expect_whole
from zc_bench.figures import draw_critical_difference, save
from zc_bench.spec import names_of
from zc_bench.statistics.analysis import Analysis, analyse
from zc_bench.statistics.correlate import InvalidPolicy
from zc_bench.statistics.critical_difference import (
    LEAST_PROXIES,
    LEAST_TASKS,
    CriticalDifference,
)
from zc_bench.statistics.pairs import combine_seeds


@dataclass(frozen=True, eq=False)
class Comparison:
    """What a comparison found.

    Attributes:
        proxies: the compared proxies.
        over_seeds: the difference of every pair, over seeds; see
            `zc_bench.statistics.pairs.combine_seeds`.
        analysis: seed by seed: pairs, ranks, selection, agreement, size_bias and information; see
            `zc_bench.statistics.analysis.Analysis`.
    """

    proxies: tuple[str, ...]
    over_seeds: pd.DataFrame
    analysis: Analysis

    @property
    def ranks(self) -> pd.DataFrame:
        """Average ranks over tasks, without rows where there are too few proxies or tasks."""
        return self.analysis.ranks

    @property
    def agreement(self) -> pd.DataFrame:
        """Spearman's rho between two proxies, plain and given params."""
        return self.analysis.agreement

    @property
    def information(self) -> pd.DataFrame:
        """The bits that a proxy adds to another."""
        return self.analysis.information

    def figure(self) -> Figure:
        """Draw the critical-difference diagram.

        Raises:
            ZcBenchError: if there are fewer than three proxies or two tasks.
        """
        if self.ranks.empty:
            message = (
                f"{', '.join(self.proxies)} have no critical-difference diagram: it takes {LEAST_PROXIES} proxies with "
                f"a rho on {LEAST_TASKS} tasks or more; name more proxies or tasks."
            )
            raise ZcBenchError(message)
        first = self.ranks.iloc[0]
        return draw_critical_difference(
            CriticalDifference(
                self.ranks.set_index("proxy")["rank"],
                int(first["columns"]),
                float(first["statistic"]),
                float(first["p_value"]),
                float(first["difference"]),
            )
        )

    def save(self, folder: str | Path) -> Path:
        """Write every frame as CSV, and the diagram as PNG and PDF where there is one.

        Args:
            folder: the folder, which is created. Files of these names are replaced.

        Returns:
            The folder.

        Raises:
            ZcBenchError: if something cannot be written.
        """
        home = Path(folder)
        with explaining(home):
            self.analysis.write(home)
            write_csv(home / "over_seeds.csv", self.over_seeds)
            if not self.ranks.empty:
                save(self.figure(), home, "critical_difference")
        return home


def compare(
    *proxies: str,
    space: str | Iterable[str] | None = None,
    tasks: str | Iterable[str] | None = None,
    stores: str | Path | Sequence[str | Path] | None = None,
    scores: pd.DataFrame | None = None,
    invalid: InvalidPolicy = "worst",
    resamples: int = 1000,
    confidence: float = 0.95,
) -> Comparison:
    """Compare proxies: paired differences, ranks over tasks, agreement, information.

    All are compared on the architectures for which all have a score; in a space and task where one
    has none, the others are compared.

    Args:
        *proxies: two or more, by name.
        space: search spaces, by name; all with scores unless given.
        tasks: tasks, by name; all unless given.
        stores: files of runs; the shipped ones unless given. Of several stores of one space, that with
            most scores of the first proxy counts.
        scores: rows instead of stores, for instance `Result.scores`.
        invalid: "worst" ranks invalid scores behind all others, "drop" leaves them out.
        resamples: bootstrap resamples per space, task and seed, from 2 up.
        confidence: how often an interval holds the true value, in (0, 1).

    Returns:
        The comparison.

    Raises:
        ZcBenchError: if there are fewer than two proxies, a name is unknown, or a store cannot be read.

    Examples:
        >>> import zc_bench as zb
        >>> found = zb.compare("swap", "params", space="nb301", resamples=50)
        >>> found.over_seeds[["proxy", "other", "seeds"]].values.tolist()
        [['params', 'swap', 5]]
    """
    names = tuple(dict.fromkeys(proxies))
    if len(names) < 2:
        message = f"{', '.join(names) or 'No proxy'} cannot be compared: name two proxies or more."
        raise ZcBenchError(message)
    expect_whole("resamples", resamples, MOST_RESAMPLES, least=2)
    materials = read_materials(space, stores, scores)
    (chosen, _), *_ = [primary(materials, name) for name in names]
    rows = pd.concat([item.rows for item in chosen], ignore_index=True)
    wanted = None if tasks is None else names_of(tasks)
    rows = _common(of_tasks(rows[rows["proxy"].isin(names)], names[0], wanted))
    directions = {name: higher_is_better(name) for name in names}
    analysis = analyse(
        rows,
        higher_is_better=directions,
        invalid=invalid,
        resamples=resamples,
        confidence=confidence,
    )
    over = combine_seeds(analysis.pairs, confidence=confidence) if len(analysis.pairs) else None
    return Comparison(names, analysis.pairs if over is None else over, analysis)


def _common(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the trials for which every proxy of the same space and task has a score."""
    scored = rows["status"].isin([Status.DONE.value, Status.INVALID.value])
    some = rows[scored]
    column, trial = ["space", "task"], ["space", "task", "architecture", "seed"]
    proxies = some.groupby(column, observed=True)["proxy"].transform("nunique")
    having = some.groupby(trial, observed=True)["proxy"].transform("nunique")
    kept = some[having == proxies].reset_index(drop=True)
    kept.attrs = dict(rows.attrs)
    return kept
