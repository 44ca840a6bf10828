"""Runs: which trials they have, in what order, when they stop, and that nothing but the spec changes a score."""

import dataclasses
import importlib
import subprocess
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from zc_bench import observe as observations
from zc_bench.errors import ZcBenchError
from zc_bench.evaluate import Run, evaluate, find_device, prepare, run_trials, trial_rounds, with_truth
from zc_bench.lab import Lab
from zc_bench.observe import Observed, Score, Status, proxy
from zc_bench.passes.network_size import NetworkSize
from zc_bench.spec import Protocol, Spec
from zc_bench.store import Store, TrialKey, read_store
from zc_bench.tables import Table

# The package's attribute of that name is the function.
module = importlib.import_module("zc_bench.evaluate")

KEYS = tuple(f"({index},)" for index in range(10))
CHEAP = ("params", "grad_norm", "swap")


def tiny(*proxies, samples=3, seeds=2, **protocol):
    """A run that takes a second: two seeds, three architectures, four images of noise."""
    return Spec(
        "nb201",
        ("cifar10",),
        proxies or CHEAP,
        samples,
        seeds,
        Protocol(**{"batch_size": 4, "inputs": "noise"} | protocol),
    )


def bits(frame):
    """Write every score to the last bit, by trial and proxy."""
    columns = ["task", "architecture", "seed", "proxy"]
    return {tuple(row[name] for name in columns): row["score"].hex() for row in frame.to_dict("records")}


@pytest.fixture
def observed(monkeypatch):
    """A list that the lab fills with what it is asked to observe."""
    calls = []
    original = Lab.observe

    def observe(self, key, names):
        calls.append((key, tuple(names)))
        return original(self, key, names)

    monkeypatch.setattr(Lab, "observe", observe)
    return calls


class FakeLab:
    """Scores at once, or fails."""

    def __init__(self, status=Status.DONE):
        self.status = status
        self.keys = []

    def observe(self, key, names):
        self.keys.append(key)
        return Observed({name: Score(1.0, self.status, "", 0.0) for name in names}, {})


def fake_run(lab=None, *, tasks=("a", "b"), samples=4, seeds=3, truth=None):
    """A run over ten architectures and two tasks of a fake lab."""
    metrics = truth or {task: np.arange(10.0) for task in tasks}
    table = Table("nb201", KEYS, metrics, {"file": "none"})
    return Run(Spec("nb201", tasks, ("params",), samples, seeds), table, lab or FakeLab())


class TestRounds:
    def test_hold_one_architecture_of_every_seed_for_every_task(self):
        run = fake_run()
        rounds = list(trial_rounds(run.spec, run.table))
        assert len(rounds) == 4
        for keys in rounds:
            assert [(key.seed, key.task) for key in keys] == [(s, t) for s in range(3) for t in ("a", "b")]

    def test_every_seed_has_its_own_architectures(self):
        run = fake_run()
        drawn = {
            seed: [key.architecture for keys in trial_rounds(run.spec, run.table) for key in keys if key.seed == seed]
            for seed in range(3)
        }
        assert len({tuple(keys) for keys in drawn.values()}) == 3

    def test_tasks_with_the_same_truth_share_the_architectures_of_a_seed(self):
        run = fake_run()
        for keys in trial_rounds(run.spec, run.table):
            assert len({(key.seed, key.architecture) for key in keys}) == 3

    def test_a_shorter_run_begins_a_longer_one(self):
        short, long = fake_run(samples=2), fake_run(samples=4)
        assert list(trial_rounds(short.spec, short.table)) == list(islice(trial_rounds(long.spec, long.table), 2))

    def test_architectures_without_ground_truth_are_not_drawn(self):
        truth = {"a": np.where(np.arange(10) < 3, np.arange(10.0), np.nan), "b": np.arange(10.0)}
        run = fake_run(samples=5, truth=truth)
        keys = [key for keys in trial_rounds(run.spec, run.table) for key in keys]
        assert {key.architecture for key in keys if key.task == "a"} == set(KEYS[:3])
        assert Counter((key.task, key.seed) for key in keys) == {
            (task, seed): count for task, count in (("a", 3), ("b", 5)) for seed in range(3)
        }

    def test_end_where_there_are_no_more_architectures(self):
        run = fake_run(samples=1000)
        assert sum(map(len, trial_rounds(run.spec, run.table))) == 10 * 3 * 2


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "scores.h5", {}, {}) as store:
        yield store


