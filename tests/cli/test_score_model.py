"""`zc-bench score --model`, as a user calls it."""

import json
import sys

import pytest
import torch
from typer.testing import CliRunner

from zc_bench import score
from zc_bench.cli import app
from zc_bench.errors import ZcBenchError
from zc_bench.images import Batch
from zc_bench.proxies.groups import default_proxies
from zc_bench.seeding import torch_seeded

NETWORKS = """
from torch import nn

def small():
    return nn.Sequential(nn.Conv2d(3, 6, 3), nn.GELU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 5))

class Flat(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(12, 3)

    def forward(self, x):
        return self.layer(x.flatten(1))

class Zoo:
    flat = Flat

ready = small()
text = "text"

def seven():
    return 7

def broken():
    raise ValueError("no\\nluck")
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A current folder with a module of networks."""
    (tmp_path / "strange_networks.py").write_text(NETWORKS)
    (tmp_path / "half_networks.py").write_text("import nowhere_at_all")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path[:])
    yield
    for name in ("strange_networks", "half_networks"):
        sys.modules.pop(name, None)


def run(*words):
    return CliRunner().invoke(app, ["score", *map(str, words)])


def scores(*words):
    result = run(*words, "--json")
    assert result.exception is None, result.exception
    return json.loads(result.stdout)


@pytest.mark.usefixtures("here")
class TestScores:
    def test_are_those_of_the_library(self):
        words = (
            "--model",
            "strange_networks:small",
            "--input",
            "3x8x8",
            "--batch-size",
            4,
            "--seed",
            3,
        )
        found = scores(*words, "--activations", "all", "--mu", 1, "--sigma", 2)
        assert tuple(found["scores"]) == default_proxies()
        assert {entry["status"] for entry in found["scores"].values()} == {"done"}

        from strange_networks import small

        def draw(purpose, function, *arguments):
            with torch_seeded(3, purpose):
                return function(*arguments)

        network = draw("weights\x1fstrange_networks:small", small)
        images, others = (draw(name, torch.randn, 4, 3, 8, 8) for name in ("batch", "second batch"))
        labels, other_labels = (
            draw(name, torch.randint, 5, (4,)) for name in ("labels", "second labels")
        )
        names = ["snip", "zico", "swap", "zen"]
        second = Batch(others, other_labels)
        ours = score(
            network, images, labels, proxies=names, second=second, activations="all", seed=3
        )
        assert {name: found["scores"][name]["value"] for name in names} == {
            name: entry.value for name, entry in ours.items()
        }

    def test_of_a_class_an_attribute_and_a_network_itself(self):
        flat = scores("--model", "strange_networks:Flat", "--input", "3x2x2", "--proxies", "params")
        zoo = scores(
            "--model", "strange_networks:Zoo.flat", "--input", "3X2X2", "--proxies", "params"
        )
        ready = scores(
            "--model", "strange_networks:ready", "--input", "3x8x8", "--proxies", "params"
        )
        assert [found["scores"]["params"]["value"] for found in (flat, zoo, ready)] == [
            39e-6,
            39e-6,
            203e-6,
        ]
        assert flat["classes"] == 3
        assert flat["input"] == [3, 2, 2]
        assert flat["batch_size"] == 32

    def test_take_fewer_classes_if_told_to(self):
        words = ("--model", "strange_networks:small", "--input", "3x8x8", "--proxies", "snip")
        assert scores(*words, "--classes", 2)["classes"] == 2
        assert scores(*words, "--classes", 2)["scores"] != scores(*words)["scores"]

    def test_are_a_table_otherwise(self):
        result = run(
            "--model", "strange_networks:small", "--input", "3x8x8", "--proxies", "params,swap"
        )
        assert ["params", "0.000203"] in [line.split() for line in result.stdout.splitlines()]
        assert (
            "strange_networks:small; seed 0; images: 32 x 3 x 8 x 8, standard normal noise; 5 classes"
            in result.stderr
        )


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("model", "shape", "expected"),
    [
        ("strange_networks", "3x8x8", "names no factory: write package.module:factory"),
        (
            "no_such_module:small",
            "3x8x8",
            "no_such_module cannot be imported (ModuleNotFoundError: No module named",
        ),
        ("half_networks:small", "3x8x8", "No module named 'nowhere_at_all'"),
        ("strange_networks:smal", "3x8x8", "has no 'smal'"),
        (
            "strange_networks:text",
            "3x8x8",
            "strange_networks:text is a str: name a function or class",
        ),
        (
            "strange_networks:seven",
            "3x8x8",
            "strange_networks:seven produces a int: a factory returns the network",
        ),
        (
            "strange_networks:broken",
            "3x8x8",
            "strange_networks:broken() fails (ValueError: no luck)",
        ),
        (
            "strange_networks:Flat",
            "3x8x8",
            "fails on images of 3x8x8 (RuntimeError: mat1 and mat2 shapes",
        ),
        ("strange_networks:Flat", "3x0x2", "--input '3x0x2' is no shape"),
        ("strange_networks:Flat", "3,2,2", "--input '3,2,2' is no shape"),
        ("strange_networks:Flat", "", "(--input missing)"),
        ("", "3x8x8", "(--model missing)"),
    ],
)
def test_what_is_wrong_is_said(model, shape, expected):
    error = run("--model", model, "--input", shape).exception
    assert isinstance(error, ZcBenchError)
    assert expected in str(error)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--space", "nb201"), "--space beside --model"),
        (("--preset", "swap-repo"), "leave out --preset and --inputs"),
        (("--inputs", "noise"), "leave out --preset and --inputs"),
    ],
)
def test_options_of_architectures_are_refused(here, words, expected):
    error = run("--model", "strange_networks:Flat", "--input", "3x2x2", *words).exception
    assert isinstance(error, ZcBenchError)
    assert expected in str(error)


def test_of_an_architecture_all_three_options_are_needed():
    error = run("--space", "nb201").exception
    assert isinstance(error, ZcBenchError)
    assert "(--arch, --task missing)" in str(error)
