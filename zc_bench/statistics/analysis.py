"""The analysis of a run: every statistic of rankings, for every space, task and seed."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd

from zc_bench._internal.files import write_csv
from zc_bench.seeding import numpy_generator
from zc_bench.statistics.agreement import agreement
from zc_bench.statistics.correlate import InvalidPolicy
from zc_bench.statistics.critical_difference import LEAST_PROXIES, LEAST_TASKS, critical_difference
from zc_bench.statistics.information import incremental_information
from zc_bench.statistics.pairs import compare_pairs
from zc_bench.statistics.rank import LEAST_POINTS, spearman
from zc_bench.statistics.selection import best_rank_at_k, precision_at_k, regret_at_k, resolve_k
from zc_bench.statistics.size_bias import SIZES, size_bias
from zc_bench.statistics.wide import Wide, widen

_PLACE = ("space", "task", "seed")
_RANKS = ("columns", "statistic", "p_value", "difference")
_SELECTIONS = {"precision": precision_at_k, "best_rank": best_rank_at_k, "regret": regret_at_k}


@dataclass(frozen=True, eq=False)
class Analysis:
    """The statistics of a run's rankings, as tidy data frames.

    All but `ranks` begin with the columns space, task and seed. Scores are oriented so that higher
    is better.

    Attributes:
        columns: the compared columns: architectures, left_out and proxies_left_out, as in `Wide`.
        pairs: `compare_pairs`: the difference of Spearman's rho of two proxies, its interval and
            p-values.
        ranks: `critical_difference` over tasks, of rho averaged over seeds: proxy, rank, and in
            every row columns, statistic, p_value, difference; without rows if fewer than three
            proxies have a rho on every task, or if there is only one task.
        selection: proxy, k, architectures (k as a number), precision, best_rank and regret of the k
            best-scored. The proxy "random" is the expectation of a random choice.
        agreement: proxy, other, and Spearman's rho of their scores, plain and given_params.
        size_bias: `size_bias`; without rows if neither params nor flops was scored.
        information: known, proxy, bits: `incremental_information` of the proxy given the known one;
            known is empty for the proxy alone.
    """

    columns: pd.DataFrame
    pairs: pd.DataFrame
    ranks: pd.DataFrame
    selection: pd.DataFrame
    agreement: pd.DataFrame
    size_bias: pd.DataFrame
    information: pd.DataFrame

    def write(self, folder: Path) -> None:
        """Write every frame to the CSV file of its name, with six significant digits.

        Args:
            folder: the folder, which is created. Files of these names are replaced.
        """
        for field in fields(self):
            write_csv(folder / f"{field.name}.csv", getattr(self, field.name))


def analyse(
    rows: pd.DataFrame,
    *,
    higher_is_better: Mapping[str, bool] | None = None,
    invalid: InvalidPolicy = "worst",
    resamples: int = 1000,
    confidence: float = 0.95,
    ks: Sequence[int | float] = (1, 10, 0.05),
) -> Analysis:
    """Compute every statistic of rankings.

    Args:
        rows: one row per score, as for `zc_bench.correlate.correlate`.
        higher_is_better: the direction of each proxy, by name.
        invalid: the policy for invalid scores; see `zc_bench.statistics.wide.widen`.
        resamples: bootstrap resamples per space, task and seed, from 2 up.
        confidence: the share of resamples inside an interval. The level of the critical difference
            is 1 - confidence.
        ks: the numbers of best-scored architectures: whole numbers, or shares below 1. A number
            larger than the architectures of a task is left out there.

    Returns:
        The analysis. It does not depend on the order of the rows. It depends on the set of proxies,
        because all are compared on their common architectures.

    Raises:
        ZcBenchError: if `zc_bench.statistics.wide.widen` refuses the rows, or for fewer than two
            resamples.
    """
    wides = widen(rows, higher_is_better=higher_is_better, invalid=invalid)
    enough = [wide for wide in wides if len(wide.truth) >= LEAST_POINTS]
    return Analysis(
        columns=pd.DataFrame([_summary(wide) for wide in wides]),
        pairs=_over(enough, lambda wide: _pairs(wide, resamples, confidence)),
        ranks=_ranks(enough, 1 - confidence),
        selection=_over(enough, lambda wide: _selection(wide, ks)),
        agreement=_over(enough, _agreement),
        size_bias=_over(enough, _size_bias),
        information=_over(enough, _information),
    )


def _over(wides: Sequence[Wide], frame_of: Callable[[Wide], pd.DataFrame]) -> pd.DataFrame:
    """Stack the frames of all spaces, tasks and seeds, with these as first columns."""
    frames = [frame_of(wide) for wide in wides]
    for wide, frame in zip(wides, frames, strict=True):
        for name, value in reversed(_place(wide).items()):
            frame.insert(0, name, value)
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(_PLACE))


def _place(wide: Wide) -> dict[str, str | int]:
    return {name: getattr(wide, name) for name in _PLACE}


def _summary(wide: Wide) -> dict[str, str | int]:
    return _place(wide) | {
        "architectures": len(wide.truth),
        "left_out": wide.left_out,
        "proxies_left_out": " ".join(wide.proxies_left_out),
    }


def _pairs(wide: Wide, resamples: int, confidence: float) -> pd.DataFrame:
    generator = numpy_generator(wide.seed, "pairs", wide.space, wide.task)
    return compare_pairs(
        wide.scores, wide.truth, generator, resamples=resamples, confidence=confidence
    )


def _ranks(wides: Sequence[Wide], alpha: float) -> pd.DataFrame:
    """Compare average ranks over tasks, of proxies with a rho on all of them."""
    rhos = [
        (
            wide.space,
            wide.task,
            proxy,
            spearman(scores.to_numpy(np.float64), wide.truth.to_numpy(np.float64)),
        )
        for wide in wides
        for proxy, scores in wide.scores.items()
    ]
    tidy = pd.DataFrame(rhos, columns=["space", "task", "proxy", "spearman"])
    table = (
        tidy.groupby(["proxy", "space", "task"])["spearman"]
        .mean()
        .unstack(["space", "task"])
        .dropna()
    )
    if table.shape[0] < LEAST_PROXIES or table.shape[1] < LEAST_TASKS:
        return pd.DataFrame(columns=["proxy", "rank", *_RANKS])
    compared = critical_difference(table, alpha=alpha)
    frame = compared.ranks.rename("rank").rename_axis("proxy").reset_index()
    return frame.assign(**{name: getattr(compared, name) for name in _RANKS})


def _selection(wide: Wide, ks: Sequence[int | float]) -> pd.DataFrame:
    """Evaluate the best-scored architectures of every proxy, and a random choice."""
    truth = wide.truth.to_numpy(np.float64)
    possible = [k for k in ks if k <= len(truth)]
    contenders = wide.scores.assign(random=0.0)
    return pd.DataFrame(
        [
            {"proxy": proxy, "k": k, "architectures": resolve_k(k, len(truth))}
            | {name: of(scores.to_numpy(np.float64), truth, k) for name, of in _SELECTIONS.items()}
            for proxy, scores in contenders.items()
            for k in possible
        ]
    )


def _agreement(wide: Wide) -> pd.DataFrame:
    """Flatten the matrices: one row per ordered pair."""
    plain = agreement(wide.scores)
    given = agreement(wide.scores, ["params"]) if "params" in wide.scores else plain * math.nan
    flat = {"spearman": plain.to_numpy().ravel(), "given_params": given.to_numpy().ravel()}
    pairs = pd.MultiIndex.from_product([plain.index, plain.columns], names=["proxy", "other"])
    return pd.DataFrame(flat, index=pairs).reset_index()


def _size_bias(wide: Wide) -> pd.DataFrame:
    sizes = [name for name in SIZES if name in wide.scores]
    frame = size_bias(wide.scores, wide.truth, sizes)
    return frame if sizes else frame[:0]


def _information(wide: Wide) -> pd.DataFrame:
    """Measure every proxy alone, and given every other."""
    knowns: list[tuple[str, ...]] = [(), *((name,) for name in wide.scores.columns)]
    return pd.DataFrame(
        [
            {"known": " ".join(known), "proxy": proxy, "bits": bits}
            for known in knowns
            for proxy, bits in incremental_information(wide.scores, wide.truth, known).items()
            if proxy not in known
        ]
    )
