"""Workers of Dask: same bits, one retry after a death; nothing stays, or listens outside."""

import logging
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import psutil
import pytest
from distributed import LocalCluster
from fake_scorers import KEYS, DeadlyScorer, FakeScorer, fake_run
from tiny import CHEAP, bits, compute, tiny

from zc_bench.engine.scores import Status
from zc_bench.errors import ZcBenchError
from zc_bench.execution import ExecutionOptions, Job, JobQueue, open_executor, run_jobs
from zc_bench.store import TrialKey, read_store

# Dask leaves sockets to the garbage collector.
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


FAKE = FakeScorer()
KILOPARAMS = '''
from zc_bench import proxy
from zc_bench.passes.network_size import NetworkSize

@proxy("kiloparams", source="nobody")
def kiloparams(size: NetworkSize) -> float:
    """Thousands of parameters."""
    return size.parameters / 1e6 * 1000
'''


WITH_PLUGIN = """
import sys
from pathlib import Path

from tiny import compute, tiny
from zc_bench.registry import add_plugin_file, load_plugins

add_plugin_file(Path(sys.argv[1]))
load_plugins()
spec = tiny("kiloparams", "params", samples=4, seeds=1)
compute(spec, Path(sys.argv[2]), scheduler=sys.argv[3])
"""

TWO_WORKERS = """
from zc_bench.execution import ExecutionOptions, open_executor

if __name__ == "__main__":
    with open_executor(ExecutionOptions(workers=2)) as executor:
        print(executor.count)
"""


def run(words, folder=Path(__file__).parent):
    """Run a command in a process of its own."""
    return subprocess.run(
        words,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        stdin=subprocess.DEVNULL,
    )


def _listening():
    """List where this process and those that it started listen."""
    own = psutil.Process()
    connections = [
        link
        for process in (own, *own.children(recursive=True))
        for link in process.net_connections("tcp")
    ]
    return {link.laddr for link in connections if link.status == psutil.CONN_LISTEN}


@pytest.fixture(scope="module")
def scheduler():
    """The address of a cluster in this process."""
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=False,
        dashboard_address=":0",
        silence_logs=logging.CRITICAL,
    ) as cluster:
        yield cluster.scheduler_address


class TestScheduler:
    def test_its_workers_compute_every_trial_once(self, scheduler, store, caplog):
        caplog.set_level("INFO", "zc_bench")
        with open_executor(ExecutionOptions(scheduler=scheduler)) as executor:
            assert executor.count == 2
            assert executor.device.type == "cpu"
            assert executor.environment()["device"] == "cpu"
            steps = list(run_jobs([JobQueue(fake_run(), store)], executor))
        assert [step.finished for step in steps] == list(range(25))
        assert len(store.contents.trials) == 24
        ours = [record for record in caplog.records if record.name.startswith("zc_bench")]
        assert [record.getMessage() for record in ours] == [f"Scheduler: {scheduler}, 2 workers."]

    def test_a_process_that_was_interrupted_goes_on_from_the_store(self, scheduler, store):
        for stop in (10, 24):
            with open_executor(ExecutionOptions(scheduler=scheduler)) as executor:
                for progress in run_jobs([JobQueue(fake_run(), store)], executor):
                    if progress.finished == stop:
                        break
            assert len(store.contents.trials) == stop

    def test_scorers_do_not_stay_behind(self, scheduler, store):
        def names(dask_worker):
            return [name for name in dask_worker.plugins if "zc-bench" in name]

        with open_executor(ExecutionOptions(scheduler=scheduler)) as executor:
            list(run_jobs([JobQueue(fake_run(), store)], executor))
            assert [len(found) for found in executor._client.run(names).values()] == [1, 1]
        with open_executor(ExecutionOptions(scheduler=scheduler)) as executor:
            assert list(executor._client.run(names).values()) == [[], []]

    def test_a_job_is_taken_when_a_worker_is_free(self, scheduler):
        """Short jobs are taken one ahead, so that no worker waits for the next."""
        taken = []

        def jobs():
            for number in range(20):
                taken.append(number)
                yield Job(FAKE, TrialKey("a", KEYS[number], 0), ("params",))

        with open_executor(ExecutionOptions(scheduler=scheduler)) as executor:
            for finished, _ in enumerate(executor.run(jobs()), start=1):
                assert len(taken) <= finished - 1 + 2 * executor.count
        assert len(taken) == 20

    @pytest.mark.usefixtures("data_folder")
    def test_gives_the_same_bits(self, scheduler, tmp_path):
        here = compute(tiny(), tmp_path / "here.h5", threads=1)
        there = compute(tiny(), tmp_path / "there.h5", threads=1, scheduler=scheduler)
        assert bits(there) == bits(here)
        assert there.drop(columns="seconds").equals(here.drop(columns="seconds"))

    @pytest.mark.parametrize(
        ("scheduler", "sentence"),
        [
            ("absent.json", r"There is no scheduler file absent.json: start `dask scheduler"),
            ("pigeon://coop", r"No scheduler answers at pigeon://coop .*: start one with"),
        ],
    )
    def test_that_is_not_there_is_named(self, scheduler, sentence):
        with (
            pytest.raises(ZcBenchError, match=sentence),
            open_executor(ExecutionOptions(scheduler=scheduler)),
        ):
            pass


