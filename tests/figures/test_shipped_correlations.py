"""Correlations that come with the package: added where a column is lacking, and named."""

import pandas as pd
import pytest

from zc_bench.errors import ZcBenchError
from zc_bench.figures import completed, read_shipped_correlations
from zc_bench.statistics.correlate import Report, correlate

WANTED = [("nb101", "cifar10"), ("nb201", "cifar10"), ("nb201", "cifar100")]


def rows(space, task, shift):
    return pd.DataFrame(
        {
            "space": space,
            "task": task,
            "architecture": list("abcdef"),
            "seed": 0,
            "proxy": "swap",
            "score": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            "status": "done",
            "truth": [1.0, 2.0 + shift, 3.0, 4.0 - shift, 5.0, 6.0],
        }
    )


def report(*columns, shift=0.0):
    frame = pd.concat([rows(*column, shift) for column in columns])
    return correlate(frame, higher_is_better={"swap": True})


@pytest.fixture
def shipped(tmp_path):
    """All columns but the last, and one that nobody asks for, in another order of truths."""
    table = report(*WANTED[:2], ("nb301", "cifar10"), shift=3.0).correlations.assign(store="theirs")
    table.to_csv(tmp_path / "figure4.csv", index=False)
    return read_shipped_correlations(tmp_path / "figure4.csv", WANTED)


def test_only_lacking_columns_are_added(shipped):
    ours = report(WANTED[1])
    whole = completed(ours, shipped)
    assert whole.stores == {"nb101-cifar10": "theirs"}
    means = whole.report.spearman().loc["swap"]
    assert means["nb201-cifar10"] == 1
    assert (
        means["nb101-cifar10"]
        == report(WANTED[0], shift=3.0).spearman().loc["swap", "nb101-cifar10"]
        < 1
    )
    assert set(means.index) == {"nb101-cifar10", "nb201-cifar10"}


def test_nothing_computed_leaves_the_shipped_alone(shipped):
    whole = completed(None, shipped)
    assert list(whole.stores) == ["nb101-cifar10", "nb201-cifar10"]
    assert isinstance(whole.report, Report)
    assert (whole.report.correlations["spearman"] < 1).all()


def test_without_a_file_a_report_is_as_it_was(tmp_path):
    ours = report(*WANTED)
    whole = completed(ours, read_shipped_correlations(tmp_path / "absent.csv", WANTED))
    assert whole.stores == {}
    pd.testing.assert_frame_equal(whole.report.correlations, ours.correlations)


def test_another_table_is_refused(tmp_path):
    (tmp_path / "figure4.csv").write_text("space,task\n")
    with pytest.raises(
        ZcBenchError, match=r"is no table of shipped correlations .*: write it anew with"
    ):
        read_shipped_correlations(tmp_path / "figure4.csv", WANTED)
