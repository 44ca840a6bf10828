"""Runs that ask for derived proxies.

What they compute, what they refuse, and what the numbers are.
"""

import math

import pandas as pd
import pytest
from tiny import compute, tiny

from zc_bench.engine.architectures import ArchitectureScorer, largest_size
from zc_bench.errors import ZcBenchError
from zc_bench.spaces import space_registry
from zc_bench.store import read_store

pytestmark = pytest.mark.usefixtures("data_folder")


@pytest.fixture
def calls(monkeypatch):
    """The names that the scorer is asked for, trial by trial."""
    asked = []
    score = ArchitectureScorer.score

    def recording(self, key, names):
        asked.append(names)
        return score(self, key, names)

    monkeypatch.setattr(ArchitectureScorer, "score", recording)
    return asked


def run(path, *names, **protocol):
    return compute(tiny(*names, **protocol), path)


def by_proxy(rows):
    return rows.pivot_table(index=["architecture", "seed"], columns="proxy", values="score")


def twin(rows, mu, sigma):
    """Multiply with the bell, as tests/reference/reg_swap.py does."""
    scores = by_proxy(rows)
    distance = scores["params"] - mu
    return scores["swap"] * math.e ** (-(distance * distance) / sigma)


def test_another_mu_on_a_finished_store_computes_no_network(tmp_path, calls):
    names = ("reg_swap", "swap", "params")
    first = run(tmp_path / "a.h5", *names, mu=0.3, sigma=0.2)
    assert calls == [("swap", "params")] * 6
    second = run(tmp_path / "a.h5", *names, mu=0.6, sigma=0.1)
    assert len(calls) == 6
    for rows, mu, sigma in ((first, 0.3, 0.2), (second, 0.6, 0.1)):
        assert rows["proxy"].tolist() == list(names) * 6
        found = by_proxy(rows)["reg_swap"].to_numpy()
        assert found == pytest.approx(twin(rows, mu, sigma).to_numpy(), rel=1e-12)


def test_only_what_is_asked_for_is_among_the_rows(tmp_path):
    assert set(run(tmp_path / "a.h5", "reg_swap", mu=1.0)["proxy"]) == {"reg_swap"}
    assert read_store(tmp_path / "a.h5").columns() == ["params@1", "swap@1"]


def test_reg_swap_on_a_store_of_swap_computes_sizes_only(tmp_path, calls):
    run(tmp_path / "a.h5", "swap")
    calls.clear()
    run(tmp_path / "a.h5", "reg_swap", mu=1.0)
    assert calls == [("params",)] * 6


def test_mu_on_a_store_of_snip_refuses_nothing(tmp_path, calls):
    before = run(tmp_path / "a.h5", "snip")
    after = run(tmp_path / "a.h5", "snip", mu=1.0, sigma=0.5)
    assert len(calls) == 6
    pd.testing.assert_frame_equal(before, after)


def test_without_reg_swap_nothing_is_counted(tmp_path, monkeypatch):
    largest_size.cache_clear()
    monkeypatch.setattr(space_registry["nb201"], "parameters", None)
    run(tmp_path / "a.h5", "swap", samples=1, seeds=1)
    assert "regularisation" not in read_store(tmp_path / "a.h5").provenance
    with pytest.raises(TypeError):
        run(tmp_path / "a.h5", "reg_swap", samples=1, seeds=1)


def test_a_column_that_rests_on_other_images_is_refused_by_name(tmp_path):
    run(tmp_path / "a.h5", "swap", "params", samples=1, seeds=1)
    with pytest.raises(
        ZcBenchError, match=r"depend on something else: swap@1 \(cifar10 images: '"
    ) as info:
        run(tmp_path / "a.h5", "swap", "params", samples=1, seeds=1, inputs="auto")
    assert "params@1" not in str(info.value)
    assert "Choose another folder with --out, or start over with --fresh." in str(info.value)


def test_a_column_that_reads_no_images_goes_on_with_any(tmp_path, calls):
    run(tmp_path / "a.h5", "swap", "params", samples=1, seeds=1)
    calls.clear()
    rows = run(tmp_path / "a.h5", "params", samples=1, seeds=1, inputs="auto", batch_size=8)
    assert rows["status"].tolist() == ["done"]
    assert calls == []
    assert "swap@1" in read_store(tmp_path / "a.h5").columns()
