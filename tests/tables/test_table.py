import dataclasses
import json
import math

import numpy as np
import pytest

from zc_bench.errors import ZcBenchError
from zc_bench.tables.base import IMPORTED, Table, as_table, tabulate
from zc_bench.tables.catalogue import table_files
from zc_bench.tables.rows import Row

ENTRY = dataclasses.replace(table_files()[0], runs=None, tasks=("cifar10", "cifar100"))
A, B, C = "(0, 0, 0, 0, 0, 0)", "(1, 2, 3, 4, 0, 1)", "(4, 0, 3, 1, 4, 3)"
ROWS = [
    Row("cifar10", C, 3.0),
    Row("cifar100", A, 4.0),
    Row("cifar10", A, 1.0),
    Row("cifar10", B, 2.0),
]


@pytest.fixture
def table() -> Table:
    return as_table(ENTRY, tabulate(ENTRY, ROWS))


def test_rows_become_columns_over_sorted_keys(table: Table) -> None:
    assert table.space == "nb201"
    assert table.keys == (A, B, C)
    assert table.tasks == ("cifar10", "cifar100")
    np.testing.assert_array_equal(table.metrics["cifar10"], [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(table.metrics["cifar100"], [4.0, math.nan, math.nan])
    assert {values.dtype for values in table.metrics.values()} == {np.dtype(np.float64)}


def test_keys_are_canonical() -> None:
    native = (
        "|nor_conv_3x3~0|+|skip_connect~0|none~1|+|skip_connect~0|skip_connect~1|skip_connect~2|"
    )
    found = tabulate(ENTRY, [Row("cifar10", native, 1.0), Row("cifar100", "(4,0,3,1,4,3)", 2.0)])
    assert found.keys == ("(2, 0, 0, 1, 0, 0)", C)


def test_provenance_is_flat_json(table: Table) -> None:
    assert json.loads(json.dumps(dict(table.provenance))) == table.provenance
    assert {
        "source",
        "file",
        "url",
        "sha256",
        "licence",
        "split",
        "epochs",
    } <= table.provenance.keys()


def test_lookup_follows_the_order_asked_for(table: Table) -> None:
    found = table.lookup("cifar10", [C, A, C])
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, [3.0, 1.0, 3.0])
    np.testing.assert_array_equal(table.lookup("cifar100", [B, A]), [math.nan, 4.0])
    assert table.lookup("cifar10", []).shape == (0,)


def test_an_unknown_task_is_one_sentence(table: Table) -> None:
    with pytest.raises(
        ZcBenchError, match=r"no ground truth for task 'svhn': it holds cifar10, cifar100; choose"
    ):
        table.lookup("svhn", [A])


def test_an_unknown_key_is_one_sentence(table: Table) -> None:
    with pytest.raises(
        ZcBenchError, match=r"no architecture '\(9,\)': expected a canonical key like '\(0, 0, 0"
    ):
        table.lookup("cifar10", [A, "(9,)"])


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (
            Row("cifar10", "(9,)", 1.0, place="line 7"),
            r"line 7: '\(9,\)' is not a NAS-Bench-201 architecture",
        ),
        (Row("cifar10", C, 1.0), r"the architecture \(4, 0, 3, 1, 4, 3\) comes twice for cifar10"),
    ],
)
def test_a_wrong_row_is_one_sentence(row: Row, sentence: str) -> None:
    with pytest.raises(
        ZcBenchError, match=rf"nb201_zen.zip is not the file that it should be: {sentence}"
    ):
        tabulate(ENTRY, [*ROWS, row])


def test_a_task_without_rows_is_one_sentence() -> None:
    with pytest.raises(ZcBenchError, match="no row for the task 'cifar100'"):
        tabulate(ENTRY, [Row("cifar10", A, 1.0)])


def test_a_task_is_a_series_by_architecture(table: Table) -> None:
    series = table["cifar10"]
    assert series.to_dict() == {A: 1.0, B: 2.0, C: 3.0}
    assert (series.name, series.index.name, series.dtype) == ("cifar10", "architecture", np.float64)
    # Architectures without ground truth are left out.
    assert table["cifar100"].to_dict() == {A: 4.0}
    with pytest.raises(ZcBenchError, match="no ground truth for task 'svhn'"):
        table["svhn"]


def test_metrics_are_columns_of_their_own() -> None:
    entry = dataclasses.replace(
        ENTRY, metrics={"latency": "in ms", "energy": "in mJ"}, missing=-1.0
    )
    both = [("cifar10", A, 2.0, -1.0), ("cifar10", B, 3.0, 4.0), ("cifar100", A, 5.0, 6.0)]
    rows = [
        Row(task, key, scores={"latency": one, "energy": two, "other": 0.0})
        for task, key, one, two in both
    ]
    found = tabulate(entry, rows)
    assert list(found.values) == [
        "latency/cifar10",
        "latency/cifar100",
        "energy/cifar10",
        "energy/cifar100",
    ]
    energy = as_table(entry, found, "energy", "here")
    np.testing.assert_array_equal(energy.metrics["cifar10"], [math.nan, 4.0])
    assert energy.counts() == {"cifar10": 1, "cifar100": 1}
    assert (energy.provenance["truth"], energy.provenance["holds"], energy.place) == (
        "energy",
        "in mJ",
        "here",
    )
    assert energy.remark() == "The ground truth of nb201 is energy: in mJ."
    with pytest.raises(ZcBenchError, match="no row for the metric 'energy/cifar10'"):
        tabulate(
            entry,
            [
                Row("cifar10", A, scores={"latency": 1.0}),
                Row("cifar100", A, scores={"latency": 1.0}),
            ],
        )


def test_what_is_official_needs_no_remark_and_what_is_not_does(table: Table) -> None:
    assert table.remark() == ""
    own = dataclasses.replace(
        table, provenance={"source": IMPORTED, "file": "/home/a.csv, /home/b.csv"}
    )
    assert own.remark() == (
        "The ground truth of nb201 is your own, imported (a.csv, b.csv): cifar10 of 3, cifar100 of 1 architectures."
    )
    assert own.describe().startswith(
        "Ground truth of nb201: your own, imported (/home/a.csv, /home/b.csv); "
    )


def test_infinite_ground_truth_is_one_sentence() -> None:
    with pytest.raises(
        ZcBenchError, match=r"the ground truth of .* for cifar10 is inf: expected a finite number"
    ):
        tabulate(ENTRY, [Row("cifar10", A, math.inf)])
