"""The sentences at the beginning of a report, against the numbers."""

from dataclasses import replace

import numpy as np
import pandas as pd

from zc_bench.report.summary import sentences


def numbers(**rhos):
    """Make numbers of two columns."""
    rows = [
        {
            "space": "nb201",
            "task": task,
            "proxy": proxy,
            "spearman": rho,
            "low": rho - 0.1,
            "high": rho + 0.1,
            "invalid": 0,
            "missing": 0,
        }
        for proxy, pair in rhos.items()
        for task, rho in zip(("cifar10", "cifar100"), pair, strict=True)
    ]
    return pd.DataFrame(rows)


def test_says_who_ranks_best_and_who_beats_the_trivial(findings):
    made = numbers(swap=(0.8, 0.6), params=(0.5, 0.5), fisher=(0.05, -0.3), zen=(np.nan, 0.6))
    found = sentences(replace(findings, numbers=made))
    assert found[0] == "swap has the largest mean ρ: 0.70 over 2 columns, from 0.60 to 0.80."
    assert "params is the strongest, with 0.50; 2 of 3 proxies" in found[1]
    assert "both have: swap, zen." in found[1]
    assert (
        found[2]
        == "Of 7 correlations, 1 have an interval that contains 0 (most of them of fisher)."
    )
    assert len(found) == 3


def test_invalid_and_missing_scores_are_told(findings):
    made = numbers(swap=(0.8, 0.6)).assign(invalid=3, missing=1)
    found = sentences(replace(findings, numbers=made))
    assert found[-1].startswith("6 scores are invalid and 2 are missing, of ")


def test_without_ground_truth_it_says_so(findings):
    (found,) = sentences(replace(findings, numbers=numbers(swap=(np.nan, np.nan))))
    assert "No rank correlation is defined" in found


def test_the_page_says_it_before_how_it_was_made(page):
    assert page.index("has the largest mean ρ") < page.index("How it was made")
