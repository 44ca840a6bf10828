"""The benchmark of what a search costs.

It runs, and works out from times what it should. No time is asserted.
"""

import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.engine.execute import JobResult
from zc_bench.images import find_images
from zc_bench.spaces import space_registry
from zc_bench.spec import preset_registry
from zc_bench.store import TrialKey
from zc_bench.tasks import task_registry

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks" / "speed"))
import search as benchmark  # noqa: E402 - benchmarks are no package

KEY = TrialKey(
    "cifar10",
    "(('sep_conv_3x3', 0), ('skip_connect', 1), ('avg_pool_3x3', 0), ('max_pool_3x3', 2), "
    "('dil_conv_5x5', 1), ('skip_connect', 3), ('sep_conv_5x5', 2), ('skip_connect', 4))",
    0,
)


@pytest.fixture
def scorer():
    images = {"cifar10": find_images(task_registry["cifar10"], "noise")}
    return ArchitectureScorer(
        "darts_search", preset_registry["swap-nas"], images, torch.device("cpu")
    )


def result(seconds, build, forward, count):
    passes = {"build": build, "forward": forward, "distinct_patterns": count}
    return JobResult({}, passes, seconds=seconds)


def test_it_prints_three_tables(monkeypatch, capsys):
    options = (
        "--tasks cifar10 --timed 2 --repeats 1 --batch-size 4 --matrix 64 --threads "
        f"{torch.get_num_threads()}"
    )
    monkeypatch.setattr(sys, "argv", ["search.py", *options.split(), "--gpu", "Some GPU"])
    benchmark.main()
    printed = capsys.readouterr().out
    for expected in (
        "2 architectures; repeats: 1",
        "build networks",
        "share of this machine's peak",
        "GPU: Some GPU",
    ):
        assert expected in printed
    assert "No GPU was measured" in printed


def test_an_architecture_counts_as_in_its_fastest_run_and_the_parts_add_up():
    runs = [
        (10.0, [result(4.0, 1.0, 2.0, 0.5), result(3.0, 0.5, 2.0, 0.25)]),
        (12.0, [result(2.0, 0.5, 1.0, 0.25), result(8.0, 2.0, 4.0, 1.0)]),
    ]
    parts = benchmark.split(runs)
    assert parts == {
        "build": 0.5,
        "forward": 1.5,
        "distinct_patterns": 0.25,
        benchmark.REST: 0.25,
        benchmark.AROUND: 1.0,  # 12 - 10 seconds, of two architectures; the other run has 10 - 7
    }


def test_a_gpu_is_as_much_faster_as_its_peak_and_the_processor_keeps_its_part():
    seconds = {
        "build": 3.0,
        "forward": 5.0,
        "distinct_patterns": 1.0,
        benchmark.REST: 0.5,
        benchmark.AROUND: 0.25,
    }
    cost = benchmark.Cost(seconds, 10.0, 2.0, multiply_adds=3e9, moved=8e9)
    assert cost.rate == 1e9  # 3e9 multiply-adds are 6e9 operations, in 6 seconds
    projected = benchmark.project(cost, benchmark.Peak(1e11, 1e10), benchmark.Peak(1e13, 4e11))
    assert list(projected.values()) == pytest.approx([6 / 100, 8e9 / 4e11, 3 + 0.5 + 0.25 + 2])


def test_bytes_are_those_of_what_operations_read_and_write():
    images, rectify = torch.randn(2, 3, 4, 4), nn.Sequential(nn.ReLU(), nn.Flatten(), nn.ReLU())
    moved = benchmark.Moved()
    with torch.no_grad(), moved:
        rectify(images)
    assert (
        moved.total == 2 * 2 * images.nbytes
    )  # two rectifiers read and write; to flatten is a view


def test_the_work_of_a_score_is_that_of_all_its_networks_and_images(scorer):
    (flops,) = scorer.score(KEY, ["flops"]).scores.values()
    multiply_adds, moved = benchmark.work(scorer, [KEY, KEY])
    assert multiply_adds == pytest.approx(32 * 8 * 1e6 * flops.value)
    network, layers = scorer.network(KEY, task_registry["cifar10"]), []
    for module in network.modules():
        if not list(module.children()) and not isinstance(module, nn.Identity | nn.Flatten):
            module.register_forward_hook(
                lambda _module, inputs, output: layers.append((*inputs, output))
            )
    network(scorer.batch(task_registry["cifar10"], 0, "batch").images[:1])
    by_layers = sum(tensor.nbytes for pair in layers for tensor in pair)
    # Beside the layers there are sums, concatenations, weights, and the places of the largest
    # values.
    assert 1 < moved / (32 * 8 * by_layers) < 1.5


def test_the_searches_of_all_repeats_score_the_same_architectures(scorer):
    known = space_registry["darts_search"]
    found = [[key for key, _ in benchmark.run_search(scorer, "cifar10", 2)[1]] for _ in range(2)]
    assert found[0] == found[1]
    assert len({known.parse(key.architecture) for key in found[0]}) == 2
