"""A table that keeps what it promises, and others that break one promise each."""

import math
from dataclasses import replace

import numpy as np
import pytest
from promises import broken

from zc_bench import testing
from zc_bench.tables import Table
from zc_bench.testing import check_table

KEYS = ("(0, 0, 0, 0, 0, 0)", "(0, 0, 0, 0, 0, 1)", "(4, 0, 3, 1, 4, 3)")
TABLE = Table(
    "nb201",
    KEYS,
    {"cifar10": np.array([1.0, np.nan, 3.0])},
    {"source": "a test", "file": "none", "licence": "none"},
)


class Forgetful(Table):
    def lookup(self, task, keys):
        return super().lookup(task, keys)[::-1]


BROKEN_TABLES = {
    "has canonical keys": replace(TABLE, keys=tuple(key.replace(" ", "") for key in KEYS)),
    "has sorted keys": replace(
        TABLE, keys=(KEYS[0], KEYS[0], KEYS[2]), metrics={"cifar10": np.ones(3)}
    ),
    "has numbers for every key": replace(
        TABLE, metrics={"cifar10": np.array([1.0, math.inf, 3.0])}
    ),
    "has known tasks": replace(TABLE, metrics={"mnist": np.ones(3)}),
    "says where it is from": replace(TABLE, provenance={"source": "a test", "file": "none"}),
    "finds what it holds": Forgetful(TABLE.space, TABLE.keys, TABLE.metrics, TABLE.provenance),
}


def test_a_good_table_keeps_what_it_promises():
    check_table(TABLE)


@pytest.mark.parametrize("promise", [check.promise for check in testing.table_checks(TABLE)])
def test_a_broken_table_is_caught_by_the_check_of_what_it_breaks(promise):
    assert broken(testing.table_checks(BROKEN_TABLES[promise])) == [promise]
