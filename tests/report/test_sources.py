"""Stores become sources: joined by space, beside their ground truth, the latest versions only."""

from pathlib import Path

import pytest
from made_stores import contents_of, keys_of, write_store

from zc_bench.errors import ZcBenchError
from zc_bench.report import read_sources
from zc_bench.store import Contents

pytestmark = pytest.mark.usefixtures("data_folder")


@pytest.fixture
def stores(tmp_path):
    """One store per task of a space, and one of a space that has no ground truth."""
    truths = dict.fromkeys(keys_of("nb201", 4), 1.0)
    return [
        write_store(tmp_path / f"{task}.h5", contents_of("nb201", [task], truths))
        for task in ("cifar10", "cifar100")
    ] + [
        write_store(
            tmp_path / "other.h5",
            contents_of("darts_search", ["cifar10"], {keys_of("darts_search", 1)[0]: 1}),
        )
    ]


def test_stores_of_a_space_become_one(stores):
    unknown, known = read_sources([*stores, stores[0]])
    assert (known.paths, unknown.paths) == (tuple(stores[:2]), tuple(stores[2:]))
    assert {key.task for key in known.contents.trials} == {"cifar10", "cifar100"}
    assert known.table is not None
    assert known.lacking == ""
    assert unknown.table is None
    assert "no ground truth for darts_search" in unknown.lacking


def test_rows_hold_the_latest_version_and_the_ground_truth(stores):
    (source,) = read_sources(stores[:1])
    rows = source.rows()
    assert set(zip(rows["proxy"], rows["version"], strict=True)) == {
        (p, 1) for p in ("params", "snip", "zen", "zico")
    }
    assert len(rows) == 4 * 2 * 4
    assert (
        rows["truth"].tolist()
        == source.table.lookup("cifar10", rows["architecture"].tolist()).tolist()
    )


def test_contradicting_stores_are_refused(stores, tmp_path):
    contents = contents_of("nb201", ["cifar10"], dict.fromkeys(keys_of("nb201", 1), 1.0))
    contents.fingerprints["snip@1"]["protocol"]["batch_size"] = 64
    other = write_store(tmp_path / "b.h5", contents)
    with pytest.raises(
        ZcBenchError,
        match=r"b\.h5 contradicts .*cifar10\.h5: snip@1 \(protocol batch_size: 32 there, 64 now\)",
    ):
        read_sources([stores[0], other])


def test_a_store_that_names_no_space_is_refused(tmp_path):
    with pytest.raises(ZcBenchError, match="does not say of which search space"):
        read_sources([write_store(tmp_path / "x.h5", Contents({}, {}))])


def test_a_store_that_is_not_there_is_refused():
    with pytest.raises(ZcBenchError, match=r"There is no store at no\.h5"):
        read_sources([Path("no.h5")])
