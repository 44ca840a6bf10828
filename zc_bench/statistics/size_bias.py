"""Bias towards size: rank correlations of proxies before and after size is held fixed."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from zc_bench.statistics.partial import partial_spearman

SIZES = ("params", "flops")


def size_bias(scores: pd.DataFrame, truth: pd.Series, sizes: Sequence[str] = SIZES) -> pd.DataFrame:
    """Compare the rank correlation with the truth before and after size is held fixed.

    Args:
        scores: architectures x proxies, (n, p), higher is better, without NaN; the sizes are among
            the proxies.
        truth: ground truth of the same architectures, (n,), without NaN.
        sizes: the proxies that measure size.

    Returns:
        One row per proxy, with the columns

        - proxy;
        - spearman: rho of the scores with the truth;
        - with_params, with_flops (one per size): rho of the scores with the size;
        - partial: rho of the scores with the truth, given the ranks of all sizes; NaN for a proxy
          that they explain, such as the sizes themselves.

    References:
        Krishnakumar et al. 2022, arXiv:2210.03230 (biases towards size; the partial correlation is
        ours).
    """
    size = scores[list(sizes)].to_numpy(np.float64)
    together = np.column_stack([scores.to_numpy(np.float64), size, truth.to_numpy(np.float64)])
    plain = partial_spearman(together, size[:, :0])
    proxies = len(scores.columns)
    columns = {"proxy": scores.columns, "spearman": plain[:proxies, -1]}
    columns |= {
        f"with_{name}": plain[:proxies, proxies + place] for place, name in enumerate(sizes)
    }
    return pd.DataFrame(columns | {"partial": partial_spearman(together, size)[:proxies, -1]})
