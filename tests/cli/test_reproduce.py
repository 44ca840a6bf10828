"""`zc-bench reproduce`."""

import re
import shutil

import pandas as pd
import pytest
from matplotlib.figure import Figure
from typer.testing import CliRunner

from zc_bench import figures
from zc_bench.cli import app
from zc_bench.errors import ZcBenchError
from zc_bench.paper.catalogue import FIGURES
from zc_bench.spec import Spec
from zc_bench.store import read_store


def run(*arguments):
    result = CliRunner().invoke(app, ["reproduce", *map(str, arguments)])
    if isinstance(result.exception, ZcBenchError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def files(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_file())


@pytest.mark.parametrize("name", ["figure6", "figure10"])
def test_figures_without_trials(tmp_path, name):
    run(name, "--samples", 20, "--out", tmp_path)
    assert files(tmp_path) == [f"{name}.csv", f"{name}.pdf", f"{name}.png"]


def test_another_name_is_refused():
    with pytest.raises(
        ZcBenchError, match="Unknown figure or table 'figure44': did you mean 'figure4'"
    ):
        run("figure44")


def test_a_space_that_is_not_in_the_figure_is_refused(tmp_path):
    with pytest.raises(
        ZcBenchError, match="figure4 is not about darts: its search spaces are nb101, nb201"
    ):
        run("figure4", "--spaces", "darts", "--out", tmp_path)


def test_all_are_listed_with_what_they_show():
    shown = CliRunner().invoke(app, ["list", "figures"], env={"COLUMNS": "200"}).output
    for name, figure in FIGURES.items():
        assert re.search(rf"{name} +{re.escape(figure.shows)}", shown)


class TestOfAPlugin:
    @pytest.fixture(autouse=True)
    def clean(self, monkeypatch):
        monkeypatch.setattr(figures.figure_registry, "_items", {})

    @pytest.mark.usefixtures("data_folder")
    def test_is_listed_computed_drawn_and_written(self, tmp_path):
        got = []

        @figures.figure(
            "mine", runs=[Spec("nb201", ("cifar10",), ("params", "l2_norm"), samples=50, seeds=4)]
        )
        def mine(rows, report):
            """Show how large networks are."""
            got.append(report.counts())
            return rows[["architecture", "proxy", "score"]], Figure(figsize=(1, 1))

        assert "mine" in CliRunner().invoke(app, ["list", "figures"]).output
        options = (
            "--samples",
            3,
            "--seeds",
            2,
            "--inputs",
            "noise",
            "--budget",
            "none",
        )
        assert "l2_norm" in run("mine", *options, "--out", tmp_path)
        assert (got[0] == 3).all(axis=None)
        table = pd.read_csv(tmp_path / "mine.csv")
        assert len(table) == 3 * 2 * 2
        computed = read_store(tmp_path / "nb201" / "scores.h5").trials
        for name in ("params", "l2_norm"):
            expected = sorted(trial.scores[f"{name}@1"].value for trial in computed.values())
            assert sorted(table[table["proxy"] == name]["score"]) == pytest.approx(
                expected, rel=1e-5
            )
        assert files(tmp_path) == ["mine.csv", "mine.pdf", "mine.png"]
        with pytest.raises(
            ZcBenchError, match="mine is not about nb101: its search spaces are nb201"
        ):
            run("mine", "--spaces", "nb101", "--out", tmp_path)

    def test_cannot_take_a_name_twice_nor_one_of_the_paper_nor_be_without_runs(self):
        spec = Spec("nb201", (), ("params",))

        def draw(rows, report):
            """Draw."""

        def other(rows, report):
            """Draw something else."""

        figures.figure("mine", runs=[spec])(draw)
        for name in ("figure4", "figure12", "table3", "figure5b"):
            with pytest.raises(
                ZcBenchError, match=f"'{name}' is kept for a figure or table of the paper"
            ):
                figures.figure(name, runs=[spec])(draw)
        with pytest.raises(ZcBenchError, match="The figure 'mine' is registered already"):
            figures.figure("mine", runs=[spec])(other)
        with pytest.raises(ZcBenchError, match="The experiment has no run"):
            figures.figure("empty", runs=[])(draw)
        with pytest.raises(ZcBenchError, match="The figure 'mute' has no docstring"):
            figures.figure("mute", runs=[spec])(lambda *_: None)
        assert list(figures.figure_registry) == ["mine"]


@pytest.mark.slow
def test_figure4_and_its_companions_share_a_store(data_folder, tmp_path):
    common = (
        "--samples",
        4,
        "--seeds",
        1,
        "--spaces",
        "nb201",
        "--inputs",
        "noise",
        "--budget",
        "none",
    )
    run("figure4", *common, "--out", tmp_path, "--all-tasks")
    assert {"figure4.csv", "figure4.png", "figure4-published.csv", "figure4-published.pdf"} <= set(
        files(tmp_path)
    )
    table = pd.read_csv(tmp_path / "figure4.csv")
    assert len(table) == 3 * 17
    store = tmp_path / "nb201" / "scores.h5"
    before = store.read_bytes()
    run("figure17", *common, "--out", tmp_path, "--all-tasks")
    run("table5", "--samples", 4, "--seeds", 1, "--inputs", "noise", "--out", tmp_path)
    assert len(pd.read_csv(tmp_path / "figure17.csv")) == 3 * 4
    assert len(pd.read_csv(tmp_path / "table5.csv")) == 1 + 3 * 7
    assert len(store.read_bytes()) == pytest.approx(
        len(before), rel=0.1
    )  # nothing was computed again


@pytest.mark.slow
@pytest.mark.data
def test_table3_compares_sizes_of_images(shared_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("ZC_BENCH_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    shutil.copy(shared_folder / "data" / "raw" / "DARTS_archs_CIFAR10.csv", tmp_path / "data")
    output = run(
        "table3", "--samples", 30, "--inputs", "noise", "--budget", "60s", "--out", tmp_path
    )
    table = pd.read_csv(tmp_path / "table3.csv")
    assert "linear_regions" in output
    assert list(table["pixels"]) == [3, 15, 32] * 3
    swap = table[table["proxy"] == "swap"]
    assert swap["mean"].is_monotonic_increasing
    assert (swap["spearman"] > 0.6).all()
    assert {f"scores-{pixels}.h5" for pixels in (3, 15, 32)} <= set(files(tmp_path / "darts_cell"))


def test_sizes_follow_mu(tmp_path):
    run("figure5b", "--samples", 1, "--seeds", 1, "--inputs", "noise", "--out", tmp_path)
    found = pd.read_csv(tmp_path / "figure5b.csv")
    assert found["mu"].tolist() == [0.5, 0.9, 1.3, 1.7, 2.1, 2.5]
    assert (found["stacked"] > 100 * found["parameters"]).all()
    assert {"figure5b.png", "figure5b.pdf"} <= set(files(tmp_path))
    run("table1", "--samples", 1, "--seeds", 1, "--inputs", "noise", "--out", tmp_path)
    ours = pd.read_csv(tmp_path / "table1.csv").query("method == 'ours'")
    shared = found[found["mu"].isin([0.5, 1.3, 2.1])]
    assert ours["parameters"].tolist() == shared["stacked"].tolist()
    assert ours["minutes"].tolist() == pytest.approx((shared["seconds"] / 60).tolist(), rel=1e-4)


@pytest.mark.parametrize("name", ["figure4", "figure5b", "figure9", "table1"])
@pytest.mark.parametrize(
    ("option", "value"),
    [("--samples", "0"), ("--samples", "-5"), ("--seeds", "0"), ("--seeds", "4:2")],
)
def test_numbers_out_of_range_are_refused(tmp_path, name, option, value):
    words = ["reproduce", name, f"{option}={value}", "--out", str(tmp_path / "out")]
    error = CliRunner().invoke(app, words).exception
    assert isinstance(error, ZcBenchError)
    assert f"{option.removeprefix('--')} = " in str(error)
    assert not (tmp_path / "out").exists()
