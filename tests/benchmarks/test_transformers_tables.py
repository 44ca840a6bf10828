"""The tables of docs/transformers.md, from a small store, against scipy."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import linregress, spearmanr

import transformers
from zc_bench import load_table, run
from zc_bench.errors import ZcBenchError
from zc_bench.spec import Protocol

pytestmark = pytest.mark.usefixtures("data_folder")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "scores.h5"
    protocol = Protocol(batch_size=16, image_size=8)
    names = ("swap", "params")
    run(
        "flexibert",
        proxies=names,
        samples=6,
        seeds=1,
        protocol=protocol,
        store=path,
        progress=False,
    )
    return path


def test_trivial_numbers_and_scores_stand_beside_the_truth(store: Path) -> None:
    space, frame = transformers.frame_of(store)
    truth = load_table("flexibert")["glue"]
    assert space == "flexibert"
    assert len(frame) == 6
    for key, row in frame.iterrows():
        layers = [layer.split(":") for layer in str(key).split("|")[1:]]
        assert row["glue"] == truth[key]
        assert row["depth"] == len(layers)
        assert row["feed-forward matrices"] == sum(int(layer[-1]) for layer in layers)
        assert row["units"] == 128 * sum(int(layer[-2]) * int(layer[-1]) for layer in layers)
    rho = spearmanr(frame["swap"], frame["glue"]).statistic
    assert f"| swap | {rho:.3f} |" in transformers.tables(space, frame)


def test_other_stores_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "scores.h5"
    run("nb201", tasks="cifar10", proxies="params", samples=3, seeds=1, store=path, progress=False)
    with pytest.raises(ZcBenchError, match="give a store of FlexiBERT"):
        transformers.frame_of(path)


def test_effects_are_least_squares(tmp_path: Path) -> None:
    """Of networks that differ in one layer's heads alone, the effect is a slope."""
    generator, path = np.random.default_rng(0), tmp_path / "trainings.csv"
    heads = generator.integers(2, size=(60, 2)) * 2 + 2
    seconds, glue = generator.random((2, 60))
    kinds = ("SA:SDP", "SA:WMA", "LT:DFT", "LT:DCT", "DSC:5", "DSC:9")
    rest = [f"{inner}:{stack}" for inner in (512, 1024) for stack in (1, 3)]
    drawn = [
        "|".join(f"{generator.choice(kinds)}:{head}:{generator.choice(rest)}" for head in row)
        for row in heads
    ]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["hidden_size", "layers", "train_seconds", "glue"])
        writer.writerows(
            (128, row, *values)
            for row, *values in zip(drawn, seconds, glue + (heads == 4).sum(1) * 50, strict=True)
        )
    written = transformers.effects(path)
    line = next(line for line in written.splitlines() if line.startswith("| four heads"))
    slope = linregress((heads == 4).sum(1), glue + (heads == 4).sum(1) * 50).slope
    assert float(line.split("|")[3].split()[0]) == pytest.approx(slope, rel=0.01)
    assert "n = 60" in written
