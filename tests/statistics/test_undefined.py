"""Why a rank correlation is undefined."""

import pandas as pd
import pytest

from zc_bench.statistics.undefined import why_undefined

OK = [("done", "", 1.0, 1.0), ("done", "", 2.0, 2.0), ("done", "", 3.0, 3.0)]


def why(*trials):
    frame = pd.DataFrame(trials, columns=["status", "reason", "score", "truth"])
    return why_undefined(frame, frame[frame["status"].isin(["done", "invalid"])])


@pytest.mark.parametrize(
    ("trials", "expected"),
    [
        (OK[:2], "2 trials have score and ground truth, and a correlation takes 3"),
        ([("done", "", 1.0, truth) for truth in (1.0, 2.0, 3.0)], "all scores are equal"),
        ([("done", "", score, 5.0) for score in (1.0, 2.0, 3.0)], "all ground truths are equal"),
        (
            [*OK[:2], ("failed", "no luck", 0.0, 1.0), ("failed", "no luck", 0.0, 2.0)],
            "failed: no luck (2 of 4 trials)",
        ),
        (
            [("undefined", "no ReLU", 0.0, 1.0)] * 2 + [("failed", "", 0.0, 1.0)],
            "no ReLU (2 of 3 trials)",
        ),
        ([("invalid", "it is infinite", -9.0, 1.0)] * 4, "invalid: it is infinite (4 of 4 trials)"),
        ([("out_of_memory", "", 0.0, 1.0)], "out_of_memory (1 of 1 trials)"),
    ],
)
def test_says_why(trials, expected):
    assert why(*trials) == expected
