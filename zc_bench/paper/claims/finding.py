"""The test of a statement: its number with an interval, and whether it holds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from zc_bench.paper.claims.columns import measure
from zc_bench.paper.claims.interval import interval
from zc_bench.paper.claims.statement import Statement

HOLDS, FAILS, SAME = "holds", "does not hold", "no difference"
UNDECIDED, MISSING = "undecided", "missing"
VERDICTS = (HOLDS, FAILS, SAME, UNDECIDED, MISSING)
SMALL = 0.02  # of rho: what is nearer than that to the bound is no difference


@dataclass(frozen=True)
class Finding:
    """The test of a statement.

    Attributes:
        statement: the statement.
        value: the number, NaN if it is missing.
        low: the lower end of its interval.
        high: the upper end.
        n: architectures of the column with fewest.
        seeds: of that column.
        columns: how many there were.
    """

    statement: Statement
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    n: int = 0
    seeds: int = 0
    columns: int = 0

    @property
    def verdict(self) -> str:
        """Whether the statement holds, by the interval."""
        if math.isnan(self.value):
            return MISSING
        low, high = self.low - self.statement.bound, self.high - self.statement.bound
        farthest = max(abs(low), abs(high))
        if self.statement.margin is None:
            inside, outside, same = low > 0, high < 0, farthest < SMALL
        else:
            inside = farthest < self.statement.margin
            outside = low > self.statement.margin or high < -self.statement.margin
            same = False
        return HOLDS if inside else FAILS if outside else SAME if same else UNDECIDED

    @property
    def enough(self) -> float:
        """How many architectures per seed would decide it, if the number stayed as it is.

        The width of an interval is inversely proportional to the root of their number.
        """
        distance = self.value - self.statement.bound
        half = (self.high - self.low) / 2
        margin = SMALL if self.statement.margin is None else self.statement.margin
        targets = [abs(abs(distance) - margin)]
        if self.statement.margin is None:
            targets = [abs(distance), max(0.0, margin - abs(distance))]
        nearest = max(targets)
        return self.n * (half / nearest) ** 2 if nearest else math.inf


def judge(statement: Statement, rows: pd.DataFrame, resamples: int = 2000) -> Finding:
    """Test a statement.

    Args:
        statement: the statement.
        rows: one row per score, as for `zc_bench.statistics.correlate.correlate`.
        resamples: of the architectures.

    Returns:
        The number and its interval.
    """
    found = measure(
        rows, statement.proxies, resamples, rest=statement.rest, against=statement.against
    )
    columns = [found[name] for name in statement.columns if name in found]
    if not columns:
        return Finding(statement)
    value, low, high = interval(statement.contrast(columns))
    if math.isnan(value):
        return Finding(statement)
    fewest = min(columns, key=lambda column: column.n * column.seeds)
    return Finding(statement, value, low, high, fewest.n, fewest.seeds, len(columns))


def count(findings: Sequence[Finding]) -> Mapping[str, int]:
    """Count the statements by what was found."""
    verdicts = [finding.verdict for finding in findings]
    return {verdict: verdicts.count(verdict) for verdict in VERDICTS}
