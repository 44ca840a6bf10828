"""Why a rank correlation is undefined, in words."""

import pandas as pd

from zc_bench.engine.scores import Status

_LEAST = 3  # trials of a correlation


def why_undefined(trials: pd.DataFrame, ranked: pd.DataFrame) -> str:
    """Say why the scores of a proxy have no rank correlation with the ground truth.

    Args:
        trials: the trials of one proxy, task and seed that have ground truth: the columns status
            and, if reasons are known, reason.
        ranked: those that entered the correlation: the columns score and truth.

    Returns:
        The reason, without a full stop.

    Examples:
        >>> why_undefined(
        ...     pd.DataFrame({"status": ["done"] * 3}),
        ...     pd.DataFrame({"score": [1.0, 1.0, 1.0], "truth": [1.0, 2.0, 3.0]}),
        ... )
        'all scores are equal'
    """
    others = trials[trials["status"] != Status.DONE.value]
    if len(others) and (len(ranked) < _LEAST or len(others) == len(trials)):
        words = others["status"].astype(str)
        if "reason" in others:
            reasons = others["reason"].where(
                words == Status.UNDEFINED.value, words + ": " + others["reason"]
            )
            words = words.where(others["reason"] == "", reasons)
        counts = words.value_counts()
        return f"{counts.index[0]} ({counts.iloc[0]} of {len(trials)} trials)"
    if len(ranked) < _LEAST:
        return f"{len(ranked)} trials have score and ground truth, and a correlation takes {_LEAST}"
    return f"all {'scores' if ranked['score'].nunique() == 1 else 'ground truths'} are equal"
