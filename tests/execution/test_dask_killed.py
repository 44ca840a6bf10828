"""The same bits in one process, in two, and on a cluster of which a worker is killed in a trial."""

import logging
import os
import signal
import threading
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from distributed import LocalCluster
from tiny import tiny

from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.execution import ExecutionOptions, JobQueue, open_executor, resolve, run_jobs
from zc_bench.store import TrialKey

# Dask leaves sockets to the garbage collector.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings(
        "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
    ),
]

PROXIES = (
    "grad_norm",
    "snip",
    "grasp",
    "fisher",
    "synflow",
    "jacov",
    "nwot",
    "zen",
    "zico",
    "swap",
    "reg_swap",
)
SPEC = tiny(*PROXIES, samples=3, seeds=2, batch_size=8)
SOON = 0.05  # seconds; a trial takes many times as long


@dataclass
class MortalScorer:
    """Notes which processes compute gradients for a certain trial; the first is killed over it."""

    scorer: ArchitectureScorer
    deadly: TrialKey | None
    notes: Path

    def score(self, key, names):
        if key == self.deadly and "grasp" in names:
            if not self.notes.exists():
                threading.Timer(SOON, os.kill, (os.getpid(), signal.SIGKILL)).start()
            with self.notes.open("a") as file:
                file.write(f"{os.getpid()}\n")
        return self.scorer.score(key, names)


def scores(folder, killing=False, **options):
    """Run all trials; return every score to the last bit, and who began the deadly trial."""
    folder.mkdir()
    with open_executor(ExecutionOptions(**options, threads=1)) as executor:
        run = resolve(SPEC, executor.device)
        deadly = TrialKey("cifar10", run.drawn["cifar10", 0][2], 0) if killing else None
        scorer = MortalScorer(run.scorer, deadly, folder / "notes")
        with run.open_store(folder / "scores.h5") as store:
            list(run_jobs([JobQueue(replace(run, scorer=scorer), store)], executor))
    bits = {
        (key, column): (score.status, score.value.hex())
        for key, trial in store.contents.trials.items()
        for column, score in trial.scores.items()
    }
    return bits, scorer.notes.read_text().split() if killing else []


@pytest.mark.usefixtures("data_folder")
def test_a_worker_that_is_killed_in_the_middle_of_a_trial_changes_no_bit(tmp_path):
    one, *_ = scores(tmp_path / "one")
    two, *_ = scores(tmp_path / "two", workers=2)
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        memory_limit=0,
        dashboard_address=":0",
        silence_logs=logging.CRITICAL,
    ) as cluster:
        killed, begun = scores(
            tmp_path / "killed", scheduler=cluster.scheduler_address, killing=True
        )
    assert len(one) == 6 * len(PROXIES)
    assert {status for status, _ in one.values()} == {"done"}
    assert two == one
    assert killed == one
    # It was begun by two processes, the first of which was killed before it had finished.
    assert len(set(begun)) == len(begun) == 2
