"""`zc-bench store`, as a user calls it."""

import json
import math

import pandas as pd
import pytest
from typer.testing import CliRunner

from zc_bench.cli import app
from zc_bench.engine.execute import JobResult
from zc_bench.engine.scores import Score, Status
from zc_bench.errors import ZcBenchError
from zc_bench.store import Store, TrialKey, read_store
from zc_bench.store.sources import shipped_folder

KEY = "(4, 0, 3, 1, 4, 3)"
COLUMNS = {"snip": "snip@1", "zen": "zen@1"}
NB201 = {column: {"protocol": {"space": "nb201"}} for column in COLUMNS.values()}

pytestmark = pytest.mark.usefixtures("data_folder")


def zc_bench(*words):
    return CliRunner().invoke(app, ["store", *map(str, words)])


def message(*words):
    error = zc_bench(*words).exception
    assert isinstance(error, ZcBenchError)
    return str(error)


@pytest.fixture
def path(tmp_path):
    """A store of two seeds."""
    path = tmp_path / "scores.h5"
    about = {
        "spec": {"samples": 7},
        "environment": {"device": "abacus"},
        "table": {"licence": "free"},
    }
    with Store(path, NB201, about) as store:
        store.record_drawn({("cifar10", seed): [KEY] for seed in range(2)})
        for seed in range(2):
            scores = {
                "snip": Score(1.5 + seed, Status.DONE, "", 0.1),
                "zen": Score(math.nan, Status.FAILED, "", 0.2),
            }
            result = JobResult(scores, {"forward": 0.25}, {"forward": 3_000_000})
            store.append(TrialKey("cifar10", KEY, seed), result, COLUMNS)
    return path


def test_show_tells_everything(path):
    with Store(path, NB201, {"environment": {"device": "slide rule"}}):
        pass
    result = zc_bench("show", path, "--all")
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    for line in (
        "space nb201",
        "trials 2",
        "scores of snip@1, zen@1",
        "protocol.space nb201",
        "environment.device slide rule",
        "other 1.spec.samples 7",
        "other 1.environment.device abacus",
        "other 1.table.licence free",
        "cifar10 1 1",
        "snip@1 2 0 0 0 0 0 0.1",
        "zen@1 0 0 0 2 0 0 0.2",
        "forward 2 0.25 0.5 3.0 MB",
        "cifar10, seed 1 1",
    ):
        assert line in lines


def test_show_is_short(path):
    result = zc_bench("show", path)
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    for line in ("space nb201", "trials 2", "computed on abacus", "last run samples 7"):
        assert line in lines
    for line in ("column done failed", "snip@1 2 0", "zen@1 0 2", "cifar10 1 1"):
        assert line in lines
    assert "licence" not in result.stdout
    assert "--all shows" in result.stderr


@pytest.mark.data
@pytest.mark.usefixtures("data_folder")
def test_show_of_a_shipped_store_fits_on_a_screen(monkeypatch):
    monkeypatch.delenv("ZC_BENCH_SHIPPED")
    store = next(shipped_folder().glob("nb201.h5"))
    assert len(zc_bench("show", store).stdout.splitlines()) < 50


def test_show_of_an_empty_store(tmp_path):
    with Store(tmp_path / "scores.h5", {}, {}):
        pass
    assert zc_bench("show", tmp_path / "scores.h5").exit_code == 0


def test_merge_writes_one_store(path, tmp_path):
    with Store(tmp_path / "b.h5", NB201, {}) as store:
        store.append(TrialKey("cifar10", KEY, 2), JobResult({}, {}), {})
    result = zc_bench("merge", path, tmp_path / "b.h5", "--out", tmp_path / "c.h5")
    assert result.exit_code == 0
    assert f"Written to {tmp_path}/c.h5: 3 trials of 2 stores." in result.stderr
    assert len(read_store(tmp_path / "c.h5").trials) == 3