@pytest.mark.slow
class TestProcesses:
    """Real processes, and a real kill -9."""

    def test_a_trial_whose_worker_dies_is_tried_once_more(self, store, tmp_path):
        shape = {"samples": 12, "seeds": 1, "tasks": ("a",)}
        drawn = fake_run(**shape).drawn["a", 0]
        deadly = fake_run(DeadlyScorer({drawn[3]: 1, drawn[6]: 2}, tmp_path), **shape)
        with open_executor(ExecutionOptions(workers=2)) as executor:
            (*_, last) = run_jobs([JobQueue(deadly, store)], executor)
        assert (last.finished, last.failed) == (12, 1)
        scores = {
            key.architecture: trial.scores["params@1"]
            for key, trial in store.contents.trials.items()
        }
        assert Counter(score.status for score in scores.values()) == {
            Status.DONE: 11,
            Status.FAILED: 1,
        }
        assert scores[drawn[6]].reason.startswith("the worker died, 2 times in a row: ")
        assert {key: scores[key].value for key in drawn if key != drawn[6]} == {
            key: float(KEYS.index(key)) for key in drawn if key != drawn[6]
        }

    def test_listen_on_this_machine_alone_and_run_no_file_of_the_current_folder(
        self, store, tmp_path, monkeypatch
    ):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "signal.py").write_text("open('was-run', 'w').close()")
        before = _listening()
        with open_executor(ExecutionOptions(workers=2)) as workers:
            (*_, last) = run_jobs(
                [JobQueue(fake_run(samples=2, seeds=1, tasks=("a",)), store)], workers
            )
            addresses = {address for address, _ in _listening() - before}
        assert last.finished == 2
        assert addresses == {"127.0.0.1"}
        assert not (tmp_path / "was-run").exists()

    def test_let_nobody_in_without_the_certificate_of_the_run(self):
        pytest.importorskip("cryptography")
        with open_executor(ExecutionOptions(workers=2)) as workers:
            address = workers._client.scheduler.address
            assert address.startswith("tls://")
            with (
                pytest.raises(ZcBenchError, match="No scheduler answers at tls://"),
                open_executor(ExecutionOptions(scheduler=address)),
            ):
                pass

    @pytest.mark.usefixtures("data_folder")
    def test_that_were_started_elsewhere_load_plugin_files(self, tmp_path):
        """The workers have the file neither on their disk nor in their environment."""
        path, store = tmp_path / "kiloparams.py", tmp_path / "scores.h5"
        path.write_text(KILOPARAMS)
        with LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        ) as cluster:
            words = [sys.executable, "-c", WITH_PLUGIN, path, store, cluster.scheduler_address]
            for _ in range(2):
                store.unlink(missing_ok=True)
                done = run(words)
                assert done.returncode == 0, done.stderr
            kilo = {key: trial.scores for key, trial in read_store(store).trials.items()}
            assert len(kilo) == 4
            for scores in kilo.values():
                assert scores["kiloparams@1"].value == scores["params@1"].value * 1000 > 0
            path.write_text(KILOPARAMS + "# changed")
            store.unlink()
            refused = run(words)
        assert refused.returncode == 1
        assert (
            "kiloparams.py as it was before it was changed: start the worker again."
            in refused.stderr
        )

    @pytest.mark.usefixtures("data_folder")
    def test_give_the_same_store_however_many_they_are(self, tmp_path):
        frames = [
            compute(tiny(), tmp_path / f"{count}.h5", threads=1, workers=count) for count in (1, 2)
        ]
        assert frames[0].drop(columns="seconds").equals(frames[1].drop(columns="seconds"))
        assert len(bits(frames[0])) == 6 * len(CHEAP)
        one, two = (read_store(tmp_path / f"{count}.h5") for count in (1, 2))
        assert one.fingerprints == two.fingerprints
        assert one.provenance == two.provenance
        assert one.drawn == two.drawn

    def test_listen_to_this_machine_only_and_leave_the_environment_as_it_was(self):
        def listening():
            me = psutil.Process()
            return {
                connection.laddr
                for process in (me, *me.children(recursive=True))
                for connection in process.net_connections("inet")
                if connection.status == psutil.CONN_LISTEN
            }

        before, environment = listening(), dict(os.environ)
        with open_executor(ExecutionOptions(workers=2)):
            found = listening() - before
        assert len(found) >= 4  # the scheduler and its page, two workers
        assert {address.ip for address in found} == {"127.0.0.1"}
        assert dict(os.environ) == environment

    def test_import_nothing_from_the_current_folder(self, tmp_path):
        script = tmp_path / "elsewhere" / "script.py"
        script.parent.mkdir()
        script.write_text(TWO_WORKERS)
        here = tmp_path / "here"
        here.mkdir()
        (here / "signal.py").write_text("open('imported', 'w'); raise SystemExit('wrong signal')")
        done = run([sys.executable, script], here)
        assert done.stdout == "2\n", done.stderr
        assert not (here / "imported").exists()
