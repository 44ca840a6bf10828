"""Experiments: what runs have in common, what they refuse, and the one that the repository holds."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from test_spec import SPECS
from zc_bench.engine.declare import proxy_registry
from zc_bench.errors import ZcBenchError
from zc_bench.spec import Experiment, Protocol, Spec

FIGURE_4 = Path(__file__).parents[1] / "zc_bench" / "paper" / "specs" / "figure4.toml"

TEXT = """
samples = 100
proxies = ["swap"]

[protocol]
inputs = "noise"
batch_size = 16

[[run]]
space = "nb201"

[[run]]
space = "nb101"
samples = 7
protocol.batch_size = 8
"""


class TestToml:
    def test_what_stands_above_the_runs_holds_for_all_that_do_not_differ(self):
        first, second = Experiment.from_toml(TEXT).runs
        assert first == Spec(
            "nb201", proxies=("swap",), samples=100, protocol=Protocol(16, "noise")
        )
        assert second == Spec("nb101", proxies=("swap",), samples=7, protocol=Protocol(8, "noise"))

    @given(st.lists(SPECS, min_size=1, max_size=4, unique_by=lambda spec: spec.space))
    def test_comes_back_equal(self, runs):
        experiment = Experiment(tuple(runs))
        assert Experiment.from_toml(experiment.to_toml()) == experiment


class TestRefusal:
    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("run = ", "The experiment is not valid TOML: "),
            ("samples = 3", "The experiment has no run: add a table [[run]]"),
            ("run = 3", "run = 3 has the wrong type: expected tables, [[run]]."),
            ("run = [3]", "run = [3] has the wrong type: expected tables, [[run]]."),
            (
                "sample = 3\n[[run]]\nspace = 'nb201'",
                "Unknown key 'sample': did you mean 'samples'?",
            ),
            ("[[run]]\nspaces = 'nb201'", "Unknown key 'spaces': did you mean 'space'?"),
            ("[[run]]\nsamples = 3", "The spec lacks space: add it."),
            (
                "protocol = 3\n[[run]]\nspace = 'nb201'",
                "protocol = 3 has the wrong type: expected a table, [protocol].",
            ),
            (
                "[[run]]\nspace = 'nb201'\n" * 2,
                "The experiment names the space 'nb201' twice: put all its tasks",
            ),
        ],
    )
    def test_is_one_sentence(self, text, sentence):
        with pytest.raises(ZcBenchError) as info:
            Experiment.from_toml(text)
        assert str(info.value).startswith(sentence)


class TestFigure4:
    def test_has_the_columns_the_samples_and_the_seeds_of_the_paper(self):
        runs = Experiment.from_toml(FIGURE_4.read_text()).runs
        assert {run.space: len(run.tasks) for run in runs} == {
            "nb101": 1,
            "nb201": 3,
            "nb301": 1,
            "tnb101_micro": 4,
            "tnb101_macro": 4,
        }
        assert {(run.samples, run.seeds) for run in runs} == {(1000, 5)}
        # Shipped scores of TransNAS-Bench-101 are of smaller images than the benchmark's.
        smaller = Protocol(image_size=64)
        assert [run.protocol for run in runs] == [Protocol()] * 3 + [smaller] * 2

    def test_names_every_proxy_that_comes_with_the_harness(self):
        for run in Experiment.from_toml(FIGURE_4.read_text()).runs:
            assert len(run.proxies) == len(set(run.proxies)) == 17
            assert set(run.proxies) <= proxy_registry.keys()
