"""The audit as a whole: its numbers against plain twins, its sentences, its page, its command."""

import importlib.util
import itertools
import math
import os
import subprocess
import sys

import fakes
import numpy as np
import pandas as pd
import pytest
import scipy.stats
from typer.testing import CliRunner

import zc_bench as zb
from zc_bench.audits.columns import columns_of
from zc_bench.audits.questions import _kendall
from zc_bench.audits.top import noisy_accuracies, noisy_ranks
from zc_bench.cli import app
from zc_bench.errors import ZcBenchError
from zc_bench.statistics.holm import holm


@pytest.fixture(scope="module")
def rows():
    made = fakes.drawn()
    flops = fakes.rows_of(made, made["params"] * 2.0 + made["layers"], "flops")
    return pd.concat([fakes.rows_of(made, fakes.honest(made)), flops], ignore_index=True)


@pytest.fixture(scope="module")
def found(rows):
    return zb.audit("fake", scores=rows, resamples=200)


def of_seed(rows, seed, proxy="fake"):
    part = rows[(rows["seed"] == seed) & (rows["proxy"] == proxy)]
    return part.sort_values("architecture").set_index("architecture")


def test_rho_and_tau_are_those_of_scipy(rows, found):
    (cell,) = found.correlations.to_dict("records")
    parts = [of_seed(rows, seed) for seed in range(fakes.SEEDS)]
    rhos = [scipy.stats.spearmanr(part["score"], part["truth"]).statistic for part in parts]
    taus = [scipy.stats.kendalltau(part["score"], part["truth"]).statistic for part in parts]
    assert cell["spearman"] == pytest.approx(np.mean(rhos))
    assert cell["kendall"] == pytest.approx(np.mean(taus))
    assert cell["least"], cell["most"] == (min(rhos), max(rhos))
    assert cell["low"] < cell["spearman"] < cell["high"]
    assert (cell["n"], cell["seeds"]) == (fakes.N, fakes.SEEDS)


def test_the_error_of_tau_is_that_of_the_jackknife():
    generator = np.random.default_rng(0)
    x = generator.integers(0, 12, 60).astype(float)
    y = x + generator.integers(0, 20, 60)
    tau, error = _kendall(x, y)
    left = [
        scipy.stats.kendalltau(np.delete(x, at), np.delete(y, at)).statistic for at in range(60)
    ]
    assert tau == pytest.approx(scipy.stats.kendalltau(x, y).statistic)
    assert error == pytest.approx(np.std(left) * math.sqrt(59), rel=0.1)


def within_equal(x, y, other):
    """Average rho over groups of equal value, weighted by their size minus one."""
    rhos, weights = [], []
    for value in set(other):
        here = other == value
        if sum(here) >= 5:
            rhos.append(scipy.stats.spearmanr(x[here], y[here]).statistic)
            weights.append(sum(here) - 1)
    return np.average(rhos, weights=weights)


def test_differences_and_what_is_left_are_those_of_plain_twins(rows, found):
    frame = found.baselines.set_index("baseline")
    made = fakes.drawn().set_index(["seed", "architecture"])
    for name in ("params", "depth", "fewer none"):
        differences, lefts = [], []
        for seed in range(fakes.SEEDS):
            part = of_seed(rows, seed)
            other = made.loc[seed].loc[part.index, name].to_numpy(float)
            x, y = part["score"].to_numpy(), part["truth"].to_numpy()
            own = scipy.stats.spearmanr(x, y).statistic
            differences.append(own - scipy.stats.spearmanr(other, y).statistic)
            lefts.append(within_equal(x, y, other))
        assert frame.loc[name, "difference"] == pytest.approx(np.mean(differences))
        assert frame.loc[name, "left"] == pytest.approx(np.mean(lefts))
    assert frame["p_holm"].tolist() == holm(frame["p_value"].to_numpy()).tolist()
    assert "flops" in frame.index


def test_partial_given_size_is_that_of_residuals(rows, found):
    (cell,) = found.size.to_dict("records")
    made = fakes.drawn().set_index(["seed", "architecture"])
    expected = []
    for seed in range(fakes.SEEDS):
        part, flops = of_seed(rows, seed), of_seed(rows, seed, "flops")["score"]
        shape = made.loc[seed].loc[part.index]
        given = np.column_stack([shape["params"], flops, shape["depth"], np.ones(len(part))])
        ranks = [scipy.stats.rankdata(column) for column in given.T[:3]]
        design = np.column_stack([*ranks, np.ones(len(part))])
        left = [
            (r := scipy.stats.rankdata(part[name])) - design @ np.linalg.lstsq(design, r)[0]
            for name in ("score", "truth")
        ]
        expected.append(scipy.stats.pearsonr(*left).statistic)
    assert cell["partial"] == pytest.approx(np.mean(expected))
    assert cell["given"] == "params, flops, depth"
    assert 0 < cell["within"] < 1


@pytest.mark.parametrize("noisy", [noisy_ranks, noisy_accuracies])
def test_a_noisy_perfect_score_has_the_rho_that_is_asked_for(noisy):
    truth = np.random.default_rng(0).exponential(size=2000)
    noise = np.random.default_rng(1).normal(size=(2000, 30))
    for rho in (-0.5, 0.0, 0.6, 0.9):
        draws = noisy(truth, rho, noise)
        rhos = [scipy.stats.spearmanr(draw, truth).statistic for draw in draws.T]
        assert np.mean(rhos) == pytest.approx(rho, abs=0.015)


