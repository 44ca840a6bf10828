"""Writers that are killed and watched while they write, for real."""

import random
import time

import pytest
from store_writer import KEYS, drain, numbers, open_store, running_writer, write

from zc_bench.errors import ZcBenchError
from zc_bench.store import read_store


def kill_again_and_again(path, kills, dice):
    """Kill a writer at random moments.

    Return how many trials were reported, and which of them the store lacks.
    """
    reported, lost, first = 0, [], 0
    for _ in range(kills):
        with running_writer(path, first) as (writer, connection):
            # Now and then it is hit while it opens the store.
            if dice.random() < 0.8:
                assert connection.poll(300)
            time.sleep(dice.uniform(0, 0.05))
            writer.kill()
            writer.join()
            last = drain(connection)
        reported += max(0, last - first + 1)
        if not path.exists():
            assert last < 0
            continue
        newest = {int(trial.scores["swap@1"].value) for trial in read_store(path).trials.values()}
        # A later trial with the same key replaces an earlier one.
        survived = {number for n in newest for number in range(n, first - 1, -KEYS)}
        lost += sorted(set(range(first, last + 1)) - survived)
        first = max(newest, default=-1) + 1
    return reported, lost


class TestKill:
    """SIGKILL at random moments: while opening, appending, folding."""

    def test_loses_nothing_that_was_finished(self, path):
        reported, lost = kill_again_and_again(path, 12, random.Random(0))
        assert reported > 20
        assert lost == []
        write(path, [10**9])
        assert max(numbers(path)) == 10**9
        assert sorted(item.name for item in path.parent.iterdir()) == [
            ".scores.h5.lock",
            "scores.h5",
        ]

    @pytest.mark.slow
    def test_loses_nothing_in_300_kills(self, path):
        reported, lost = kill_again_and_again(path, 300, random.Random(1))
        assert reported > 1500
        assert lost == []

    def test_does_not_lock_out_the_next_writer(self, path):
        with running_writer(path, 0) as (_, connection):
            assert connection.poll(300)
            with pytest.raises(ZcBenchError, match="Another process is writing"):
                open_store(path)
        write(path, [1])
