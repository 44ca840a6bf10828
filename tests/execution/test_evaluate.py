"""From a spec to rows: nothing but the spec, the device and the number of threads changes a score."""

import dataclasses
import subprocess
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from fake_executor import KEYS, fake_run
from tiny import CHEAP, bits, tiny

from zc_bench.engine import declare as observations
from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.engine.declare import proxy
from zc_bench.engine.execute import JobResult
from zc_bench.engine.scores import Score, Status
from zc_bench.errors import ZcBenchError
from zc_bench.execution import JobQueue, evaluate, prepare, run_trials, with_truth
from zc_bench.execution import queue as agenda_module
from zc_bench.execution.local import LocalExecutor
from zc_bench.execution.trials import trial_rounds
from zc_bench.passes.network_size import NetworkSize
from zc_bench.store import TrialKey, read_store

HERE = LocalExecutor(torch.device("cpu"))


@pytest.fixture
def result(monkeypatch):
    """A list that the scorer fills with what it is asked to observe."""
    calls = []
    original = ArchitectureScorer.score

    def observe(self, key, names):
        calls.append((key, tuple(names)))
        return original(self, key, names)

    monkeypatch.setattr(ArchitectureScorer, "score", observe)
    return calls


@pytest.mark.usefixtures("data_folder")
class TestEvaluate:
    def test_gives_a_row_per_trial_and_proxy_with_the_ground_truth(self, tmp_path):
        spec = tiny("params", "l2_norm")
        frame = evaluate(spec, tmp_path / "scores.h5", offline=True)
        table = prepare(spec, offline=True).table
        assert list(frame) == [
            *("space", "task", "architecture", "seed", "proxy", "version"),
            *("score", "status", "reason", "seconds", "truth"),
        ]
        assert len(frame) == 3 * 2 * 2
        assert set(frame["status"]) == {"done"}
        assert (
            frame["truth"].tolist()
            == table.lookup("cifar10", frame["architecture"].tolist()).tolist()
        )

    def test_a_budget_of_nothing_gives_one_trial(self, tmp_path):
        frame = evaluate(tiny("params"), tmp_path / "scores.h5", offline=True, budget=0)
        assert frame["seed"].tolist() == [0]

    @pytest.mark.parametrize(
        ("change", "hint"),
        [
            ({"space": "nb202"}, "did you mean 'nb201'"),
            ({"tasks": ("cifar11",)}, "did you mean 'cifar10'"),
            ({"tasks": ("jigsaw",)}, "nb201 has no networks for the task 'jigsaw'"),
            ({"proxies": ("swop",)}, "did you mean 'swap'"),
        ],
    )
    def test_what_is_misspelt_is_told_before_processes_start(
        self, change, hint, tmp_path, monkeypatch
    ):
        monkeypatch.setattr(sys.modules[evaluate.__module__], "open_workers", None)
        with pytest.raises(ZcBenchError, match=hint):
            evaluate(dataclasses.replace(tiny(), **change), tmp_path / "scores.h5", workers=2)

    def test_threads_are_as_before(self, tmp_path):
        before = torch.get_num_threads()
        evaluate(
            tiny("params", samples=1), tmp_path / "scores.h5", offline=True, threads=before + 1
        )
        assert torch.get_num_threads() == before
        assert read_store(tmp_path / "scores.h5").provenance["environment"]["threads"] == before + 1

    def test_rows_of_a_longer_run_are_left_out_of_a_shorter_one(self, tmp_path):
        evaluate(tiny("params", "l2_norm"), tmp_path / "scores.h5", offline=True)
        frame = evaluate(tiny("params", samples=1), tmp_path / "scores.h5", offline=True)
        assert frame["proxy"].tolist() == ["params", "params"]

    def test_a_proxy_that_is_added_later_computes_its_own_column_only(self, tmp_path, result):
        evaluate(tiny("params"), tmp_path / "scores.h5", offline=True)
        result.clear()
        frame = evaluate(tiny("params", "l2_norm"), tmp_path / "scores.h5", offline=True)
        assert {names for _, names in result} == {("l2_norm",)}
        assert len(result) == 6
        assert bits(frame) == bits(
            evaluate(tiny("params", "l2_norm"), tmp_path / "other.h5", offline=True)
        )

    def test_a_new_version_computes_its_own_column_only(self, tmp_path, result, monkeypatch):
        evaluate(tiny("params", "l2_norm"), tmp_path / "scores.h5", offline=True)
        result.clear()
        raised = dataclasses.replace(observations.proxy_registry["params"], version=99)
        monkeypatch.setitem(observations.proxy_registry._items, "params", raised)
        frame = evaluate(tiny("params", "l2_norm"), tmp_path / "scores.h5", offline=True)
        assert {names for _, names in result} == {("params",)}
        assert frame.groupby("proxy")["version"].unique().map(list).to_dict()["params"] == [99]
        assert len(frame) == 12

    def test_another_protocol_is_refused(self, tmp_path):
        evaluate(tiny("swap", samples=1), tmp_path / "scores.h5", offline=True)
        with pytest.raises(ZcBenchError, match=r"swap@1 \(protocol batch_size: 4 there, 5 now\)"):
            evaluate(tiny("swap", samples=1, batch_size=5), tmp_path / "scores.h5", offline=True)

    def test_one_failed_proxy_costs_its_cells_and_is_tried_again(self, tmp_path, monkeypatch):
        monkeypatch.setattr(
            observations.proxy_registry, "_items", dict(observations.proxy_registry._items)
        )
        broken = True

        @proxy("moody", source="nobody")
        def moody(size: NetworkSize) -> float:
            """Fail, until mended."""
            if broken:
                message = "not in the mood"
                raise RuntimeError(message)
            return 1.0

        spec = tiny("moody", "params", samples=2, seeds=1)
        frame = evaluate(spec, tmp_path / "scores.h5", offline=True).set_index("proxy")
        assert set(frame.loc["moody", "status"]) == {"failed"}
        assert set(frame.loc["moody", "reason"]) == {"moody: RuntimeError: not in the mood"}
        assert frame.loc["moody", "score"].isna().all()
        assert set(frame.loc["params", "status"]) == {"done"}
        broken = False
        frame = evaluate(spec, tmp_path / "scores.h5", offline=True).set_index("proxy")
        assert set(frame["status"]) == {"done"}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The scores of a run that nothing disturbed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZC_BENCH_DATA", str(tmp_path_factory.mktemp("data")))
        return bits(evaluate(tiny(), tmp_path_factory.mktemp("run") / "scores.h5", offline=True))


