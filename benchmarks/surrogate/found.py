"""What searches found, with predicted accuracy, since the true one was not measured."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from scipy import stats

from zc_bench.errors import ZcBenchError

BASELINE = "random_search"
_WANTED = {"space": "nb301", "task": "cifar10"}


@dataclass(frozen=True, eq=False)
class Searches:
    """What `zc-bench search` has left in a folder.

    Attributes:
        history: one row per evaluation: algorithm, seed, evaluation, best (a key), and more.
        guide: the guiding proxies.
    """

    history: pd.DataFrame
    guide: str


def read_searches(folder: Path) -> Searches:
    """Read what searches on NAS-Bench-301 left in a folder.

    Raises:
        ZcBenchError: if there is nothing, or it is of another space or task.
    """
    try:
        spec = json.loads((folder / "found.json").read_text(encoding="utf-8"))["search"]
        history = pd.read_csv(folder / "history.csv")
    except (OSError, ValueError, KeyError) as error:
        message = (
            f"{folder} holds no search: expected the found.json and history.csv that "
            f"`zc-bench search --space nb301 --task cifar10 --out {folder}` writes; run that first."
        )
        raise ZcBenchError(message) from error
    if {name: spec[name] for name in _WANTED} != _WANTED:
        message = (
            f"{folder} holds searches for {spec['space']}, {spec['task']}: expected nb301, cifar10, whose table the "
            "model is fitted on; name another folder."
        )
        raise ZcBenchError(message)
    return Searches(history, ", ".join(spec["proxies"]))


def with_predictions(history: pd.DataFrame, accuracy: Mapping[str, float]) -> pd.DataFrame:
    """Put the predicted accuracy of the best architecture so far where a table's accuracy would stand.

    Args:
        history: one row per evaluation, with the column best.
        accuracy: by key.

    Returns:
        The history, its column truth_of_best predicted.
    """
    return history.assign(truth_of_best=history["best"].map(accuracy))


def outcomes(history: pd.DataFrame) -> pd.DataFrame:
    """Average what every algorithm ended with over seeds.

    Searches of one seed see the same batch and weights, so the lead over random search is taken
    seed by seed.

    Args:
        history: columns algorithm, seed, evaluation, truth_of_best.

    Returns:
        Index algorithm; columns mean and lead (over random search; NaN without it), each followed
        by the half width of its 95 % interval (Student's t over seeds), and seeds.
    """
    last = history.sort_values("evaluation").groupby(["algorithm", "seed"])["truth_of_best"].last()
    wide = last.unstack("algorithm")[list(history["algorithm"].unique())]
    lead = wide.sub(wide.get(BASELINE, math.nan), axis="index")
    return pd.DataFrame(
        {
            "mean": wide.mean(),
            "mean_half": _half(wide),
            "lead": lead.mean(),
            "lead_half": _half(lead),
            "seeds": wide.count(),
        }
    )


def _half(wide: pd.DataFrame) -> pd.Series:
    half: pd.Series = wide.sem() * stats.t.ppf(0.975, wide.count() - 1)
    return half
