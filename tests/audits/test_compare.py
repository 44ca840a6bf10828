"""Comparisons of proxies: numbers, tables, the diagram, the command."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from typer.testing import CliRunner

import zc_bench as zb
from correlated import make_rows
from zc_bench.cli import app
from zc_bench.errors import ZcBenchError
from zc_bench.statistics.analysis import analyse
from zc_bench.statistics.pairs import compare as compare_two


@pytest.fixture(scope="module")
def rows():
    parts = [
        make_rows(("swap", "params", "linear_regions"), task=task)
        for task in ("cifar10", "cifar100")
    ]
    frame = pd.concat(parts, ignore_index=True)
    # The second proxy is nearly chance.
    noise = np.random.default_rng(1).normal(0, 300, len(frame))
    frame["score"] += np.where(frame["proxy"] == "params", noise, 0)
    return frame


@pytest.fixture(scope="module")
def found(rows):
    return zb.compare("swap", "params", "linear_regions", scores=rows, resamples=100)


def test_differences_are_those_of_scipy(rows, found):
    table = found.over_seeds.set_index(["task", "proxy", "other"])
    for task, of in rows.groupby("task"):
        seeds = []
        for _, part in of.groupby("seed"):
            wide = part.pivot(index="architecture", columns="proxy", values="score")
            truth = part.groupby("architecture")["truth"].first()
            rho = {name: scipy.stats.spearmanr(wide[name], truth).statistic for name in wide}
            seeds.append(rho["params"] - rho["swap"])
        row = table.loc[(task, "params", "swap")]
        assert row["difference"] == pytest.approx(np.mean(seeds))
        assert row["low"] < row["difference"] < row["high"]
        assert (row["n"], row["seeds"]) == (30, 2)
        assert row["p_value"] <= row["p_holm"] <= 1
    assert len(table) == 6


def test_a_proxy_with_fewer_scores_is_compared_on_its_own_architectures(rows):
    few = rows[(rows["proxy"] != "swap") | (rows["architecture"].str.len() == 6)]
    found = zb.compare("swap", "params", scores=few, resamples=20)
    n = few[few["proxy"] == "swap"].groupby(["task", "seed"]).size().min()
    assert found.over_seeds["n"].tolist() == [n, n]
    assert n < 20


def test_two_proxies_are_compared_alike_by_a_result(rows, found):
    (one, _) = compare_two(rows, "params", "swap", resamples=100).to_dict("records")
    theirs = found.over_seeds.query("task == 'cifar10' and proxy == 'params' and other == 'swap'")
    assert one["difference"] == pytest.approx(theirs["difference"].item())


def test_everything_that_analyse_knows_is_reached(rows, found):
    analysis = analyse(rows, resamples=100)
    for name in ("ranks", "agreement", "information"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(analysis, name))


def test_saves_tables_and_the_diagram(found, tmp_path):
    found.save(tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert {"over_seeds.csv", "pairs.csv", "agreement.csv", "critical_difference.png"} <= names
    texts = [text.get_text() for text in found.figure().axes[0].texts]
    best = found.ranks.iloc[0]
    assert f"{best['proxy']} ({best['rank']:.2f})" in texts
    assert any("2 columns" in text for text in texts)


def test_two_proxies_have_tables_and_no_diagram(rows, tmp_path):
    pair = zb.compare("swap", "params", scores=rows, resamples=20)
    pair.save(tmp_path)
    assert not (tmp_path / "critical_difference.png").exists()
    with pytest.raises(ZcBenchError, match="no critical-difference diagram: it takes 3 proxies"):
        pair.figure()


@pytest.mark.parametrize(
    ("names", "message"),
    [(("swap",), "name two proxies or more"), (("swap", "parms"), "did you mean 'params'")],
)
def test_refuses_in_one_sentence(rows, names, message):
    with pytest.raises(ZcBenchError, match=message):
        zb.compare(*names, scores=rows)


@pytest.mark.usefixtures("data_folder")
def test_the_command(tmp_path):
    result = zb.run(
        "nb201",
        tasks="cifar10",
        proxies=["params", "l2_norm"],
        samples=10,
        seeds=2,
        inputs="noise",
        folder=tmp_path,
        progress=False,
    )
    store, out = str(result.stores[0]), tmp_path / "out"
    done = CliRunner().invoke(
        app, ["compare", "l2_norm", "params", "--store", store, "--out", str(out)]
    )
    assert done.exit_code == 0, done.exception
    assert "nb201-cifar10 l2_norm params" in " ".join(done.stdout.split())
    assert (out / "over_seeds.csv").is_file()
