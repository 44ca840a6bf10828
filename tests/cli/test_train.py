"""`zc-bench train`, as a user calls it."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from zc_bench.cli import app
from zc_bench.errors import ZcBenchError
from zc_bench.spaces import space_registry
from zc_bench.train.trainer import Trainer

CELL = "((0, 0), (1, 2), (0, 3), (2, 2), (1, 1), (3, 5), (0, 2), (2, 2))"
KEY = f"({CELL}, {CELL})"
NATIVE = space_registry["darts"].native(space_registry["darts"].parse(KEY))


@pytest.fixture
def train(tmp_path):
    """Train the smallest network there is with 20 images of noise."""
    generator = np.random.default_rng(0)
    images, labels = generator.integers(0, 256, (20, 32, 32, 3), np.uint8), np.arange(20) % 10
    np.savez(tmp_path / "cifar10.npz", images=images, labels=labels)

    def run(genotype, *words):
        given = [
            "--inputs",
            tmp_path,
            "--out",
            tmp_path / "out",
            "--width",
            2,
            "--cells",
            2,
            "--batch-size",
            9,
        ]
        return CliRunner().invoke(app, ["train", *map(str, (genotype, *given, *words))])

    return run


def test_it_writes_what_the_network_is_worth(train, tmp_path):
    result = train(NATIVE, "--epochs", 2)
    assert result.exit_code == 0, result.output
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"result.json", "log.csv", "training.png", "training.pdf", "checkpoint.pt"}
    found = json.loads((tmp_path / "out" / "result.json").read_text())
    log = pd.read_csv(tmp_path / "out" / "log.csv")
    assert (found["genotype"], found["epochs"], found["whole"]) == (NATIVE, 2, True)
    assert found["validation_accuracy"] == log["validation_accuracy"].iloc[-1]
    assert found["best_validation_accuracy"] == log["validation_accuracy"].max()
    assert found["images"]["validation"] == "every tenth of those, 2"
    assert "2 of 2" in result.output


def test_a_budget_is_kept_and_the_rest_done_later(train, tmp_path):
    assert "The budget is used up" in train(KEY, "--epochs", 2, "--budget", "0s").output
    assert json.loads((tmp_path / "out" / "result.json").read_text())["whole"] is False
    assert train(KEY, "--epochs", 2).exit_code == 0
    assert json.loads((tmp_path / "out" / "result.json").read_text())["whole"] is True


def test_ctrl_c_leaves_whole_epochs(train, tmp_path, monkeypatch):
    run_epoch = Trainer.run_epoch

    def interrupted(self, epoch, tick):
        if epoch == 1:
            raise KeyboardInterrupt
        return run_epoch(self, epoch, tick)

    monkeypatch.setattr(Trainer, "run_epoch", interrupted)
    result = train(KEY, "--epochs", 2)
    assert result.exit_code == 130
    assert "Stopped" in result.output
    assert len(pd.read_csv(tmp_path / "out" / "log.csv")) == 1


def test_a_genotype_may_stand_in_a_file_and_start_over(train, tmp_path):
    (tmp_path / "genotype.txt").write_text(f"{NATIVE}\n")
    assert train(tmp_path / "genotype.txt", "--epochs", 1).exit_code == 0
    assert isinstance(train(KEY, "--epochs", 1, "--seed", 1).exception, ZcBenchError)
    assert train(KEY, "--epochs", 1, "--seed", 1, "--fresh").exit_code == 0
    assert json.loads((tmp_path / "out" / "result.json").read_text())["plan"]["seed"] == 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("nonsense",), "is not a pair of DARTS cells"),
        (
            (KEY, "--dataset", "cifar100"),
            "'darts' is for the tasks cifar10, imagenet, not for 'cifar100'",
        ),
        ((KEY, "--preset", "dart"), "did you mean 'darts'"),
        ((KEY, "--epochs", 0), "epochs = 0 will not do"),
        ((KEY, "--budget", "soon"), "'soon' is no duration"),
        ((KEY, "--inputs", "/nowhere"), "no images to train with at /nowhere"),
    ],
)
def test_what_is_wrong_is_said(train, words, expected, tmp_path):
    error = train(*words).exception
    assert isinstance(error, ZcBenchError)
    assert expected in str(error)
    assert not (tmp_path / "out").exists()
