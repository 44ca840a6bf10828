"""Reading a store."""

import pytest
from store_writer import (
    COLUMNS,
    REOPENED,
    drain,
    key,
    numbers,
    open_store,
    running_writer,
    score,
    write,
)

from zc_bench.errors import ZcBenchError
from zc_bench.store import read_store


class TestReading:
    def test_sees_trials_that_are_not_folded_yet(self, path):
        with open_store(path) as store:
            store.append(key(1), score(1), COLUMNS)
            assert numbers(path) == [1]

    def test_of_an_absent_store_says_how_to_make_one(self, path):
        with pytest.raises(ZcBenchError) as info:
            read_store(path)
        assert (
            str(info.value) == f"There is no store at {path}: run `zc-bench correlate` to make one."
        )

    def test_is_possible_at_every_moment_while_somebody_writes(self, path):
        write(path, [])
        with running_writer(path, 0) as (_, connection):
            seen = 0
            # More than a few times opened anew.
            while seen < 4 * REOPENED:
                reported = drain(connection, seen)
                newest = max(numbers(path), default=0)
                assert newest >= reported
                assert newest >= seen
                seen = newest
