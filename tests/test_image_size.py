"""Images of another size than the task's."""

import dataclasses

import pytest
import torch

from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.errors import ZcBenchError
from zc_bench.execution import resolve
from zc_bench.images import find_images
from zc_bench.spec import Protocol, Spec
from zc_bench.store import TrialKey
from zc_bench.tasks import task_registry, with_image_size

KEY = TrialKey("cifar10", "(2, 2, 2, 2, 2, 2)", 0)


def scorer(size):
    images = find_images(with_image_size(task_registry["cifar10"], size), "noise")
    return ArchitectureScorer(
        "nb201", Protocol(16, "noise", image_size=size), {"cifar10": images}, torch.device("cpu")
    )


def test_no_size_is_the_tasks():
    assert with_image_size(task_registry["cifar10"], None) is task_registry["cifar10"]


def test_networks_see_images_of_the_size():
    small, usual = (scorer(size).score(KEY, ["swap"]).scores["swap"].value for size in (8, None))
    # Four times smaller on a side: a sixteenth of the units, and patterns among them.
    assert small < usual / 2
    assert scorer(8).batch(
        with_image_size(task_registry["cifar10"], 8), 0, "batch"
    ).images.shape == (16, 3, 8, 8)


def test_a_store_holds_scores_of_one_size():
    of_eight, of_sixteen, usual = (scorer(size).fingerprints(["params"]) for size in (8, 16, None))
    assert of_eight["params@1"]["protocol"]["image_size"] == 8
    assert of_eight != of_sixteen
    assert "image_size" not in usual["params@1"]["protocol"]


def test_runs_find_images_of_the_size(data_folder):
    spec = Spec("nb201", ("cifar10",), ("swap",), 1, 1, protocol=Protocol(4, "auto", image_size=8))
    assert resolve(spec, "cpu").scorer.images["cifar10"].pixels.shape[1:3] == (
        8,
        8,
    )


def test_no_image_has_no_pixel():
    with pytest.raises(ZcBenchError, match="image_size = 0"):
        dataclasses.replace(Protocol(), image_size=0)
