"""Figures and tables by name: what is asked for, and figure 4 from shipped scores and truth."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.errors import ZcBenchError
from zc_bench.paper import reproduce, reproductions
from zc_bench.paper.catalogue import FIGURES
from zc_bench.paper.correlations import remarks
from zc_bench.paper.request import Request
from zc_bench.spec import SPECS, Protocol, Spec, read_experiment
from zc_bench.store import read_store, with_derived
from zc_bench.tables import load_table
from zc_bench.tasks import task_registry

SHIPPED = Path(__file__).parents[2] / "results" / "shipped"
STORES = ("nb101", "nb201", "nb301", "tnb101_micro-64px", "tnb101_macro-64px")


def test_every_experiment_has_its_file():
    for figure in reproductions().values():
        file = SPECS / f"{figure.experiment}.toml"
        assert figure.experiment == "sizes" or file.is_file()


def test_an_unknown_name_is_refused_with_a_guess(tmp_path):
    with pytest.raises(ZcBenchError, match="did you mean 'table3'"):
        reproduce("tabel3", folder=tmp_path)
    with pytest.raises(ZcBenchError, match="Unknown search space 'nb202': did you mean 'nb201'"):
        reproduce("figure4", folder=tmp_path, spaces="nb202")


def test_files_are_named_after_the_figure_and_hold_its_data(tmp_path):
    made = reproduce("figure10", folder=tmp_path, samples=7)
    assert [path.name for path in made.paths] == ["figure10.csv", "figure10.png", "figure10.pdf"]
    assert all(path.stat().st_size for path in made.paths)
    pd.testing.assert_frame_equal(pd.read_csv(made.paths[0]), made.table)


def test_both_sizes_of_figure_4_differ_in_image_size_alone():
    small, full = (
        read_experiment(SPECS / f"{name}.toml").runs for name in FIGURES if "figure4" in name
    )
    for one, other in zip(small, full, strict=True):
        size = 64 if one.space.startswith("tnb101") else None
        assert one.protocol == Protocol(image_size=size)
        assert other.protocol == Protocol()
        assert (one.tasks, one.proxies, one.samples) == (other.tasks, other.proxies, other.samples)


class TestRequest:
    def changed(self, runs, **changes):
        return Request("mine", Path("results"), **changes).changed(runs)

    def test_changes_what_is_asked_for_and_nothing_else(self):
        run = Spec("nb201", ("cifar10",), ("swap",), 50, 3, protocol=Protocol(8, image_size=16))
        assert self.changed([run]) == [run]
        (changed,) = self.changed([run], samples=5, seeds=2, inputs="noise", all_tasks=True)
        expected = Protocol(8, "noise", image_size=16)
        assert changed == Spec("nb201", (), ("swap",), 5, 2, protocol=expected)

    def test_takes_some_spaces(self):
        runs = [Spec("nb101"), Spec("nb201")]
        assert self.changed(runs, spaces=("nb201",)) == runs[1:]
        with pytest.raises(ZcBenchError, match=r"mine is not about darts: .* are nb101, nb201"):
            self.changed(runs, spaces=("nb201", "darts"))

    @pytest.mark.parametrize(
        ("budget", "share"), [("90s", 30.0), (90, 30.0), ("none", "none"), (None, None)]
    )
    def test_shares_its_time(self, budget, share):
        request = Request("mine", Path("results"), options={"budget": budget})
        assert request.with_share_of_time(3).options["budget"] == share


def test_another_size_of_images_is_told():
    tasks = ("jigsaw", "class_scene")
    small = [
        Spec(space, tasks, protocol=Protocol(image_size=64))
        for space in ("tnb101_micro", "tnb101_macro")
    ]
    assert list(remarks([Spec("nb201", ("cifar10",)), *small])) == [
        "tnb101_micro, tnb101_macro: images of 64×64 pixels instead of 255×255 or 256×256"
    ]


@pytest.mark.slow
def test_figure_4_is_scipys_on_shipped_scores_and_truth(tmp_path, data_folder, monkeypatch):
    monkeypatch.setenv("ZC_BENCH_SHIPPED", str(SHIPPED))
    computed = []
    original = ArchitectureScorer.score

    def score(self, key, names):
        computed.append(key)
        return original(self, key, names)

    monkeypatch.setattr(ArchitectureScorer, "score", score)
    made = reproduce("figure4", folder=tmp_path, device="cpu", progress=False)
    assert len(computed) <= 3 * len(list(SHIPPED.glob("*.h5")))  # compared with shipped ones
    assert made.ranking.spearman().shape == (17, 13)
    assert not made.interrupted
    table = made.table.set_index(["space", "task", "proxy"])
    for store in STORES:
        contents = with_derived(read_store(SHIPPED / f"{store}.h5"))
        truth = load_table(contents.space)
        rows = contents.frame()
        rows = rows[rows["status"].isin(["done", "invalid"])]
        for (task, proxy), trials in rows.groupby(["task", "proxy"]):
            # Invalid scores rank last; all these proxies are better when higher.
            scores = trials["score"].where(trials["status"] == "done", -1e300)
            accuracies = truth.lookup(task, trials["architecture"].tolist())
            seeds = pd.DataFrame({"score": scores, "truth": accuracies}).groupby(trials["seed"])
            rhos = [
                spearmanr(seed["score"], seed["truth"])[0]
                for _, seed in seeds
                if seed["score"].nunique() > 1
            ]
            expected = np.mean(rhos) if rhos else np.nan
            cell = table.loc[contents.space, task, proxy]
            assert cell["spearman"] == pytest.approx(expected, abs=1e-9, nan_ok=True)
            assert cell["n"] == seeds.size().min()
            small = contents.space.startswith("tnb101")
            assert cell["pixels"] == (64 if small else task_registry[task].image_size)
