import hashlib
import shutil
import socket
import time
import tomllib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from zc_bench.errors import ZcBenchError
from zc_bench.spaces import space_registry
from zc_bench.tables import compact, describe_tables, load, load_table
from zc_bench.tables.catalogue import TableFile, table_files

Publish = Callable[..., TableFile]
KEYS = ("(0, 0, 0, 0, 0, 0)", "(1, 2, 3, 4, 0, 1)", "(4, 0, 3, 1, 4, 3)")


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every attempt to reach the network fail the test."""

    def refuse(*_: object) -> None:
        pytest.fail("the network was asked")

    monkeypatch.setattr("zc_bench.tables.public.download", refuse)


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@pytest.mark.usefixtures("no_network")
def test_a_file_in_the_data_folder_comes_first(
    folder: Path, publish: Publish, published: bytes
) -> None:
    publish(published, carried=True)
    (folder / "nb201_zen.zip").write_bytes(published)
    said: list[str] = []
    table = load_table("nb201", folder=folder, say=said.append)
    assert table.keys == KEYS
    assert table.tasks == ("cifar10", "cifar100", "imagenet16-120")
    np.testing.assert_array_equal(table.lookup("cifar10", KEYS), [10.0, 70.25, 88.5])
    np.testing.assert_array_equal(table.lookup("imagenet16-120", KEYS), [np.nan, np.nan, 33.3])
    assert table.provenance["sha256"] == hashlib.sha256(published).hexdigest()
    assert len(said) == 1
    assert str(folder / "nb201_zen.zip") in said[0]
    assert "NAS-Bench-Suite-Zero" in said[0]


@pytest.mark.usefixtures("no_network")
def test_the_environment_names_the_data_folder(
    folder: Path, publish: Publish, published: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(published)
    (folder / "nb201_zen.zip").write_bytes(published)
    monkeypatch.setenv("ZC_BENCH_DATA", str(folder))
    assert load_table("nb201").keys == KEYS


@pytest.mark.usefixtures("no_network")
def test_a_raw_file_is_parsed_and_hashed_once(
    folder: Path, publish: Publish, published: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(published)
    (folder / "nb201_zen.zip").write_bytes(published)
    first = load_table("nb201", folder=folder)
    assert sorted(path.name for path in folder.iterdir()) == ["nb201_zen.table.h5", "nb201_zen.zip"]

    def refuse(*_: object) -> None:
        pytest.fail("the raw file was read again")

    monkeypatch.setattr(load, "sha256", refuse)
    monkeypatch.setattr(load, "tabulate", refuse)
    again = load_table("nb201", folder=folder)
    assert again.keys == first.keys
    assert again.provenance == first.provenance
    for task in first.tasks:
        assert again.metrics[task].tobytes() == first.metrics[task].tobytes()


@pytest.mark.usefixtures("no_network")
def test_a_damaged_compact_table_is_made_anew(
    folder: Path, publish: Publish, published: bytes
) -> None:
    publish(published)
    (folder / "nb201_zen.zip").write_bytes(published)
    load_table("nb201", folder=folder)
    path = folder / "nb201_zen.table.h5"
    path.write_bytes(b"damaged")
    assert load_table("nb201", folder=folder).keys == KEYS
    assert path.stat().st_size > 1000


@pytest.mark.usefixtures("no_network")
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


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("homes", [0, 1])
def test_a_folder_that_cannot_be_written_to(
    folder: Path, publish: Publish, published: bytes, monkeypatch: pytest.MonkeyPatch, homes: int
) -> None:
    publish(published)
    (folder / "nb201_zen.zip").write_bytes(published)
    cache = folder.parent / "cache" / "zc-bench"
    writable, write = [cache][:homes], compact.write

    def guarded(path: Path, *arguments: object) -> None:
        if path.parent not in writable:
            raise PermissionError(13, "Permission denied")
        write(path, *arguments)

    monkeypatch.setattr(compact, "write", guarded)
    for _ in range(2):
        said: list[str] = []
        assert load_table("nb201", folder=folder, say=said.append).keys == KEYS
        assert ("parsed anew each time" in said[0]) is (homes == 0)
    assert [path.name for path in folder.iterdir()] == ["nb201_zen.zip"]
    assert cache.exists() is (homes == 1)


@pytest.mark.usefixtures("no_network")
def test_a_wrong_hash_is_one_sentence(folder: Path, publish: Publish, published: bytes) -> None:
    entry = publish(published, carried=True)
    (folder / "nb201_zen.zip").write_bytes(published + b"!")
    actual = hashlib.sha256(published + b"!").hexdigest()
    with pytest.raises(ZcBenchError) as caught:
        load_table("nb201", folder=folder)
    assert f"nb201_zen.zip has SHA-256 {actual}, expected {entry.sha256}: " in str(caught.value)
    assert str(caught.value).endswith(f"move it away and get it anew from {entry.url}.")


def test_a_download_comes_second(
    folder: Path, served: Path, server: str, publish: Publish, published: bytes
) -> None:
    (served / "nb201_zen.zip").write_bytes(published)
    publish(published, carried=True, url=f"{server}/nb201_zen.zip")
    said: list[str] = []
    assert load_table("nb201", folder=folder, say=said.append).keys == KEYS
    assert len(said) == 1
    assert (folder / "nb201_zen.zip").read_bytes() == published
    assert load_table("nb201", folder=folder, offline=True).keys == KEYS


def test_a_download_that_is_another_file_falls_through(
    folder: Path, served: Path, server: str, publish: Publish, published: bytes
) -> None:
    (served / "nb201_zen.zip").write_bytes(b"another file")
    publish(published, carried=True, url=f"{server}/nb201_zen.zip")
    said: list[str] = []
    assert load_table("nb201", folder=folder, say=said.append).tasks == ("cifar10",)
    assert said[0].startswith(f"Could not download {server}/nb201_zen.zip: what came has SHA-256")
    assert not (folder / "nb201_zen.zip").exists()


def test_the_installed_package_comes_third(
    folder: Path, publish: Publish, published: bytes, closed_port: int
) -> None:
    url = f"http://127.0.0.1:{closed_port}/nb201_zen.zip"
    publish(published, carried=True, url=url)
    said: list[str] = []
    table = load_table("nb201", folder=folder, say=said.append)
    assert said[0] == f"Could not download {url}: Connection refused."
    assert "analog-nasbench" in said[1]
    assert len(said) == 2
    assert len(table.keys) == 15_625
    assert table.tasks == ("cifar10",)
    assert "analog-nasbench" in str(table.provenance["source"])
    assert "epochs" not in table.provenance
    assert [path.name for path in folder.iterdir()] == ["analog_nasbench.table.h5"]
    with pytest.raises(
        ZcBenchError, match=r"no ground truth for task 'cifar100': it holds cifar10;"
    ):
        table.lookup("cifar100", table.keys[:1])


@pytest.mark.usefixtures("no_network")
def test_offline_without_any_source_is_one_sentence(
    folder: Path, publish: Publish, published: bytes
) -> None:
    entry = publish(published)
    with pytest.raises(ZcBenchError) as caught:
        load_table("nb201", folder=folder, offline=True)
    assert str(caught.value) == (
        f"There is no ground truth for nb201: no known file is in {folder}, downloads are off and no installed package "
        f"carries one; provide nb201_zen.zip ({entry.url}), in {folder}."
    )


def test_an_unknown_space_is_one_sentence(folder: Path) -> None:
    with pytest.raises(ZcBenchError, match="Unknown search space 'nb2001': did you mean 'nb201'"):
        load_table("nb2001", folder=folder)


@pytest.mark.usefixtures("no_network")
def test_a_space_without_sources_is_one_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "table_files", tuple)
    with pytest.raises(
        ZcBenchError, match=r"There is no ground truth for nb201: .*; choose another space\."
    ):
        load_table("nb201", folder=folder)


def test_the_list_of_tables_says_what_is_present(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZC_BENCH_DATA", str(folder))
    described = {table.file: table for table in describe_tables()}
    zen, analog = described["nb201_zen.zip"], described["data.anb"]
    assert (zen.space, zen.file, zen.licence, zen.present) == (
        "nb201",
        "nb201_zen.zip",
        "Apache-2.0",
        False,
    )
    assert (analog.tasks, analog.present) == (("cifar10",), True)
    (folder / zen.file).write_bytes(b"")
    assert describe_tables()[0].present


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


@pytest.mark.data
def test_the_published_file(folder: Path, shared_folder: Path) -> None:
    shutil.copy(shared_folder / "data" / "raw" / "nb201_zen.zip", folder)
    start = time.process_time()
    table = load_table("nb201", folder=folder, offline=True)
    parsed = time.process_time()
    again = load_table("nb201", folder=folder, offline=True)
    loaded = time.process_time()
    assert parsed - start < 3
    assert loaded - parsed < 0.5  # some 10 ms; the limit leaves room for a busy machine
    assert len(table.keys) == 15_625
    assert not any(np.isnan(values).any() for values in table.metrics.values())
    assert table.keys == again.keys
    assert table.lookup("cifar100", ["(1, 1, 2, 0, 2, 3)"]) == 67.80000004882812
    np.testing.assert_allclose(
        [values.max() for values in table.metrics.values()], [91.57, 73.26, 47.3333], atol=1e-4
    )


@pytest.mark.data
def test_the_package_ranks_as_the_published_file_does(
    folder: Path, tmp_path: Path, shared_folder: Path
) -> None:
    shutil.copy(shared_folder / "data" / "raw" / "nb201_zen.zip", folder)
    published = load_table("nb201", folder=folder, offline=True)
    carried = load_table("nb201", folder=tmp_path / "empty", offline=True)
    assert carried.keys == published.keys
    rho = spearmanr(published.metrics["cifar10"], carried.metrics["cifar10"]).statistic
    assert rho > 0.97
