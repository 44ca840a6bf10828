"""Images of another size than the task's."""

import dataclasses

import pytest
import torch

from zc_bench.errors import ZcBenchError
from zc_bench.evaluate import prepare
from zc_bench.inputs import find_images
from zc_bench.lab import Lab
from zc_bench.spec import Protocol, Spec
from zc_bench.store import TrialKey
from zc_bench.tasks import tasks, with_image_size

KEY = TrialKey("cifar10", "(2, 2, 2, 2, 2, 2)", 0)


def lab(size):
    images = find_images(with_image_size(tasks["cifar10"], size), "noise")
    return Lab("nb201", Protocol(16, "noise", image_size=size), {"cifar10": images}, torch.device("cpu"))


def test_no_size_is_the_tasks():
    assert with_image_size(tasks["cifar10"], None) is tasks["cifar10"]


def test_networks_see_images_of_the_size():
    small, usual = (lab(size).observe(KEY, ["swap"]).scores["swap"].value for size in (8, None))
    # Four times smaller on a side: a sixteenth of the units, and patterns among them.
    assert small < usual / 2
    assert lab(8).batch(with_image_size(tasks["cifar10"], 8), 0, "batch").images.shape == (16, 3, 8, 8)


def test_a_store_holds_scores_of_one_size():
    assert lab(8).identity()["protocol"]["image_size"] == 8
    assert lab(8).identity() != lab(16).identity()
    assert "image_size" not in lab(None).identity()["protocol"]


def test_runs_find_images_of_the_size(data_folder):
    spec = Spec("nb201", ("cifar10",), ("swap",), 1, 1, protocol=Protocol(4, "auto", image_size=8))
    assert prepare(spec, device="cpu", offline=True).lab.images["cifar10"].pixels.shape[1:3] == (8, 8)


def test_no_image_has_no_pixel():
    with pytest.raises(ZcBenchError, match="image_size = 0"):
        dataclasses.replace(Protocol(), image_size=0)
