"""Matrices of scores: all proxies on their common architectures."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import pandas as pd

from zc_bench.errors import ZcBenchError
from zc_bench.statistics.correlate import InvalidPolicy, check_rows, directions_of, ranked_trials

_PLACE = ["space", "task", "seed"]
# A proxy is included if it has a score for this share of the architectures, because those that it
# lacks are dropped for all proxies.
_LEAST_SHARE = 0.5


@dataclass(frozen=True, eq=False)
class Wide:
    """Comparable scores: every proxy on the same architectures of one space, task and seed.

    Attributes:
        space: the search space.
        task: the task.
        seed: the seed.
        scores: architectures x proxies, both in alphabetical order, (n, p), oriented so that higher
            is better, without NaN. An invalid score that ranks worst is minus infinity.
        truth: ground truth by architecture, (n,); higher is better.
        left_out: architectures with ground truth that lack the score of a proxy.
        proxies_left_out: proxies that lack a score for more than half of the architectures.
    """

    space: str
    task: str
    seed: int
    scores: pd.DataFrame
    truth: pd.Series
    left_out: int
    proxies_left_out: tuple[str, ...]


def widen(
    rows: pd.DataFrame,
    *,
    higher_is_better: Mapping[str, bool] | None = None,
    invalid: InvalidPolicy = "worst",
) -> list[Wide]:
    """Arrange rows as one matrix per space, task and seed.

    Proxies are compared on common architectures. A proxy that lacks a score for more than half of
    the architectures with ground truth is left out. Then every architecture that lacks a score of
    another proxy is left out.

    Args:
        rows: one row per score, as for `zc_bench.correlate.correlate`.
        higher_is_better: the direction of each proxy, by name.
        invalid: "worst" ranks invalid scores behind every finite one, "drop" counts them as
            missing. Failed, out-of-memory and undefined scores are always missing.

    Returns:
        The matrices in alphabetical order of space and task and by seed; a matrix may be empty.

    Raises:
        ZcBenchError: if `correlate` refuses the rows, or if a trial has two scores of a proxy.
    """
    higher_is_better = directions_of(rows, higher_is_better)
    check_rows(rows, higher_is_better, invalid)
    _expect_one_score_each(rows)
    known = rows[rows["truth"].notna()]
    wides = []
    for key, trials in known.groupby(_PLACE, observed=True):
        space, task, seed = cast("tuple[str, str, int]", key)
        truth = trials.groupby("architecture")["truth"].first()
        columns = {
            proxy: _turned(scores, higher_is_better[str(proxy)], invalid)
            for proxy, scores in trials.groupby("proxy")
        }
        whole = pd.DataFrame(columns, index=truth.index)
        present = whole.notna().mean() >= _LEAST_SHARE
        scores = whole.loc[:, present].dropna()
        wides.append(
            Wide(
                space,
                task,
                int(seed),
                scores,
                truth.loc[scores.index],
                len(truth) - len(scores),
                tuple(whole.columns[~present]),
            )
        )
    return wides


def _turned(trials: pd.DataFrame, higher_is_better: bool, invalid: InvalidPolicy) -> pd.Series:
    """Return the scores of one proxy by architecture, higher is better."""
    ranked = ranked_trials(trials, invalid, -math.inf if higher_is_better else math.inf)
    scores: pd.Series = ranked.set_index("architecture")["score"]
    return scores if higher_is_better else -scores


def _expect_one_score_each(rows: pd.DataFrame) -> None:
    twice = rows[rows.duplicated([*_PLACE, "architecture", "proxy"])]
    if not twice.empty:
        proxy, architecture, task, seed = twice[["proxy", "architecture", "task", "seed"]].iloc[0]
        message = (
            f"{proxy} of {architecture} ({task}, seed {seed}) has more than one score: "
            "expected one row per trial and proxy, so keep the rows of one version and one store."
        )
        raise ZcBenchError(message)