def test_the_top_is_that_of_a_second_look(rows, found):
    top = found.top.set_index(["contender", "measure", "at"])["value"]
    expected = []
    for seed in range(fakes.SEEDS):
        part = of_seed(rows, seed)
        best = part.nlargest(round(0.1 * len(part)), "truth")
        expected.append(scipy.stats.spearmanr(best["score"], best["truth"]).statistic)
    assert top["proxy", "rho", 0.1] == pytest.approx(np.mean(expected), abs=0.02)
    assert top["random", "precision", 10.0] == pytest.approx(10 / fakes.N)
    assert top["random", "rho", 0.1] == 0
    assert top["noisy ranks", "best_rank", 1.0] < top["random", "best_rank", 1.0]


def test_the_order_of_rows_changes_nothing(rows, found):
    mixed = zb.audit("fake", scores=rows.sample(frac=1, random_state=0), resamples=200)
    for name in ("findings", "disguises", "baselines", "top"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(mixed, name))


def test_another_process_with_other_threads_says_the_same(rows, found, tmp_path):
    rows.to_pickle(tmp_path / "rows.pkl")
    script = (
        "import pandas as pd, sys, zc_bench as zb; "
        "a = zb.audit('fake', scores=pd.read_pickle(sys.argv[1]), resamples=200); "
        "print(*a.findings.finding, *a.disguises.sentence, sep='\\n')"
    )
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, tmp_path / "rows.pkl"],
        env=os.environ
        | {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    ).stdout.splitlines()
    assert said == [*found.findings["finding"], *found.disguises["sentence"]]


def test_a_second_training_is_the_ceiling(found):
    if importlib.util.find_spec("analognasbench") is None:
        pytest.skip("needs the extra `analog`")
    (cell,) = found.ceiling.to_dict("records")
    assert cell["ceiling"] > 0.95 > cell["top_ceiling"] > 0.5


def test_without_it_one_line_says_how_to_get_it(rows, monkeypatch):
    def absent(_space, _truth):
        message = "The package is not installed: pip install 'zc-bench[analog]'."
        raise ZcBenchError(message)

    monkeypatch.setattr("zc_bench.audits.context.load_table", absent)
    found = zb.audit("fake", scores=rows, resamples=20)
    assert found.ceiling.empty
    assert "pip install 'zc-bench[analog]'" in found.findings["finding"][4]


def test_invalid_scores_are_counted_and_rank_last(rows):
    broken = rows.copy()
    some = broken.index[broken["proxy"] == "fake"][:40]
    broken.loc[some, ["score", "status"]] = [math.nan, "invalid"]
    found = zb.audit("fake", scores=broken, resamples=20)
    assert found.ties["invalid"].tolist() == [40]
    dropped = columns_of(broken, "fake", invalid="drop", resamples=20)
    assert sum(column.n for column in dropped) == fakes.N * fakes.SEEDS - 40
    assert np.isneginf(columns_of(broken, "fake", resamples=20)[0].x).sum() == 40


def test_saves_frames_and_a_page_that_needs_nothing_else(found, tmp_path):
    found.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["audit.html", *(f"{name}.csv" for name in found.FRAMES)]
    )
    page = (tmp_path / "audit.html").read_text(encoding="utf-8")
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org", "")
    for sentence in itertools.chain(found.findings["finding"], found.disguises["sentence"]):
        assert sentence.replace("'", "&#39;").replace("<", "&lt;") in page
    read = pd.read_csv(tmp_path / "baselines.csv")
    assert read["difference"].tolist() == pytest.approx(found.baselines["difference"], rel=1e-5)


@pytest.mark.usefixtures("data_folder")
class TestCommand:
    @pytest.fixture
    def store(self, tmp_path):
        zb.run(
            "nb201", tasks="cifar10", proxies=["params", "l2_norm", "flops"], samples=25, seeds=2
        )
        result = zb.run(
            "nb201",
            tasks="cifar10",
            proxies=["params", "l2_norm", "flops"],
            samples=25,
            seeds=2,
            inputs="noise",
            folder=tmp_path,
            progress=False,
        )
        return result.stores[0]

    def test_audits_a_store_of_ones_own(self, store, tmp_path):
        words = ["audit", "l2_norm", "--store", str(store), "--out", str(tmp_path / "out")]
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, done.exception
        assert "How well does it rank?" in done.stdout
        assert "in disguise" in done.stdout
        assert (tmp_path / "out" / "audit.html").is_file()

    def test_a_proxy_without_scores_is_one_sentence(self, store):
        done = CliRunner().invoke(app, ["audit", "l2norm", "--store", str(store)])
        assert isinstance(done.exception, ZcBenchError)
        assert "did you mean 'l2_norm'?" in str(done.exception)

    def test_a_store_that_is_not_there_is_one_sentence(self):
        done = CliRunner().invoke(app, ["audit", "swap", "--store", "nowhere.h5"])
        assert "There is no store nowhere.h5" in str(done.exception)

    def test_nothing_is_shipped_in_tests(self):
        done = CliRunner().invoke(app, ["audit", "swap", "--space", "nb201"])
        assert "There are no scores of nb201 in" in str(done.exception)
