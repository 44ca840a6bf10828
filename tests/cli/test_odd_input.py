"""Senseless options and paths: one sentence, no traceback, no waiting."""

import os

import pytest
from command_line import ARCHITECTURE, correlate

from zc_bench.figures.style import save

pytestmark = pytest.mark.usefixtures("data_folder")

SCORE = ("score", "--space", "nb201", "--task", "cifar10", "--arch", ARCHITECTURE)
MODEL = ("score", "--model", "torch.nn:Identity")
SEARCH = ("search", "--space", "nb201", "--inputs", "noise")
LONG = "x" * 300


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            (*SCORE, "--inputs", "~nosuchuser/x.npz"),
            "'~nosuchuser/x.npz' begins with ~ and no user's",
        ),
        (correlate("x", truth="~nosuchuser/x.csv"), "begins with ~ and no user's name"),
        ((*SCORE, "--inputs", LONG), "File name too long"),
        (("store", "show", LONG), "File name too long"),
        (("store", "show", "/"), "'/' names no file: give the path of a store"),
        (("store", "show", ""), "'.' names no file: give the path of a store"),
        (("store", "show", "."), "'.' names no file: give the path of a store"),
        (("store", "show", ".."), "'..'"),
        (("store", "merge", "", "--out", "y.h5"), "'.' names no file: give the path of a store"),
        (("report", "/"), "'/' names no file: give the path of a store"),
        (("data", "import", LONG, "--space", "nb201"), "File name too long"),
        (
            (*SCORE, "--batch-size", 10**9),
            "batch_size = 1000000000 will not do: expected a whole number,",
        ),
        (
            (*MODEL, "--input", "3x99999x99999"),
            "--input = '3x99999x99999' will not do: expected 268,435,456",
        ),
        ((*MODEL, "--input", "9" * 5000), "is no shape: write channels x height x width"),
        ((*MODEL, "--input", "1x1x1", "--classes", 10**30), "less than or equal to 1000000"),
        (
            correlate("x", seeds=100_000),
            "seeds = 100000 will not do: expected a whole number, 1,000 at",
        ),
        (
            correlate("x", threads=10**9),
            "threads = 1000000000 will not do: expected a whole number,",
        ),
        (
            correlate("x", workers=10**9),
            "workers = 1000000000 will not do: expected a whole number,",
        ),
        (
            (*SEARCH, "--population", 10**8),
            "population = 100000000 will not do: expected a whole number,",
        ),
        (
            (*SEARCH, "--mutations", 10**8),
            "mutations = 100000000 will not do: expected a whole number,",
        ),
        (
            (*SEARCH, "--evaluations", 10**12),
            "evaluations = 1000000000000 will not do: expected a whole",
        ),
        (
            (*SEARCH, "--seeds", 10**12),
            "seeds = 1000000000000 will not do: expected a whole number,",
        ),
        (("train", "x.pt"), "x.pt is no text: give a file that holds a genotype."),
    ],
)
def test_is_one_sentence(zc_bench, words, sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.pt").write_bytes(b"\xff\xfe")
    status, out, err = zc_bench(*words)
    assert status == 2
    assert out == ""
    # A usage error of typer folds its sentence in a box.
    assert sentence in " ".join(err.replace("\u2502", " ").split())
    assert "Traceback" not in err
    assert len(err) < 2000
    assert [item.name for item in tmp_path.iterdir()] == ["x.pt"]


def test_memory_that_does_not_do_is_one_sentence(zc_bench, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # 65,536 images of 268 million numbers.
    words = (*MODEL, "--input", "4x8192x8192", "--batch-size", 65_536, "--proxies", "params")
    status, _, err = zc_bench(*words)
    assert status == 2
    assert err.startswith("Error: There is not enough memory: take a smaller --batch-size")


def test_a_picture_that_does_not_fit_leaves_the_old_one(tmp_path, monkeypatch):
    from matplotlib.figure import Figure

    save(Figure(), tmp_path, "a")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device"):
        save(Figure(figsize=(1, 1)), tmp_path, "a")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
