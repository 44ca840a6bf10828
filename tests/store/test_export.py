"""Exported files: what is read back from them is what the store held."""

import importlib.util
import json
import math

import numpy as np
import pandas as pd
import pytest

from zc_bench.engine.scores import Score, Status
from zc_bench.errors import ZcBenchError
from zc_bench.store import Contents, Row, TrialKey
from zc_bench.store.export import Exported, export
from zc_bench.tables import Table

TABLE = Table("nb201", ("x", "y"), {"cifar10": np.array([90.5, math.nan])}, {"file": "f"})
VALUES = [0.1 + 0.2, 5e-324, -0.0, 1 / 3]


@pytest.fixture
def contents():
    """A store of two architectures and two seeds, with scores that need all their bits, and one that failed."""
    trials = {
        TrialKey("cifar10", architecture, seed): Row(
            {
                "snip@1": Score(VALUES[2 * place + seed], Status.DONE, "", 0.1),
                "zen@2": Score(math.nan, Status.FAILED, 'a "b",\nc; µ', 1.0),
            }
        )
        for place, architecture in enumerate("yx")
        for seed in (0, 1)
    }
    return Contents({"snip@1": {"protocol": {"space": "nb201"}}}, {}, trials)


def check_rows(rows):
    assert list(rows) == [
        "space", "task", "architecture", "seed", "proxy", "version", "score", "status", "reason", "seconds", "truth",
    ]  # fmt: skip
    snip = rows[rows["proxy"] == "snip"]
    assert snip[["architecture", "seed"]].to_numpy().tolist() == [
        ["x", 0],
        ["x", 1],
        ["y", 0],
        ["y", 1],
    ]
    assert [value.hex() for value in snip["score"]] == [
        value.hex() for value in (*VALUES[2:], *VALUES[:2])
    ]
    assert snip["truth"].tolist()[:2] == [90.5, 90.5]
    assert snip["truth"].isna().tolist() == [False, False, True, True]
    zen = rows[rows["proxy"] == "zen"]
    assert zen["score"].isna().all()
    assert set(zen["reason"]) == {'a "b",\nc; µ'}
    assert (set(zen["status"]), set(zen["version"]), set(rows["space"])) == (
        {"failed"},
        {2},
        {"nb201"},
    )


def test_csv_reads_back_to_the_last_bit(contents, tmp_path):
    export(Exported(contents, TABLE), "csv", tmp_path / "rows.csv")
    rows = pd.read_csv(tmp_path / "rows.csv", dtype={"score": str})
    # Python reads every digit; pandas need not.
    check_rows(rows.assign(score=rows["score"].astype(object).map(float)))


def test_parquet_reads_back_to_the_last_bit(contents, tmp_path):
    pytest.importorskip("pyarrow", reason="needs the extra zc-bench[parquet]")
    export(Exported(contents, TABLE), "parquet", tmp_path / "rows.parquet")
    check_rows(pd.read_parquet(tmp_path / "rows.parquet"))


def test_parquet_says_what_it_needs(contents, tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(
        ZcBenchError, match=r"pip install 'zc-bench\[parquet\]', or --format csv\.$"
    ):
        export(Exported(contents), "parquet", tmp_path / "rows.parquet")
    assert list(tmp_path.iterdir()) == []


def test_suite_zero_is_json(contents, tmp_path):
    export(Exported(contents, TABLE, seed=1), "suite-zero", tmp_path / "zc.json")
    entry = json.loads((tmp_path / "zc.json").read_text())["cifar10"]["x"]
    assert entry == {"id": "0", "val_accuracy": 90.5, "snip": {"score": 1 / 3, "time": 0.1}}


def test_one_seed_leaves_the_others_out(contents):
    assert set(Exported(contents, seed=1).rows()["seed"]) == {1}


def test_an_empty_store_gives_a_heading_only(tmp_path):
    export(Exported(Contents({}, {})), "csv", tmp_path / "rows.csv")
    assert len((tmp_path / "rows.csv").read_text().splitlines()) == 1


def test_an_unknown_format_is_named(contents, tmp_path):
    with pytest.raises(ZcBenchError, match="Unknown format 'cvs': did you mean 'csv'"):
        export(Exported(contents), "cvs", tmp_path / "rows.cvs")
