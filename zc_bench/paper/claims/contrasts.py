"""Contrasts: numbers that are made of the rank correlations of several columns."""

from collections.abc import Callable, Sequence

import pandas as pd

from zc_bench.paper.claims.columns import Column, mean_of

OURS = ("swap", "reg_swap")

Contrast = Callable[[Sequence[Column]], pd.Series]


def mean(columns: Sequence[Column], name: str) -> pd.Series:
    """Return the mean rho of a proxy over columns."""
    return mean_of([column.rhos[[name]] for column in columns])[name]


def lead(columns: Sequence[Column], name: str, other: str) -> pd.Series:
    """Return by how much the mean rho of a proxy is above that of another."""
    return mean(columns, name) - mean(columns, other)


def lead_over_rest(columns: Sequence[Column], names: Sequence[str]) -> pd.Series:
    """Return by how much the worst of some proxies is above the best of the rest, in the mean.

    swap and reg_swap are never among the rest.
    """
    means = mean_of([column.rhos for column in columns])
    return means[list(names)].min(axis=1) - means.drop(columns={*names, *OURS}).max(axis=1)


def share_won(columns: Sequence[Column]) -> pd.Series:
    """Return the share of columns in which both SWAP scores are above all others."""
    leads = [
        column.rhos[[*OURS]].min(axis=1) - column.rhos.drop(columns=[*OURS]).max(axis=1)
        for column in columns
    ]
    return mean_of(
        [(ahead > 0).where(ahead.notna()).to_frame("won").astype(float) for ahead in leads]
    )["won"]
