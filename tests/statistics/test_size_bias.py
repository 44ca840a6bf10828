import numpy as np
import pandas as pd
import pytest
import scipy.stats

from reference import statistics as twin
from zc_bench.statistics.size_bias import size_bias


@pytest.fixture
def simulated():
    """A proxy that is size and nothing else, and one with more information.

    The truth is size and something else.
    """
    generator = np.random.default_rng(0)
    params, flops, quality = generator.normal(size=(3, 2000))
    flops = params + 0.5 * flops
    truth = params + flops + 2 * quality
    scores = {
        "big": params + flops + 0.3 * generator.normal(size=2000),
        "good": quality + params,
        "params": params,
    }
    return pd.DataFrame(scores | {"flops": flops}), pd.Series(truth)


def test_columns_are_rank_correlations(simulated):
    scores, truth = simulated
    frame = size_bias(scores, truth)
    assert list(frame) == ["proxy", "spearman", "with_params", "with_flops", "partial"]
    assert list(frame["proxy"]) == list(scores)
    for row in frame.to_dict("records"):
        of = scores[row["proxy"]]
        assert row["spearman"] == pytest.approx(scipy.stats.spearmanr(of, truth).statistic)
        assert row["with_params"] == pytest.approx(
            scipy.stats.spearmanr(of, scores["params"]).statistic
        )
        assert row["with_flops"] == pytest.approx(
            scipy.stats.spearmanr(of, scores["flops"]).statistic
        )
    for name in ("big", "good"):
        columns, given = (
            np.column_stack([scores[name], truth]),
            scores[["params", "flops"]].to_numpy(),
        )
        partial = frame.set_index("proxy").loc[name, "partial"]
        assert partial == pytest.approx(twin.partial_by_inverse(columns, given))


def test_unmasks_the_proxy_that_is_size(simulated):
    frame = size_bias(*simulated).set_index("proxy")
    assert frame.loc["big", "spearman"] > 0.6
    assert frame.loc["big", "partial"] == pytest.approx(0, abs=0.07)
    assert frame.loc["good", "partial"] > 0.9
    assert frame.loc[["params", "flops"], "partial"].isna().all()


def test_one_size_can_do(simulated):
    scores, truth = simulated
    frame = size_bias(scores, truth, ["params"]).set_index("proxy")
    assert list(frame) == ["spearman", "with_params", "partial"]
    expected = twin.partial_by_formula(
        *(values.to_numpy() for values in (scores["big"], truth, scores["params"]))
    )
    assert frame.loc["big", "partial"] == pytest.approx(expected)
