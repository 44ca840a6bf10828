"""Names that users type, and plug-ins, good and broken ones."""

import os
import subprocess
import sys

import pytest

from zc_bench.errors import ZcBenchError
from zc_bench.registry import BrokenPlugin, Registry


@pytest.fixture
def colours():
    registry = Registry("colour")
    registry.register("red", 1)
    registry.register("green", 2)
    return registry


class TestRegistry:
    def test_gives_back_what_was_registered(self, colours):
        assert colours["red"] == 1

    def test_returns_the_item_so_that_it_can_decorate(self):
        item = object()
        assert Registry("colour").register("red", item) is item

    def test_keeps_the_order(self, colours):
        assert list(colours) == ["red", "green"]
        assert len(colours) == 2

    def test_knows_its_names(self, colours):
        assert "red" in colours
        assert "rad" not in colours
        assert 3 not in colours

    def test_helps_with_a_misspelt_name(self, colours):
        with pytest.raises(ZcBenchError, match=r"^Unknown colour 'gren': did you mean 'green'\?$"):
            colours["gren"]

    def test_lists_the_names_where_none_is_close(self, colours):
        with pytest.raises(ZcBenchError, match=r"^Unknown colour 'xyz': known are: green, red\.$"):
            colours["xyz"]

    def test_refuses_a_name_that_is_taken(self, colours):
        with pytest.raises(
            ZcBenchError, match="The colour 'red' is registered already: choose another name"
        ):
            colours.register("red", 3)
        assert colours["red"] == 1


GOOD = '''
from dataclasses import dataclass
from zc_bench import proxy, shared_pass
from zc_bench.passes.trial_inputs import TrialInputs

@dataclass(frozen=True)
class Batch:
    size: int

@shared_pass
def count_images(trial: TrialInputs) -> Batch:
    return Batch(len(trial.images))

@proxy("batch_images", source="nobody")
def batch_images(batch: Batch) -> float:
    """N, the number of images."""
    return batch.size
'''

USE = """
import sys
import torch
from torch import nn
import zc_bench
from zc_bench import cli

sys.argv = ["zc-bench", "list", "proxies"]
try:
    cli.main()
finally:
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 2))
    print(zc_bench.score(network, torch.ones(5, 3, 2, 2), proxies=["batch_images", "params"]))
"""


@pytest.fixture(scope="module")
def with_plugins(tmp_path_factory):
    """What the command line prints where a good plug-in is installed between two broken ones."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "a_broken.py").write_text("1 / 0")
    (folder / "good.py").write_text(GOOD)
    (folder / "z_clash.py").write_text(
        GOOD.replace("Batch:", "Other:").replace("-> Batch", "-> Other")
    )
    info = folder / "strangers-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: strangers\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[zc_bench.plugins]\na = a_broken\ngood = good\ngone = no_such_module\nclash = z_clash\n"
    )
    # In a process of its own: registries are shared by the whole process.
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, "-c", USE],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


class TestPlugins:
    def test_a_good_one_brings_its_proxy(self, with_plugins):
        assert "batch_images@1  N, the number of images." in with_plugins.stdout

    def test_its_proxy_and_pass_work_like_any_other(self, with_plugins):
        assert (
            "'batch_images': Score(value=5.0, status=<Status.DONE: 'done'>" in with_plugins.stdout
        )
        assert "'params': Score(value=2.6e-05" in with_plugins.stdout

    def test_a_broken_one_is_named_with_its_error(self, with_plugins):
        assert (
            "The plug-in 'a' (a_broken) was left out, its import failed: ZeroDivisionError: division by zero"
            in with_plugins.stderr
        )

    def test_an_absent_one_is_named_with_its_error(self, with_plugins):
        assert "The plug-in 'gone' (no_such_module) was left out" in with_plugins.stderr
        assert "No module named 'no_such_module'" in with_plugins.stderr

    def test_one_that_takes_a_name_is_named_with_its_error(self, with_plugins):
        assert "The plug-in 'clash' (z_clash) was left out" in with_plugins.stderr
        assert "'count_images'" in with_plugins.stderr

    def test_a_broken_one_hurts_nobody(self, with_plugins):
        assert with_plugins.returncode == 0
        assert "swap@" in with_plugins.stdout
        assert "Traceback" not in with_plugins.stderr

    def test_reads_as_a_sentence(self):
        broken = BrokenPlugin("mine", "my.module", "KeyError: 'x'")
        assert (
            str(broken)
            == "The plug-in 'mine' (my.module) was left out, its import failed: KeyError: 'x'"
        )
