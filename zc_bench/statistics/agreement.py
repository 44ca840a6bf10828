"""Agreement of proxies: rank correlations between them, plain and at equal size."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from zc_bench.statistics.partial import partial_spearman


def agreement(scores: pd.DataFrame, given: Sequence[str] = ()) -> pd.DataFrame:
    """Return Spearman's rho between all pairs of proxies.

    Args:
        scores: architectures x proxies, (n, p), higher is better, without NaN.
        given: proxies whose ranks are held fixed, for instance params.

    Returns:
        Proxies x proxies, (p, p), signed; NaN where a proxy is constant or explained by the given
        ones, which explain themselves.
    """
    rho = partial_spearman(scores.to_numpy(np.float64), scores[list(given)].to_numpy(np.float64))
    return pd.DataFrame(rho, index=scores.columns, columns=scores.columns)
