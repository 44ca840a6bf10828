"""Stores that tests write, and a process that writes as fast as it can, to be killed or watched."""

import contextlib
import itertools
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from zc_bench.engine.execute import JobResult
from zc_bench.engine.scores import Score, Status
from zc_bench.store import Store, TrialKey, read_store

PROTOCOL = {"protocol": {"batch_size": 4}}


def resting_on(sections=PROTOCOL):
    """Return fingerprints in which every column that a test writes depends on the same sections."""
    names = ("swap@1", "swap@2", "snip@1", "snip@2", "épée@2")
    return dict.fromkeys(names, sections)


COLUMNS = {"swap": "swap@1"}
TRIAL = TrialKey("cifar10", "(4, 0, 3, 1, 4, 3)", 0)
KEYS = 50  # trials are written over again, so that the store stays small
REOPENED = (
    100  # trials after which it is closed and opened again, so that a kill hits the folding too
)


def key(number: int) -> TrialKey:
    return TrialKey("cifar10", f"architecture {number % KEYS}", 0)


def score(number: float) -> JobResult:
    return JobResult({"swap": Score(float(number), Status.DONE, "", 0.0)}, {"forward": 1.0})


def write_for_ever(path: Path, connection: Connection, first: int) -> None:
    """Append trial after trial, numbered from `first`, and report each one that is finished."""
    numbers = itertools.count(first)
    while True:
        with Store(path, resting_on(), {}) as store:
            for number in itertools.islice(numbers, REOPENED):
                store.append(key(number), score(number), COLUMNS)
                connection.send(number)


def journal(path):
    return path.with_name("scores.h5.journal")


def open_store(path, sections=PROTOCOL, **options):
    return Store(path, resting_on(sections), {}, **options)


def write(path, numbers, columns=COLUMNS):
    """Write trials and close the store."""
    with open_store(path) as store:
        for number in numbers:
            store.append(key(number), score(number), columns)


def abandon(path, numbers):
    """Write trials and leave the store as a killed process leaves it.

    With a journal and without a lock.
    """
    store = open_store(path)
    for number in numbers:
        store.append(key(number), score(number), COLUMNS)
    store._journal.close()
    store._lock.release()


def numbers(path):
    """Return the numbers of the trials in a store."""
    return sorted(int(trial.scores["swap@1"].value) for trial in read_store(path).trials.values())


def same(a, b):
    """Compare two scores; NaN equals NaN here."""
    return repr(a) == repr(b)


@contextlib.contextmanager
def running_writer(path, first):
    """Run a process that writes to a store until it is killed.

    Give it and the connection on which it reports.
    """
    # A server that has imported the package forks writers in milliseconds, and has no threads of
    # its own.
    context = get_context("forkserver")
    context.set_forkserver_preload(["zc_bench.store"])
    ours, theirs = context.Pipe(duplex=False)
    writer = context.Process(target=write_for_ever, args=(path, theirs, first), daemon=True)
    writer.start()
    theirs.close()
    try:
        yield writer, ours
    finally:
        writer.kill()
        writer.join()
        writer.close()
        ours.close()


def drain(connection, last=-1):
    """Return the last number that a writer reported."""
    with contextlib.suppress(EOFError):
        while connection.poll():
            last = connection.recv()
    return last
