"""Our model in place of NAS-Bench-301's: made-up tables whose truth is known, and the real one."""

import json
import math
import shutil

import numpy as np
import pandas as pd
import pytest
import scipy.stats

import nb301_surrogate
from surrogate.features import counts, edges, edges_and_sums
from surrogate.found import outcomes, read_searches, with_predictions
from surrogate.guides import published_scores
from surrogate.model import CANDIDATES, CHOSEN, out_of_fold, predict, quality
from surrogate.picture import accuracies, draw
from zc_bench.errors import ZcBenchError
from zc_bench.figures import regret_data
from zc_bench.seeding import numpy_generator
from zc_bench.spaces import space_registry
from zc_bench.tables import Table, load_table

SPACE = space_registry["nb301"]
ALL = (counts, edges, edges_and_sums)
LINEAR = CANDIDATES["edges, ridge"]


def drawn(n, seed=0):
    generator = numpy_generator(seed, "drawn")
    return sorted({SPACE.sample(generator).key for _ in range(n)})


def linear_table(n):
    """Architectures, and accuracies that are a weight per edge."""
    keys = drawn(n)
    marks = edges(keys)
    return keys, 90 + marks @ np.random.default_rng(0).normal(size=marks.shape[1])


class TestFeatures:
    @pytest.mark.parametrize("features", ALL)
    def test_equal_architectures_have_equal_features_however_they_are_written(self, features):
        (key,) = drawn(1)
        architecture = SPACE.parse(key)
        swapped = SPACE.native(architecture)
        for pairs in ("normal", "reduce"):
            cell = swapped.split(f"{pairs}=[")[1].split("]")[0]
            first, second, *rest = cell.split("), ")
            swapped = swapped.replace(
                f"{pairs}=[{cell}", f"{pairs}=[" + "), ".join([second, first, *rest])
            )
        assert swapped != SPACE.native(architecture)
        assert (features([swapped]) == features([key])).all()

    @pytest.mark.parametrize("features", [edges, edges_and_sums])
    def test_different_architectures_have_different_features(self, features):
        key = drawn(1)[0]
        keys = [
            key,
            *dict.fromkeys(item.key for item in SPACE.neighbours(SPACE.parse(key))),
            *drawn(300, seed=1),
        ]
        assert len(np.unique(features(keys), axis=0)) == len(set(keys)) > 400

    def test_they_are_what_the_key_says(self):
        normal = ((0, 3), (1, 3), (0, 3), (1, 3), (0, 3), (1, 3), (0, 3), (1, 3))
        reduction = ((0, 0), (1, 1), (0, 2), (2, 3), (0, 4), (3, 5), (0, 6), (4, 6))
        key = str((normal, reduction))
        assert counts([key])[0].tolist() == [0, 0, 0, 8, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2]
        marks = edges([key])[0].reshape(2, 5, 4, 7)
        for cell, pairs in enumerate((normal, reduction)):
            for place, (source, operation) in enumerate(pairs):
                assert marks[cell, source, place // 2, operation] == 1
        assert marks.sum() == 16
        summed = edges_and_sums([key])[0][marks.size :]
        # Of every sum, each mark is in one entry.
        assert summed.sum() == 5 * 16
        assert summed.max() == 8


class TestModel:
    def test_a_linear_truth_is_recovered(self):
        keys, truth = linear_table(1500)
        found = quality(truth, out_of_fold(LINEAR, keys, truth), {}).loc["all"]
        assert found["r2"] > 0.99
        assert found["kendall"] > 0.95
        new = drawn(50, seed=1)
        weights = np.random.default_rng(0).normal(size=280)
        assert predict(LINEAR, keys, truth, new) == pytest.approx(
            90 + edges(new) @ weights, abs=0.6
        )

    def test_boosting_beats_the_mean_and_is_the_same_again(self):
        keys, truth = linear_table(200)
        first, again = (out_of_fold(CANDIDATES[CHOSEN], keys, truth, folds=2) for _ in range(2))
        assert (first == again).all()
        assert quality(truth, first, {}).loc["all", "r2"] > 0.1

    def test_noise_is_not_predicted(self):
        keys = drawn(400)
        truth = np.random.default_rng(1).normal(size=len(keys))
        assert quality(truth, out_of_fold(LINEAR, keys, truth), {}).loc["all", "r2"] < 0.05

    def test_the_seed_divides_into_folds(self):
        keys, truth = linear_table(300)
        same, again, other = (out_of_fold(LINEAR, keys, truth, seed=seed) for seed in (0, 0, 1))
        assert (same == again).all()
        assert (same != other).any()

    def test_no_architecture_is_predicted_by_a_model_that_has_seen_it(self):
        keys, truth = linear_table(60)
        before = out_of_fold(LINEAR, keys, truth)
        changed = truth.copy()
        changed[7] += 1000
        after = out_of_fold(LINEAR, keys, changed)
        assert after[7] == pytest.approx(before[7])
        assert np.abs(after - before).max() > 1

    def test_quality_is_that_of_its_rows(self):
        generator = np.random.default_rng(2)
        truth = generator.normal(size=1000)
        predicted = truth / 2 + generator.normal(size=1000) / 10
        guide = generator.normal(size=1000)
        guide[:10] = math.nan
        found = quality(truth, predicted, {"nwot": guide})
        rows = {
            "all": np.arange(1000),
            "top tenth": np.argsort(truth)[-100:],
            "top tenth by prediction": np.argsort(predicted)[-100:],
            "top sixtieth by nwot": 10 + np.argsort(guide[10:])[-17:],
        }
        assert list(found.index) == list(rows)
        for name, chosen in rows.items():
            t, p = truth[chosen], predicted[chosen]
            expected = {
                "n": len(chosen),
                "r2": 1 - ((t - p) ** 2).sum() / ((t - t.mean()) ** 2).sum(),
                "kendall": scipy.stats.kendalltau(t, p).statistic,
                "rmse": math.sqrt(((t - p) ** 2).mean()),
                "bias": p.mean() - t.mean(),
            }
            assert found.loc[name].to_dict() == pytest.approx(expected)
        # It regresses to the mean, so it says too little of the best.
        assert found.loc["top tenth", "bias"] < -0.5


def test_published_scores_are_those_of_the_file(tmp_path, monkeypatch):
    keys = drawn(3)
    entries = {
        key: {"val_accuracy": 90.0, "snip": {"score": place}} for place, key in enumerate(keys)
    }
    entries[keys[0]]["grasp"] = {"score": 5.0}
    (tmp_path / "zc.json").write_text(json.dumps({"cifar10": entries}))
    monkeypatch.setenv("ZC_BENCH_DATA", str(tmp_path))
    table = Table("nb301", keys, {"cifar10": np.full(3, 90.0)}, {"file": "zc.json"})
    found = published_scores(table, "cifar10")
    assert found["snip"].tolist() == [0, 1, 2]
    assert abs(found["grasp"][0]) == 5
    assert np.isnan(found["grasp"][1:]).all()


@pytest.fixture
def folder(tmp_path):
    """What a search leaves: two algorithms, three seeds, two evaluations."""
    spec = {"space": "nb301", "task": "cifar10", "proxies": ["reg_swap"]}
    (tmp_path / "found.json").write_text(json.dumps({"search": spec}))
    keys = iter(drawn(12))
    rows = [
        (name, seed, evaluation, next(keys))
        for name in ("swap_nas", "random_search")
        for seed in range(3)
        for evaluation in (1, 2)
    ]
    columns = ["algorithm", "seed", "evaluation", "best"]
    pd.DataFrame(rows, columns=columns).to_csv(tmp_path / "history.csv", index=False)
    return tmp_path


class TestFound:
    def test_predictions_stand_where_the_truth_would(self, folder):
        searches = read_searches(folder)
        assert searches.guide == "reg_swap"
        accuracy = {key: float(place) for place, key in enumerate(searches.history["best"])}
        history = with_predictions(searches.history, accuracy)
        assert history["truth_of_best"].tolist() == list(range(12))
        found = outcomes(history)
        # Ends with 1, 3, 5 and 7, 9, 11: a mean over three seeds, and a lead that is the same in
        # each.
        half = scipy.stats.t.ppf(0.975, 2) * 2 / math.sqrt(3)
        assert found.loc["swap_nas"].to_list() == pytest.approx([3, half, -6, 0, 3])
        assert found.loc["random_search"].to_list() == pytest.approx([9, half, 0, 0, 3])

    def test_without_random_search_there_is_no_lead(self, folder):
        history = read_searches(folder).history
        history = history[history["algorithm"] == "swap_nas"].assign(truth_of_best=1.0)
        assert outcomes(history)["lead"].isna().all()

    def test_a_folder_without_a_search_is_refused(self, tmp_path):
        with pytest.raises(ZcBenchError, match="holds no search"):
            read_searches(tmp_path)
        (tmp_path / "found.json").write_text("{")
        with pytest.raises(ZcBenchError, match="holds no search"):
            read_searches(tmp_path)

    def test_a_search_of_another_space_is_refused(self, folder):
        spec = {"space": "nb201", "task": "cifar10", "proxies": ["swap"]}
        (folder / "found.json").write_text(json.dumps({"search": spec}))
        with pytest.raises(ZcBenchError, match="nb201"):
            read_searches(folder)


def test_the_picture_shows_accuracies(folder):
    history = read_searches(folder).history
    history = history.assign(truth_of_best=93 + history["evaluation"] / 10 + history["seed"] / 100)
    data = regret_data(history, 94.5, "accuracy, percent", "nb301")
    shown = accuracies(data)["swap_nas"]
    assert shown["mean"].tolist() == pytest.approx([93.11, 93.21])
    low, high = scipy.stats.t.interval(0.95, 2, 93.11, 0.01 / math.sqrt(3))
    assert shown.loc[1, ["low", "high"]].tolist() == pytest.approx([low, high])
    figure = draw(data, 93.0, 0.25)
    (axes,), (legend,) = figure.axes, figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["swap nas", "random search"]
    assert axes.get_lines()[0].get_ydata().tolist() == pytest.approx([93.11, 93.21])
    assert {line.get_ydata()[0] for line in axes.get_lines()[2:]} == {94.5, 93.0}
    assert "off by 0.25" in axes.get_title(loc="left")


def test_the_command_writes_picture_and_numbers(folder, data_folder, monkeypatch, capsys):
    keys, truth = linear_table(200)
    table = type("Table", (), {"keys": keys, "metrics": {"cifar10": truth}})
    monkeypatch.setattr(nb301_surrogate, "load_table", lambda *_, **__: table)
    monkeypatch.setattr(nb301_surrogate, "published_scores", lambda *_: {"nwot": truth})
    monkeypatch.setattr(nb301_surrogate, "CANDIDATES", {CHOSEN: LINEAR})
    monkeypatch.setattr(
        "sys.argv", ["nb301_surrogate.py", str(folder), "--out", str(folder / "out")]
    )
    assert nb301_surrogate.main() == 0
    said = capsys.readouterr().out
    assert "top tenth" in said
    assert "swap_nas" in said
    written = {path.name for path in (folder / "out").iterdir()}
    assert written == {f"search-nb301{end}" for end in (".png", ".pdf", ".csv", "-model.csv")}
    curves = pd.read_csv(folder / "out" / "search-nb301.csv", header=[0, 1], index_col=0)
    ends = (
        read_searches(folder)
        .history.query("algorithm == 'swap_nas' and evaluation == 2")["best"]
        .tolist()
    )
    assert curves.loc[2, ("swap_nas", "mean")] == pytest.approx(
        predict(LINEAR, keys, truth, ends).mean(), rel=1e-5
    )


def test_the_command_says_what_is_wrong_in_a_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["nb301_surrogate.py", str(tmp_path)])
    assert nb301_surrogate.main() == 2
    assert capsys.readouterr().err.startswith(f"Error: {tmp_path} holds no search")


@pytest.mark.data
@pytest.mark.slow
def test_the_real_table_is_predicted(shared_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("ZC_BENCH_DATA", str(tmp_path))
    shutil.copy(shared_folder / "data" / "raw" / "zc_nasbench301.json", tmp_path)
    table = load_table("nb301")
    truth = table.metrics["cifar10"]
    guides = published_scores(table, "cifar10")
    found = quality(truth, out_of_fold(CANDIDATES[CHOSEN], table.keys, truth, folds=3), guides)
    assert 0.70 < found.loc["all", "kendall"] < 0.85
    assert 0.2 < found.loc["all", "rmse"] < 0.3
    assert found.loc["top tenth", "bias"] < -0.05
    assert found["bias"].drop("top tenth").abs().max() < 0.05
    assert set(guides) == {"nwot", "zen"}
