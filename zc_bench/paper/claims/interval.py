"""Intervals of measured numbers, from their resamples."""

import math

import numpy as np
import pandas as pd

_TAIL = 0.025


def interval(values: pd.Series) -> tuple[float, float, float]:
    """Return a number and the ends of its interval; NaN if it, or every resample, is undefined.

    Args:
        values: measured first, then resampled, (R + 1,).
    """
    measured, resampled = values.iloc[0], values.iloc[1:].dropna()
    if math.isnan(measured) or resampled.empty:
        return math.nan, math.nan, math.nan
    low, high = np.quantile(resampled, [_TAIL, 1 - _TAIL])
    return float(measured), float(low), float(high)
