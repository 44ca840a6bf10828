"""A score depends on nothing but its trial, the spec, the device and the number of threads."""

import dataclasses
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest
import torch
from tiny import CHEAP, bits, compute, tiny

from zc_bench.engine import declare
from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.engine.declare import proxy
from zc_bench.execution import JobQueue, LocalExecutor, queue, resolve, run_jobs
from zc_bench.passes.network_size import NetworkSize
from zc_bench.store import read_store

HERE = LocalExecutor(torch.device("cpu"))


@pytest.fixture
def asked(monkeypatch):
    """A list of what scorers are asked for."""
    calls = []
    original = ArchitectureScorer.score

    def score(self, key, names):
        calls.append((key, tuple(names)))
        return original(self, key, names)

    monkeypatch.setattr(ArchitectureScorer, "score", score)
    return calls


@pytest.mark.usefixtures("data_folder")
class TestGoingOn:
    """What is in the store is not computed again."""

    def test_the_threads_that_were_asked_for_are_recorded(self, tmp_path):
        before = torch.get_num_threads()
        compute(tiny("params", samples=1), tmp_path / "scores.h5", threads=before + 1)
        assert read_store(tmp_path / "scores.h5").provenance["environment"]["threads"] == before + 1

    def test_rows_of_a_longer_run_are_left_out_of_a_shorter_one(self, tmp_path):
        compute(tiny("params", "l2_norm"), tmp_path / "scores.h5")
        frame = compute(tiny("params", samples=1), tmp_path / "scores.h5")
        assert frame["proxy"].tolist() == ["params", "params"]

    def test_a_proxy_that_is_added_later_computes_its_own_column_only(self, tmp_path, asked):
        compute(tiny("params"), tmp_path / "scores.h5")
        asked.clear()
        frame = compute(tiny("params", "l2_norm"), tmp_path / "scores.h5")
        assert {names for _, names in asked} == {("l2_norm",)}
        assert len(asked) == 6
        assert bits(frame) == bits(compute(tiny("params", "l2_norm"), tmp_path / "other.h5"))

    def test_a_new_version_computes_its_own_column_only(self, tmp_path, asked, monkeypatch):
        compute(tiny("params", "l2_norm"), tmp_path / "scores.h5")
        asked.clear()
        raised = dataclasses.replace(declare.proxy_registry["params"], version=99)
        monkeypatch.setitem(declare.proxy_registry._items, "params", raised)
        frame = compute(tiny("params", "l2_norm"), tmp_path / "scores.h5")
        assert {names for _, names in asked} == {("params",)}
        assert frame.groupby("proxy")["version"].unique().map(list).to_dict()["params"] == [99]
        assert len(frame) == 12

    def test_one_failed_proxy_costs_its_cells_and_is_tried_again(self, tmp_path, monkeypatch):
        monkeypatch.setattr(declare.proxy_registry, "_items", dict(declare.proxy_registry._items))
        broken = True

        @proxy("moody", source="nobody")
        def moody(size: NetworkSize) -> float:
            """Fail, until mended."""
            if broken:
                message = "not in the mood"
                raise RuntimeError(message)
            return 1.0

        spec = tiny("moody", "params", samples=2, seeds=1)
        frame = compute(spec, tmp_path / "scores.h5").set_index("proxy")
        assert set(frame.loc["moody", "status"]) == {"failed"}
        assert set(frame.loc["moody", "reason"]) == {"moody: RuntimeError: not in the mood"}
        assert frame.loc["moody", "score"].isna().all()
        assert set(frame.loc["params", "status"]) == {"done"}
        broken = False
        frame = compute(spec, tmp_path / "scores.h5").set_index("proxy")
        assert set(frame["status"]) == {"done"}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The scores of a run that nothing disturbed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZC_BENCH_DATA", str(tmp_path_factory.mktemp("data")))
        return bits(compute(tiny(), tmp_path_factory.mktemp("run") / "scores.h5"))


@pytest.mark.usefixtures("data_folder")
class TestSameBits:
    """Other proxies, order, interruptions and the process change no score."""

    def test_again(self, undisturbed, tmp_path):
        assert bits(compute(tiny(), tmp_path / "scores.h5")) == undisturbed

    def test_alone(self, undisturbed, tmp_path):
        alone = {}
        for name in CHEAP:
            alone |= bits(compute(tiny(name), tmp_path / f"{name}.h5"))
        assert alone == undisturbed

    def test_among_all_proxies(self, undisturbed, tmp_path):
        spec = dataclasses.replace(tiny(samples=1), proxies=())
        together = bits(compute(spec, tmp_path / "scores.h5"))
        shared = together.keys() & undisturbed.keys()
        assert len(shared) == 2 * len(CHEAP)
        assert {key: together[key] for key in shared} == {key: undisturbed[key] for key in shared}

    def test_in_reversed_order(self, undisturbed, tmp_path, monkeypatch):
        rounds = queue.rounds
        reverse = lambda drawn: [keys[::-1] for keys in reversed([*rounds(drawn)])]  # noqa: E731
        monkeypatch.setattr(queue, "rounds", reverse)
        assert bits(compute(tiny(), tmp_path / "scores.h5")) == undisturbed

    @pytest.mark.parametrize("finished", range(9))
    def test_after_an_interruption(self, undisturbed, tmp_path, asked, finished):
        run = resolve(tiny())
        with run.open_store(tmp_path / "scores.h5") as store:
            list(islice(run_jobs([JobQueue(run, store)], HERE), finished + 1))
        assert bits(compute(tiny(), tmp_path / "scores.h5")) == undisturbed
        scores = [(key, name) for key, names in asked for name in names]
        assert len(scores) == len(set(scores)) == 6 * len(CHEAP)

    def test_after_stopping_for_lack_of_time_again_and_again(self, undisturbed, tmp_path, asked):
        # Of the first seed's three architectures, grad_norm comes after the others.
        frames = [compute(tiny(), tmp_path / "scores.h5", budget=0) for _ in range(9)]
        counts = [int(frame["score"].notna().sum()) for frame in frames]
        assert counts == [2, 4, 6, 7, 8, 9, 12, 15, 18]
        assert bits(frames[-1]) == undisturbed
        assert len(asked) == 9

    def test_in_a_larger_run(self, undisturbed, tmp_path):
        larger = bits(compute(tiny(samples=4, seeds=3), tmp_path / "scores.h5"))
        assert {key: larger[key] for key in undisturbed} == undisturbed

    def test_in_another_process(self, undisturbed, tmp_path):
        script = "from test_same_bits import *; print(bits(compute(tiny(), Path(sys.argv[1]))))"
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / "scores.h5")],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == str(undisturbed)
