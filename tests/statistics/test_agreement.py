import numpy as np
import pandas as pd
import pytest
import scipy.stats

from reference import statistics as twin
from zc_bench.statistics.agreement import agreement


@pytest.fixture
def scores():
    generator = np.random.default_rng(0)
    params = generator.normal(size=100)
    return pd.DataFrame(
        {
            "params": params,
            "a": params + generator.normal(size=100),
            "b": generator.normal(size=100),
        }
    )


def test_is_the_map_of_scipy(scores):
    table = agreement(scores)
    assert list(table.index) == list(table.columns) == ["params", "a", "b"]
    np.testing.assert_allclose(table, scipy.stats.spearmanr(scores).statistic, atol=1e-12)


def test_given_params_only_what_is_beyond_size_agrees(scores):
    table = agreement(scores, ["params"])
    expected = twin.partial_by_formula(*(scores[name].to_numpy() for name in ("a", "b", "params")))
    assert table.loc["a", "b"] == pytest.approx(expected)
    assert table["params"].isna().all()
