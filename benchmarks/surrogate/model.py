"""Models fitted on the table, and their errors on architectures that were held out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from sklearn.base import RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import PredefinedSplit, cross_val_predict

from surrogate.features import counts, edges, edges_and_sums
from zc_bench.seeding import numpy_generator
from zc_bench.statistics.rank import Floats

FOLDS = 10
_TENTH, _SIXTIETH = 0.9, 1 - 1 / 60  # quantiles; a search of 60 evaluations ends above the second


@dataclass(frozen=True)
class Candidate:
    """A way to predict accuracy from architectures.

    Attributes:
        features: of keys, (n, f).
        regressor: makes a new one of scikit-learn's.
    """

    features: Callable[[Sequence[str]], Floats]
    regressor: Callable[[], RegressorMixin]


def _boosting() -> RegressorMixin:
    # It would stop early by itself from 10,000 rows up: in the fit on the whole table, but not in
    # its folds.
    return HistGradientBoostingRegressor(
        learning_rate=0.06, max_iter=400, max_leaf_nodes=15, early_stopping=False, random_state=0
    )


def _ridge() -> RegressorMixin:
    return Ridge(alpha=1)


# Sums are linear in the edges, so they give ridge regression nothing new.
CANDIDATES = {
    "counts, ridge": Candidate(counts, _ridge),
    "edges, ridge": Candidate(edges, _ridge),
    "counts, boosting": Candidate(counts, _boosting),
    "edges, boosting": Candidate(edges, _boosting),
    "edges and sums, boosting": Candidate(edges_and_sums, _boosting),
}
CHOSEN = "edges and sums, boosting"


def predict(
    candidate: Candidate, keys: Sequence[str], truth: Floats, requested: Sequence[str]
) -> Floats:
    """Fit a model on a table and look architectures up in it.

    Args:
        candidate: the model.
        keys: of the table's architectures.
        truth: their accuracy, (n,).
        requested: the keys to look up.

    Returns:
        Predicted accuracy, (m,), in the unit of the truth.
    """
    fitted = candidate.regressor().fit(candidate.features(keys), truth)
    predicted: Floats = fitted.predict(candidate.features(requested))
    return predicted


def out_of_fold(
    candidate: Candidate, keys: Sequence[str], truth: Floats, folds: int = FOLDS, seed: int = 0
) -> Floats:
    """Predict every architecture of a table by a model that was fitted without its fold.

    Args:
        candidate: the model.
        keys: of the table's architectures.
        truth: their accuracy, (n,).
        folds: how many parts.
        seed: of the division into folds.

    Returns:
        Predicted accuracy, (n,).
    """
    fold = numpy_generator(seed, "folds").permutation(len(truth)) % folds
    predicted: Floats = cross_val_predict(
        candidate.regressor(), candidate.features(keys), truth, cv=PredefinedSplit(fold)
    )
    return predicted


def quality(truth: Floats, predicted: Floats, guides: Mapping[str, Floats]) -> pd.DataFrame:
    """Say how far predictions are off: everywhere, and where a search ends.

    Args:
        truth: accuracy, (n,).
        predicted: out of fold, (n,).
        guides: scores by proxy, higher is better, (n,); NaN where there is none.

    Returns:
        Rows: all, the top tenth by truth, that by prediction, and the top sixtieth by every guide.
        Columns: n, r2 (within the rows; below zero, the rows' own mean would predict better),
        kendall (tau-b), rmse and bias (prediction minus truth, mean) in the unit of the truth.
    """
    chosen = {
        "all": np.full(len(truth), fill_value=True),
        "top tenth": _above(truth, _TENTH),
        "top tenth by prediction": _above(predicted, _TENTH),
        **{f"top sixtieth by {name}": _above(scores, _SIXTIETH) for name, scores in guides.items()},
    }
    return pd.DataFrame(
        {name: _errors(truth[rows], predicted[rows]) for name, rows in chosen.items()}
    ).T.astype({"n": int})


def _above(values: Floats, quantile: float) -> NDArray[np.bool_]:
    return values >= np.nanquantile(values, quantile)


def _errors(truth: Floats, predicted: Floats) -> dict[str, float]:
    off = predicted - truth
    return {
        "n": len(truth),
        "r2": float(r2_score(truth, predicted)),
        "kendall": float(stats.kendalltau(truth, predicted).statistic),
        "rmse": float(np.sqrt(np.mean(off**2))),
        "bias": float(off.mean()),
    }
