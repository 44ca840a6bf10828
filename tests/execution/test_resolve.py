"""Runs: everything that a spec names is found, or refused; and scores stand beside the truth."""

from itertools import product

import numpy as np
import pytest
import torch
from fake_scorers import KEYS, fake_run
from tiny import tiny

from zc_bench.engine.execute import JobResult
from zc_bench.engine.scores import Score, Status
from zc_bench.errors import ZcBenchError
from zc_bench.execution import (
    JobQueue,
    LocalExecutor,
    find_device,
    resolve,
    run_jobs,
    with_truth,
)
from zc_bench.execution.resolve import draw
from zc_bench.proxies.groups import default_proxies
from zc_bench.spaces import space_registry
from zc_bench.spec import Protocol, Spec
from zc_bench.store import TrialKey
from zc_bench.tables import Table

HERE = LocalExecutor(torch.device("cpu"))


@pytest.fixture
def table(monkeypatch):
    """Made-up ground truth of sixteen architectures for one task."""
    keys = tuple(str((*cell, 2, 2)) for cell in product((1, 2), repeat=4))
    table = Table("nb201", keys, {"cifar10": np.arange(16.0)}, {"source": "nobody", "file": "none"})
    monkeypatch.setitem(resolve.__globals__, "load_table", lambda *_, **__: table)
    return table


@pytest.mark.usefixtures("table")
class TestResolve:
    def test_all_tasks_with_ground_truth_and_all_proxies_stand_for_none(self):
        run = resolve(Spec("nb201", protocol=Protocol(inputs="noise")))
        assert run.spec.tasks == ("cifar10",)
        assert run.spec.proxies == default_proxies()

    def test_what_is_named_twice_counts_once(self):
        names = ("swap", "snip", "swap")
        protocol = Protocol(inputs="noise")
        resolved = resolve(Spec("nb201", ("cifar10", "cifar10"), names, protocol=protocol)).spec
        assert (resolved.tasks, resolved.proxies) == (("cifar10",), ("swap", "snip"))

    def test_which_images_are_used_is_logged(self, caplog):
        caplog.set_level("INFO", "zc_bench")
        resolve(tiny())
        assert "Images for cifar10: standard normal noise, uniform labels" in caplog.messages

    def test_a_device_that_only_the_workers_have_is_taken(self):
        assert resolve(tiny(), torch.device("cuda:7")).scorer.device == torch.device("cuda:7")

    def test_provenance_names_the_environment_of_the_workers(self):
        provenance = resolve(tiny()).provenance({"device": "theirs"})
        assert provenance["environment"] == {"device": "theirs"}

    def test_provenance_names_spec_environment_table_and_images(self):
        provenance = resolve(tiny()).provenance()
        assert provenance["spec"]["samples"] == 3
        assert provenance["environment"]["device"] == "cpu"
        assert provenance["table"] == {"source": "nobody", "file": "none"}
        assert provenance["images"] == {"cifar10": "standard normal noise, uniform labels"}

    @pytest.mark.parametrize(
        ("spec", "sentence"),
        [
            (
                Spec("nb201", ("cifar100",)),
                "has no ground truth for task 'cifar100': it holds cifar10",
            ),
            (tiny(inputs="absent.npz"), "There are no images at absent.npz"),
        ],
    )
    def test_what_is_not_to_be_had_is_refused(self, spec, sentence):
        with pytest.raises(ZcBenchError, match=sentence):
            resolve(spec)


class TestDevice:
    def test_auto_takes_what_is_there(self):
        assert find_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")

    def test_takes_what_is_named(self):
        assert find_device("cpu") == torch.device("cpu")

    @pytest.mark.parametrize("name", ["warp-drive", "cuda:99"])
    def test_refuses_what_is_not_there(self, name):
        with pytest.raises(
            ZcBenchError,
            match=rf"^The device '{name}' cannot be used \(.*\): take auto, cpu, or cuda",
        ):
            find_device(name)


class TestDraw:
    def test_every_seed_has_its_own_architectures(self):
        drawn = fake_run().drawn
        assert len({tuple(keys) for keys in drawn.values()}) == 3

    def test_tasks_with_the_same_truth_share_the_architectures_of_a_seed(self):
        drawn = fake_run().drawn
        assert all(drawn["a", seed] == drawn["b", seed] for seed in range(3))

    def test_a_smaller_draw_begins_a_larger_one(self):
        small, large = fake_run(samples=12).drawn, fake_run(samples=40).drawn
        assert all(large[draw][:12] == keys for draw, keys in small.items())

    def test_architectures_without_ground_truth_are_not_drawn(self):
        known = np.arange(60.0)
        run = fake_run(samples=5, truth={"a": np.where(known < 3, known, np.nan), "b": known})
        assert {key for seed in range(3) for key in run.drawn["a", seed]} == set(KEYS[:3])
        assert {cell: len(keys) for cell, keys in run.drawn.items()} == {
            (task, seed): count for task, count in (("a", 3), ("b", 5)) for seed in range(3)
        }

    def test_there_are_no_more_than_the_table_has(self):
        assert {len(keys) for keys in fake_run(samples=1000).drawn.values()} == {60}

    def test_dedup_draws_one_of_those_that_compute_the_same(self):
        space = space_registry["nb201"]
        # Nothing reaches the output of the second and the third but through the last edge.
        keys = (
            "(4, 1, 1, 1, 1, 2)",
            "(3, 1, 1, 1, 1, 2)",
            "(2, 1, 1, 1, 1, 2)",
            "(3, 3, 3, 3, 3, 3)",
        )
        forms = {space.canonical(space.parse(key)) for key in keys}
        table = Table("nb201", tuple(sorted(keys)), {"cifar10": np.arange(4.0)}, {"file": "none"})
        spec = Spec("nb201", ("cifar10",), samples=4, seeds=1)
        assert len(draw(spec, table)["cifar10", 0]) == 4
        (drawn,) = draw(Spec("nb201", ("cifar10",), samples=4, seeds=1, dedup=True), table).values()
        assert len(drawn) == len(forms) < 4
        assert {space.canonical(space.parse(key)) for key in drawn} == forms


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
        list(run_jobs([JobQueue(fake_run(), store)], HERE))
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
        list(run_jobs([JobQueue(run, store)], HERE))
        for row in with_truth(store.contents, run).to_dict("records"):
            assert row["truth"] == KEYS.index(row["architecture"]) + (
                100 if row["task"] == "b" else 0
            )
