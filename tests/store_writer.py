"""A process that writes to a store as fast as it can, to be killed or watched by a test."""

import itertools
from multiprocessing.connection import Connection
from pathlib import Path

from zc_bench.observe import Observed, Score, Status
from zc_bench.store import Store, TrialKey

IDENTITY = {"protocol": {"batch_size": 4}}
COLUMNS = {"swap": "swap@1"}
KEYS = 50  # trials are written over again, so that the store stays small
REOPENED = 100  # trials after which it is closed and opened again, so that a kill hits the folding too


def key(number: int) -> TrialKey:
    return TrialKey("cifar10", f"architecture {number % KEYS}", 0)


def score(number: float) -> Observed:
    return Observed({"swap": Score(float(number), Status.DONE, "", 0.0)}, {"forward": 1.0})


def write_for_ever(path: Path, connection: Connection, first: int) -> None:
    """Append trial after trial, numbered from `first`, and report each one that is finished."""
    numbers = itertools.count(first)
    while True:
        with Store(path, IDENTITY, {}) as store:
            for number in itertools.islice(numbers, REOPENED):
                store.append(key(number), score(number), COLUMNS)
                connection.send(number)
