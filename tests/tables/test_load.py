import hashlib
import shutil
import tomllib
from collections.abc import Callable, Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from zc_bench.errors import ZcBenchError
from zc_bench.spaces import space_registry
from zc_bench.tables import compact, describe_tables, load, load_table
from zc_bench.tables.base import NAMED
from zc_bench.tables.catalogue import COMES_WITH, TableFile, table_files
from zc_bench.tables.compact import Columns

Publish = Callable[..., TableFile]
KEYS = ("(0, 0, 0, 0, 0, 0)", "(1, 2, 3, 4, 0, 1)", "(4, 0, 3, 1, 4, 3)")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every attempt to reach the network fail the test.

    Ground truth is never downloaded unasked.
    """

    def refuse(*_: object) -> None:
        pytest.fail("the network was asked")

    for name in ("download", "download_from_drive"):
        monkeypatch.setattr(f"zc_bench.tables.public.{name}", refuse)


def test_a_file_in_the_data_folder_comes_before_the_shipped_one(
    folder: Path, publish: Publish, published: bytes, said: Sequence[str]
) -> None:
    publish(published, shipped=True)
    (folder / "nb201_zen.zip").write_bytes(published)
    table = load_table("nb201", folder=folder)
    assert table.keys == KEYS
    assert table.tasks == ("cifar10", "cifar100", "imagenet16-120")
    np.testing.assert_array_equal(table.lookup("cifar10", KEYS), [10.0, 70.25, 88.5])
    np.testing.assert_array_equal(table.lookup("imagenet16-120", KEYS), [np.nan, np.nan, 33.3])
    assert table.provenance["sha256"] == hashlib.sha256(published).hexdigest()
    assert list(said) == [
        "Ground truth of nb201: NAS-Bench-Suite-Zero (NASLib); cifar10 of 3, cifar100 of 2, imagenet16-120 of 1 "
        f"architectures; split: validation; licence: Apache-2.0; {folder / 'nb201_zen.zip'}."
    ]


def test_what_is_shipped_comes_last(folder: Path, said: Sequence[str]) -> None:
    table = load_table("nb201", folder=folder)
    assert table.counts() == {"cifar10": 15_625, "cifar100": 15_625, "imagenet16-120": 15_625}
    assert said[0].endswith(f"; licence: Apache-2.0; {COMES_WITH}.")
    assert len(said) == 1
    assert list(folder.iterdir()) == []


def test_the_environment_names_the_data_folder(
    folder: Path, publish: Publish, published: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(published)
    (folder / "nb201_zen.zip").write_bytes(published)
    monkeypatch.setenv("ZC_BENCH_DATA", str(folder))
    assert load_table("nb201").keys == KEYS


def test_a_raw_file_is_parsed_and_hashed_once(
    folder: Path, publish: Publish, published: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(published)
    (folder / "nb201_zen.zip").write_bytes(published)
    first = load_table("nb201", folder=folder)
    assert sorted(path.name for path in folder.iterdir()) == ["nb201_zen.table.gz", "nb201_zen.zip"]

    def refuse(*_: object) -> None:
        pytest.fail("the raw file was read again")

    monkeypatch.setattr(load, "sha256", refuse)
    monkeypatch.setattr(load, "tabulate", refuse)
    again = load_table("nb201", folder=folder)
    assert again.keys == first.keys
    assert again.provenance == first.provenance
    for task in first.tasks:
        assert again.metrics[task].tobytes() == first.metrics[task].tobytes()


def test_a_damaged_compact_table_is_made_anew(
    folder: Path, publish: Publish, published: bytes
) -> None:
    publish(published)
    (folder / "nb201_zen.zip").write_bytes(published)
    load_table("nb201", folder=folder)
    path = folder / "nb201_zen.table.gz"
    written = path.read_bytes()
    path.write_bytes(b"damaged")
    assert load_table("nb201", folder=folder).keys == KEYS
    assert path.read_bytes() == written


def test_a_changed_raw_file_is_hashed_anew(
    folder: Path, publish: Publish, published: bytes
) -> None:
    publish(published)
    raw = folder / "nb201_zen.zip"
    raw.write_bytes(published)
    load_table("nb201", folder=folder)
    raw.write_bytes(published + b"!")
    with pytest.raises(ZcBenchError, match="has SHA-256"):
        load_table("nb201", folder=folder)


@pytest.mark.parametrize("homes", [0, 1])
def test_a_folder_that_cannot_be_written_to(
    folder: Path,
    publish: Publish,
    published: bytes,
    monkeypatch: pytest.MonkeyPatch,
    homes: int,
    said: Sequence[str],
) -> None:
    publish(published)
    (folder / "nb201_zen.zip").write_bytes(published)
    cache = folder.parent / "cache" / "zc-bench"
    writable, write = [cache][:homes], compact.write_columns

    def guarded(path: Path, columns: Columns) -> None:
        if path.parent not in writable:
            raise PermissionError(13, "Permission denied")
        write(path, columns)

    monkeypatch.setattr(compact, "write_columns", guarded)
    for _ in range(2):
        assert load_table("nb201", folder=folder).keys == KEYS
    assert sum("parsed anew each time" in sentence for sentence in said) == (2 if homes == 0 else 0)
    assert [path.name for path in folder.iterdir()] == ["nb201_zen.zip"]
    assert cache.exists() is (homes == 1)


def test_a_wrong_hash_is_one_sentence(folder: Path, publish: Publish, published: bytes) -> None:
    entry = publish(published, shipped=True)
    (folder / "nb201_zen.zip").write_bytes(published + b"!")
    actual = hashlib.sha256(published + b"!").hexdigest()
    with pytest.raises(ZcBenchError) as caught:
        load_table("nb201", folder=folder)
    assert f"nb201_zen.zip has SHA-256 {actual}, expected {entry.sha256}: " in str(caught.value)
    assert str(caught.value).endswith(f"move it away and get it anew from {entry.url}.")


def test_without_any_source_is_one_sentence(
    folder: Path, publish: Publish, published: bytes
) -> None:
    entry = publish(published)
    with pytest.raises(ZcBenchError) as caught:
        load_table("nb201", folder=folder)
    assert str(caught.value) == (
        f"There is no ground truth for nb201: none comes with zc-bench, and no known file is in {folder}; provide "
        f"nb201_zen.zip ({entry.url}), in {folder} (`zc-bench data fetch nb201`), or name a file of your own (--truth)."
    )


def test_an_unknown_space_is_one_sentence(folder: Path) -> None:
    with pytest.raises(ZcBenchError, match="Unknown search space 'nb2001': did you mean 'nb201'"):
        load_table("nb2001", folder=folder)


def test_a_space_without_sources_is_one_sentence(folder: Path) -> None:
    with pytest.raises(
        ZcBenchError, match=r"no ground truth for darts_search: .*; choose another space, or name a"
    ):
        load_table("darts_search", folder=folder)


def test_the_list_of_tables_says_where_they_are(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZC_BENCH_DATA", str(folder))
    described = {table.file: table for table in describe_tables()}
    zen, full = described["nb201_zen.zip"], described["zc_nasbench201.json"]
    assert (zen.space, zen.file, zen.licence, zen.place) == (
        "nb201",
        "nb201_zen.zip",
        "Apache-2.0",
        COMES_WITH,
    )
    assert full.place == ""
    (folder / zen.file).write_bytes(b"")
    assert describe_tables()[0].place == str(folder / zen.file)


def test_the_catalogue_holds_nothing_unknown() -> None:
    listed = tomllib.loads(
        files("zc_bench.tables").joinpath("registry.toml").read_text(encoding="utf-8")
    )
    assert tuple(listed) == tuple(entry.name for entry in table_files())
    for entry in table_files():
        assert len(bytes.fromhex(entry.sha256)) == (32 if entry.sha256 else 0)
        assert set(entry.tasks) <= set(space_registry[entry.space].tasks)
        assert not entry.gdown or entry.url.endswith(entry.gdown)
        assert entry.url.startswith("https://")
        assert entry.format in load.readers


class TestOtherTruths:
    def test_a_metric_by_its_name(self, folder: Path, said: Sequence[str]) -> None:
        table = load_table("nb201", "raspi4_latency", folder=folder)
        assert table.tasks == ("cifar10", "cifar100", "imagenet16-120")
        # The first line of the published file.
        assert table["cifar10"]["(4, 3, 3, 0, 0, 0)"] == 10.482
        assert table.provenance["truth"] == "raspi4_latency"
        assert table.remark() == (
            "The ground truth of nb201 is raspi4_latency: latency on a Raspberry Pi 4, ms; lower is better."
        )
        assert said[0].startswith(
            "Ground truth of nb201: raspi4_latency, HW-NAS-Bench (Li et al. 2021), by way of"
        )

    def test_a_number_that_does_not_exist_is_none(self, folder: Path) -> None:
        counts = load_table("nb201", "edgetpu_latency", folder=folder).counts()
        assert counts == dict.fromkeys(("cifar10", "cifar100", "imagenet16-120"), 10_926)

    def test_a_file_of_ones_own(self, folder: Path, tmp_path: Path, said: Sequence[str]) -> None:
        path = tmp_path / "mine.csv"
        path.write_text(f'arch,latency\n"{KEYS[2]}",250.5\n"{KEYS[0]}",3\n')
        table = load_table("nb201", str(path), task="cifar100", folder=folder)
        assert table.keys == (KEYS[0], KEYS[2])
        assert table["cifar100"].tolist() == [3.0, 250.5]
        assert table.provenance["source"] == NAMED
        assert table.remark() == (
            "The ground truth of nb201 is your own, named for this run (mine.csv): cifar100 of 2 architectures."
        )
        assert str(path) in said[0]
        assert list(folder.iterdir()) == []

    @pytest.mark.parametrize(
        ("space", "truth", "sentence"),
        [
            (
                "nb201",
                "raspi_latency",
                "Unknown truth of nb201 'raspi_latency': did you mean 'raspi4_latency'",
            ),
            ("nb301", "analog", "Unknown truth of nb301 'analog': known are: none."),
            (
                "nb201",
                "mine.csv",
                "There is no file mine.csv: give one that is there, or a metric that",
            ),
            ("nb201", "../mine", r"There is no file \.\./mine: give one"),
        ],
    )
    def test_what_nobody_knows_is_one_sentence(
        self, folder: Path, space: str, truth: str, sentence: str
    ) -> None:
        with pytest.raises(ZcBenchError, match=sentence):
            load_table(space, truth, folder=folder)

    @pytest.mark.parametrize(
        ("text", "task", "sentence"),
        [
            (
                'arch,cifar10\n"(9,)",1\n',
                "",
                r"mine\.csv: line 2: '\(9,\)' is not a NAS-Bench-201 architecture",
            ),
            (f'arch,cifar10\n"{KEYS[0]}",inf\n', "", "is inf: expected a finite number, or none"),
            (
                f'arch,lat,zen\n"{KEYS[0]}",1,2\n',
                "cifar10",
                "its columns are lat, zen, and none is called like a",
            ),
            (f'arch,metric\n"{KEYS[0]}",1\n', "", "does not say which task its numbers are of"),
        ],
    )
    def test_a_wrong_file_is_one_sentence(
        self, folder: Path, tmp_path: Path, text: str, task: str, sentence: str
    ) -> None:
        path = tmp_path / "mine.csv"
        path.write_text(text)
        with pytest.raises(ZcBenchError, match=sentence):
            load_table("nb201", str(path), task=task, folder=folder)

    @pytest.mark.skipif(
        not find_spec("analognasbench"), reason="the extra `analog` is not installed"
    )
    def test_the_second_training_is_a_truth_of_its_own(self, folder: Path) -> None:
        table = load_table("nb201", "analog", folder=folder)
        assert table.counts() == {"cifar10": 15_625}
        assert "epochs" not in table.provenance
        assert [path.name for path in folder.iterdir()] == ["analog_nasbench.table.gz"]
        with pytest.raises(
            ZcBenchError, match=r"no ground truth for task 'cifar100': it holds cifar10;"
        ):
            table["cifar100"]
        # The noise ceiling of any proxy: two trainings of the same architectures.
        official = load_table("nb201", folder=folder)["cifar10"]
        assert spearmanr(official, table["cifar10"].loc[official.index]).statistic == pytest.approx(
            0.982, abs=5e-4
        )

    def test_a_package_that_is_not_installed_is_named(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("zc_bench.tables.catalogue.find_spec", lambda _: None)
        with pytest.raises(
            ZcBenchError, match=r"'analog' is not installed: pip install 'zc-bench\[analog\]'"
        ):
            load_table("nb201", "analog", folder=folder)


@pytest.mark.data
def test_the_published_file(folder: Path, shared_folder: Path) -> None:
    shutil.copy(shared_folder / "data" / "raw" / "nb201_zen.zip", folder)
    table = load_table("nb201", folder=folder)
    again = load_table("nb201", folder=folder)
    assert len(table.keys) == 15_625
    assert not any(np.isnan(values).any() for values in table.metrics.values())
    assert table.keys == again.keys
    assert table.lookup("cifar100", ["(1, 1, 2, 0, 2, 3)"]) == 67.80000004882812
    np.testing.assert_allclose(
        [values.max() for values in table.metrics.values()], [91.57, 73.26, 47.3333], atol=1e-4
    )