@pytest.mark.usefixtures("data_folder")
class TestSameBits:
    """A score depends on its trial and the spec, not on company, order, interruptions or the process."""

    def test_again(self, undisturbed, tmp_path):
        assert bits(evaluate(tiny(), tmp_path / "scores.h5", offline=True)) == undisturbed

    def test_alone(self, undisturbed, tmp_path):
        alone = {}
        for name in CHEAP:
            alone |= bits(evaluate(tiny(name), tmp_path / f"{name}.h5", offline=True))
        assert alone == undisturbed

    def test_among_all_proxies(self, undisturbed, tmp_path):
        spec = dataclasses.replace(tiny(samples=1), proxies=())
        together = bits(evaluate(spec, tmp_path / "scores.h5", offline=True))
        shared = together.keys() & undisturbed.keys()
        assert len(shared) == 2 * len(CHEAP)
        assert {key: together[key] for key in shared} == {key: undisturbed[key] for key in shared}

    def test_in_reversed_order(self, undisturbed, tmp_path, monkeypatch):
        monkeypatch.setattr(
            agenda_module,
            "trial_rounds",
            lambda drawn: [round_[::-1] for round_ in reversed([*trial_rounds(drawn)])],
        )
        assert bits(evaluate(tiny(), tmp_path / "scores.h5", offline=True)) == undisturbed

    @pytest.mark.parametrize("finished", range(9))
    def test_after_an_interruption(self, undisturbed, tmp_path, result, finished):
        run = prepare(tiny(), offline=True)
        with run.open_store(tmp_path / "scores.h5") as store:
            list(
                islice(
                    run_trials([JobQueue(run, store)], LocalExecutor(run.scorer.device)),
                    finished + 1,
                )
            )
        assert bits(evaluate(tiny(), tmp_path / "scores.h5", offline=True)) == undisturbed
        scores = [(key, name) for key, names in result for name in names]
        assert len(scores) == len(set(scores)) == 6 * len(CHEAP)

    def test_after_stopping_for_lack_of_time_again_and_again(self, undisturbed, tmp_path, result):
        # Of the first seed's three architectures, grad_norm comes after the others.
        frames = [
            evaluate(tiny(), tmp_path / "scores.h5", offline=True, budget=0) for _ in range(9)
        ]
        assert [int(frame["score"].notna().sum()) for frame in frames] == [
            2,
            4,
            6,
            7,
            8,
            9,
            12,
            15,
            18,
        ]
        assert bits(frames[-1]) == undisturbed
        assert len(result) == 9

    def test_in_a_larger_run(self, undisturbed, tmp_path):
        larger = bits(evaluate(tiny(samples=4, seeds=3), tmp_path / "scores.h5", offline=True))
        assert {key: larger[key] for key in undisturbed} == undisturbed

    def test_in_another_process(self, undisturbed, tmp_path):
        script = "from test_evaluate import *; print(bits(evaluate(tiny(), Path(sys.argv[1]), offline=True)))"
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / "scores.h5")],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == str(undisturbed)


class TestWithTruth:
    def test_rows_stand_in_the_order_of_the_draw(self, store):
        run = fake_run()
        for key in reversed(
            [TrialKey(task, key, seed) for (task, seed), keys in run.drawn.items() for key in keys]
        ):
            store.append(key, run.scorer.score(key, ["params"]), {"params": "params@1"})
        rows = with_truth(store.contents, run)
        found = list(zip(rows["task"], rows["seed"], rows["architecture"], strict=True))
        assert found == [
            (task, seed, key) for (task, seed), keys in run.drawn.items() for key in keys
        ]

    def test_of_an_empty_store_has_the_columns(self, store):
        frame = with_truth(store.contents, fake_run())
        assert frame.empty
        assert {"space", "proxy", "score", "status", "truth"} <= set(frame)

    def test_leaves_out_what_the_run_did_not_ask_for(self, store):
        list(run_trials([JobQueue(fake_run(), store)], HERE))
        other = TrialKey("a", "(elsewhere,)", 0)
        store.append(
            other,
            JobResult({"params": Score(1.0, Status.DONE, "", 0.0)}, {}),
            {"params": "params@1"},
        )
        frame = with_truth(store.contents, fake_run(samples=2, seeds=1))
        assert len(frame) == 2 * 2
        assert "(elsewhere,)" not in set(frame["architecture"])

    def test_puts_the_truth_of_the_task_beside_each_score(self, store):
        run = fake_run(truth={"a": np.arange(60.0), "b": 100 + np.arange(60.0)})
        list(run_trials([JobQueue(run, store)], HERE))
        for row in with_truth(store.contents, run).to_dict("records"):
            assert row["truth"] == KEYS.index(row["architecture"]) + (
                100 if row["task"] == "b" else 0
            )