@pytest.fixture
def clock(monkeypatch):
    """A clock that a fake lab turns on by a second per trial."""
    lab = FakeLab()
    monkeypatch.setattr(module.time, "monotonic", lambda: float(len(lab.keys)))
    return lab


class TestRunTrials:
    def test_says_how_far_it_is_after_every_trial(self, store):
        progress = list(run_trials(fake_run(), store))
        assert [step.finished for step in progress] == list(range(25))
        assert [step.computed for step in progress] == list(range(25))
        assert {step.total for step in progress} == {24}
        assert {step.failed for step in progress} == {0}

    def test_a_trial_is_stored_before_it_is_told(self, store):
        for progress in run_trials(fake_run(), store):
            assert len(read_store(store.path).trials) == progress.finished

    def test_computes_nothing_again(self, store):
        list(run_trials(fake_run(), store))
        lab = FakeLab()
        (progress,) = run_trials(fake_run(lab), store)
        assert (progress.finished, progress.total, progress.computed) == (24, 24, 0)
        assert lab.keys == []

    def test_goes_on_where_it_was_interrupted(self, store):
        first, second = FakeLab(), FakeLab()
        list(islice(run_trials(fake_run(first), store), 8))
        steps = list(run_trials(fake_run(second), store))
        assert (steps[0].finished, steps[0].computed, steps[-1].finished) == (7, 0, 24)
        assert len(first.keys) == 7
        assert set(first.keys).isdisjoint(second.keys)

    def test_a_longer_run_computes_the_difference(self, store):
        list(run_trials(fake_run(samples=2), store))
        lab = FakeLab()
        assert len(list(run_trials(fake_run(lab, samples=4, seeds=4), store))) - 1 == 4 * 4 * 2 - 2 * 3 * 2

    @pytest.mark.parametrize("status", [Status.FAILED, Status.OUT_OF_MEMORY])
    def test_counts_what_failed_and_tries_it_again(self, store, status):
        assert list(run_trials(fake_run(FakeLab(status)), store))[-1].failed == 24
        lab = FakeLab()
        steps = list(run_trials(fake_run(lab), store))
        assert len(lab.keys) == 24
        assert (steps[0].finished, steps[-1].finished, steps[-1].failed) == (0, 24, 0)

    @pytest.mark.parametrize("status", [Status.INVALID, Status.UNDEFINED])
    def test_does_not_try_again_what_has_no_score(self, store, status):
        list(run_trials(fake_run(FakeLab(status)), store))
        assert len(list(run_trials(fake_run(), store))) == 1


class TestBudget:
    @pytest.mark.parametrize(("budget", "rounds"), [(0, 1), (6, 1), (11, 1), (12, 2), (17, 2), (18, 3), (1000, 4)])
    def test_takes_the_rounds_that_fit_and_always_one(self, store, clock, budget, rounds):
        list(run_trials(fake_run(clock), store, budget))
        assert Counter(key.seed for key in clock.keys) == dict.fromkeys(range(3), 2 * rounds)

    def test_a_round_that_was_interrupted_counts_as_the_one(self, store, clock):
        list(islice(run_trials(fake_run(), store), 3))
        list(run_trials(fake_run(clock), store, 0))
        assert len(clock.keys) == 4

    def test_nothing_is_done_where_nothing_is_left(self, store, clock):
        list(run_trials(fake_run(), store))
        list(run_trials(fake_run(clock), store, 0))
        assert clock.keys == []


