"""The record of an architecture in the zips and the JSON of NAS-Bench-Suite-Zero.

An entry is `{"val_accuracy": 90.5, "<proxy>": {"score": 1.5, "time": 0.1}, ...}`, besides numbers
of the entry's own and times, which are left alone.
"""

import math
from typing import Any

# Their names of search spaces, and ours.
SPACES = {
    "nasbench101": "nb101",
    "nasbench201": "nb201",
    "nasbench301": "nb301",
    "transbench101_micro": "tnb101_micro",
    "transbench101_macro": "tnb101_macro",
}


def reduced(found: dict[str, Any]) -> Any:
    """Keep of a JSON object of a proxy the score alone, as a tuple, which nothing in JSON is.

    Most of the memory.
    """
    return (found["score"],) if "score" in found else found


def numbers(entry: object) -> tuple[float, dict[str, float]] | None:
    """Return the ground truth of an entry, and the scores by proxy.

    Args:
        entry: parsed with `reduced` as object hook, and whole numbers as floats.

    Returns:
        NaN where there is no ground truth, or where a score is no number. None if the entry is of
        another form.
    """
    if not isinstance(entry, dict):
        return None
    truth = entry.get("val_accuracy", math.nan)
    scores = {name: _score(value) for name, value in entry.items() if isinstance(value, tuple)}
    well_formed = isinstance(truth, float) and ("val_accuracy" in entry or scores)
    return (truth, scores) if well_formed else None


def _score(value: tuple[object]) -> float:
    return value[0] if isinstance(value[0], float) else math.nan