@pytest.mark.parametrize(("words", "scores"), [((), [1.5, 2.5]), (("--seed", 1), [2.5])])
def test_export_writes_csv(path, tmp_path, words, scores):
    assert zc_bench("export", path, "--out", tmp_path / "new" / "rows.csv", *words).exit_code == 0
    rows = pd.read_csv(tmp_path / "new" / "rows.csv")
    assert rows.loc[rows["proxy"] == "snip", "score"].tolist() == scores


def test_export_writes_json_with_ground_truth(path, tmp_path):
    assert (
        zc_bench("export", path, "--format", "suite-zero", "--out", tmp_path / "zc.json").exit_code
        == 0
    )
    entry = json.loads((tmp_path / "zc.json").read_text())["cifar10"][KEY]
    assert entry["snip"] == {"score": 2.0, "time": 0.35}
    assert 5 < entry["val_accuracy"] < 100


@pytest.mark.parametrize(
    ("name", "words", "expected"),
    [
        ("x.parquet", ("--format", "csv"), "x.parquet is the name of a file of the format parquet"),
        (
            "x.csv",
            ("--format", "parquet"),
            "x.csv is the name of a file of the format csv, not parquet",
        ),
        ("x.xlsx", (), "The ending of x.xlsx names no format: call it *.csv, *.parquet, *.json"),
        ("x", (), "The ending of x names no format"),
    ],
)
def test_export_writes_no_file_under_the_name_of_another_format(
    path, tmp_path, name, words, expected
):
    assert expected in message("export", path, "--out", tmp_path / name, *words)
    assert not (tmp_path / name).exists()


def test_export_of_parquet_needs_its_package(path, tmp_path, monkeypatch):
    monkeypatch.setattr("zc_bench.store.export.importlib.util.find_spec", lambda _: None)
    said = message("export", path, "--out", tmp_path / "x.parquet")
    assert "Parquet needs pyarrow, which is not installed: pip install 'zc-bench[parquet]'" in said
    assert not (tmp_path / "x.parquet").exists()


def test_export_writes_parquet(path, tmp_path):
    pytest.importorskip("pyarrow")
    assert zc_bench("export", path, "--out", tmp_path / "x.parquet").exit_code == 0
    assert zc_bench("export", path, "--out", tmp_path / "x.csv").exit_code == 0
    written = pd.read_parquet(tmp_path / "x.parquet")
    read = pd.read_csv(
        tmp_path / "x.csv", keep_default_na=False, na_values={"score": "", "truth": ""}
    )
    pd.testing.assert_frame_equal(written, read, check_dtype=False)


def test_export_goes_without_ground_truth(tmp_path):
    with Store(
        tmp_path / "scores.h5", {"snip@1": {"protocol": {"space": "darts_search"}}}, {}
    ) as store:
        store.append(
            TrialKey("cifar10", "x", 0),
            JobResult({"snip": Score(1.0, Status.DONE, "", 0.0)}, {}),
            COLUMNS,
        )
    result = zc_bench("export", tmp_path / "scores.h5", "--out", tmp_path / "rows.csv")
    assert result.exit_code == 0
    assert "Written without ground truth:" in result.stderr
    assert pd.read_csv(tmp_path / "rows.csv")["truth"].isna().tolist() == [True]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("show", "no.h5"), "There is no store at no.h5"),
        (
            ("export", "PATH", "--out", "x.csv", "--seed", 5),
            "has no trial of seed 5: its seeds are 0, 1.",
        ),
        (("export", "PATH", "--out", "x.txt", "--format", "txt"), "Unknown format 'txt'"),
        (("export", "PATH", "--out", "/proc/no/x.csv"), "Could not write /proc/no/x.csv"),
        (("merge", "PATH", "--out", "PATH"), "is there already"),
    ],
)
def test_what_is_wrong_is_said(path, words, expected):
    assert expected in message(*(path if word == "PATH" else word for word in words))