@pytest.mark.usefixtures("data_folder")
class TestPrepare:
    def test_resolves_tasks_and_proxies(self):
        run = prepare(Spec("nb201", protocol=Protocol(inputs="noise")), offline=True)
        assert run.spec.tasks == ("cifar10",)
        assert run.spec.proxies == tuple(observations.proxies)

    def test_takes_what_is_named_twice_for_once(self):
        spec = Spec("nb201", ("cifar10", "cifar10"), ("swap", "snip", "swap"), protocol=Protocol(inputs="noise"))
        resolved = prepare(spec, offline=True).spec
        assert (resolved.tasks, resolved.proxies) == (("cifar10",), ("swap", "snip"))

    def test_says_which_ground_truth_and_images_are_used(self):
        said = []
        prepare(tiny(), offline=True, say=said.append)
        assert said[0].startswith("Ground truth of nb201: ")
        assert said[1] == "Images for cifar10: standard normal noise, uniform labels"

    def test_records_who_computes_from_what(self):
        about = prepare(tiny(), offline=True).about()
        assert about["spec"]["samples"] == 3
        assert about["fingerprint"] == tiny().fingerprint()
        assert about["environment"]["device"] == "cpu"
        assert about["table"]["source"].startswith("PyPI package analog-nasbench")
        assert about["images"] == {"cifar10": "standard normal noise, uniform labels"}
        assert {"mu", "sigma"} <= about["regularisation"]["cifar10"].keys()

    @pytest.mark.parametrize(
        ("spec", "sentence"),
        [
            (Spec("nb210"), "Unknown search space 'nb210': did you mean 'nb201'"),
            (Spec("nb201", ("cifar",)), "Unknown task 'cifar': did you mean 'cifar10'"),
            (Spec("nb201", proxies=("swapp",)), "Unknown proxy 'swapp': did you mean 'swap'"),
            (Spec("nb201", ("cifar100",)), "has no ground truth for task 'cifar100': it holds cifar10"),
            (tiny(inputs="absent.npz"), "There are no images at absent.npz"),
        ],
    )
    def test_refuses_what_is_not_to_be_had(self, spec, sentence):
        with pytest.raises(ZcBenchError, match=sentence):
            prepare(spec, offline=True)

    def test_refuses_a_task_of_another_space(self, monkeypatch):
        monkeypatch.setattr(module.spaces["nb201"], "tasks", ("cifar100",))
        with pytest.raises(ZcBenchError, match="nb201 has no networks for the task 'cifar10': its tasks are cifar100"):
            prepare(tiny(), offline=True)


class TestDevice:
    def test_auto_takes_what_is_there(self):
        assert find_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")

    def test_takes_what_is_named(self):
        assert find_device("cpu") == torch.device("cpu")

    @pytest.mark.parametrize("name", ["warp-drive", "cuda:99"])
    def test_refuses_what_is_not_there(self, name):
        with pytest.raises(ZcBenchError, match=rf"^The device '{name}' cannot be used \(.*\): take auto, cpu, or cuda"):
            find_device(name)


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
        assert frame["truth"].tolist() == table.lookup("cifar10", frame["architecture"].tolist()).tolist()

    def test_a_budget_of_nothing_gives_one_architecture_per_seed(self, tmp_path):
        frame = evaluate(tiny("params"), tmp_path / "scores.h5", offline=True, budget=0)
        assert frame["seed"].tolist() == [0, 1]

    def test_rows_of_a_longer_run_are_left_out_of_a_shorter_one(self, tmp_path):
        evaluate(tiny("params", "l2_norm"), tmp_path / "scores.h5", offline=True)
        frame = evaluate(tiny("params", samples=1), tmp_path / "scores.h5", offline=True)
        assert frame["proxy"].tolist() == ["params", "params"]

    def test_a_proxy_that_is_added_later_computes_its_own_column_only(self, tmp_path, observed):
        evaluate(tiny("params"), tmp_path / "scores.h5", offline=True)
        observed.clear()
        frame = evaluate(tiny("params", "l2_norm"), tmp_path / "scores.h5", offline=True)
        assert {names for _, names in observed} == {("l2_norm",)}
        assert len(observed) == 6
        assert bits(frame) == bits(evaluate(tiny("params", "l2_norm"), tmp_path / "other.h5", offline=True))

    def test_a_new_version_computes_its_own_column_only(self, tmp_path, observed, monkeypatch):
        evaluate(tiny("params", "l2_norm"), tmp_path / "scores.h5", offline=True)
        observed.clear()
        raised = dataclasses.replace(observations.proxies["params"], version=99)
        monkeypatch.setitem(observations.proxies._items, "params", raised)
        frame = evaluate(tiny("params", "l2_norm"), tmp_path / "scores.h5", offline=True)
        assert {names for _, names in observed} == {("params",)}
        assert frame.groupby("proxy")["version"].unique().map(list).to_dict()["params"] == [99]
        assert len(frame) == 12

    def test_another_protocol_is_refused(self, tmp_path):
        evaluate(tiny("params", samples=1), tmp_path / "scores.h5", offline=True)
        with pytest.raises(ZcBenchError, match="protocol batch_size: 4 there, 5 now"):
            evaluate(tiny("params", samples=1, batch_size=5), tmp_path / "scores.h5", offline=True)

    def test_one_failed_proxy_costs_its_cells_and_is_tried_again(self, tmp_path, monkeypatch):
        monkeypatch.setattr(observations.proxies, "_items", dict(observations.proxies._items))
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
        rounds = trial_rounds
        monkeypatch.setattr(module, "trial_rounds", lambda *a: [r[::-1] for r in reversed(list(rounds(*a)))])
        assert bits(evaluate(tiny(), tmp_path / "scores.h5", offline=True)) == undisturbed

    @pytest.mark.parametrize("finished", range(6))
    def test_after_an_interruption(self, undisturbed, tmp_path, observed, finished):
        run = prepare(tiny(), offline=True)
        with Store(tmp_path / "scores.h5", run.lab.identity(), run.about()) as store:
            list(islice(run_trials(run, store), finished + 1))
        assert bits(evaluate(tiny(), tmp_path / "scores.h5", offline=True)) == undisturbed
        assert len(observed) == len({key for key, _ in observed}) == 6

    def test_after_stopping_for_lack_of_time_again_and_again(self, undisturbed, tmp_path, observed):
        frames = [evaluate(tiny(), tmp_path / "scores.h5", offline=True, budget=0) for _ in range(3)]
        assert [len(frame) for frame in frames] == [6, 12, 18]
        assert bits(frames[-1]) == undisturbed
        assert len(observed) == 6

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
    def test_of_an_empty_store_has_the_columns(self, store):
        frame = with_truth(store.contents, fake_run())
        assert frame.empty
        assert {"space", "proxy", "score", "status", "truth"} <= set(frame)

    def test_leaves_out_what_the_run_did_not_ask_for(self, store):
        list(run_trials(fake_run(), store))
        other = TrialKey("a", "(elsewhere,)", 0)
        store.append(other, Observed({"params": Score(1.0, Status.DONE, "", 0.0)}, {}), {"params": "params@1"})
        frame = with_truth(store.contents, fake_run(samples=2, seeds=1))
        assert len(frame) == 2 * 2
        assert "(elsewhere,)" not in set(frame["architecture"])

    def test_puts_the_truth_of_the_task_beside_each_score(self, store):
        run = fake_run(truth={"a": np.arange(10.0), "b": 100 + np.arange(10.0)})
        list(run_trials(run, store))
        for row in with_truth(store.contents, run).to_dict("records"):
            assert row["truth"] == KEYS.index(row["architecture"]) + (100 if row["task"] == "b" else 0)
