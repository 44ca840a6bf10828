import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from zc_bench.errors import ZcBenchError
from zc_bench.tables import fetch, load_table
from zc_bench.tables.catalogue import TableFile

Publish = Callable[..., TableFile]


def test_a_mirror_serves_where_the_first_address_does_not(
    folder: Path, served: Path, server: str, publish: Publish, published: bytes, said: Sequence[str]
) -> None:
    (served / "mirrored.zip").write_bytes(published)
    publish(published, url=f"{server}/absent", mirrors=(f"{server}/mirrored.zip",))
    assert fetch("nb201", folder=folder) == folder / "nb201_zen.zip"
    assert (folder / "nb201_zen.zip").read_bytes() == published
    assert list(said) == [f"Could not download {server}/absent: the server does not have it."]
    assert fetch("nb201", "nb201_zen.zip", folder=folder) == folder / "nb201_zen.zip"
    assert (
        said[1] == f"{folder / 'nb201_zen.zip'} is here already: `zc-bench data verify` hashes it."
    )


def test_without_a_network_the_message_says_which_file_goes_where(
    folder: Path, publish: Publish, published: bytes, server: str
) -> None:
    publish(published, url=f"{server}/absent")
    with pytest.raises(
        ZcBenchError, match=rf"provide nb201_zen\.zip \({server}/absent\), in {folder}\."
    ):
        fetch("nb201", folder=folder)


def test_an_unknown_file_and_a_space_without_files(
    folder: Path, publish: Publish, published: bytes
) -> None:
    publish(published)
    with pytest.raises(
        ZcBenchError, match=r"Unknown file for nb201 'nb201_zen': did you mean 'nb201_zen\.zip'"
    ):
        fetch("nb201", "nb201_zen", folder=folder)
    with pytest.raises(ZcBenchError, match="No public file holds ground truth for darts_cell"):
        fetch("darts_cell", folder=folder)


def test_what_is_fetched_is_used_from_then_on(
    folder: Path, served: Path, server: str, publish: Publish, published: bytes
) -> None:
    (served / "fetched.zip").write_bytes(published)
    publish(published, shipped=True, url=f"{server}/fetched.zip")
    assert len(load_table("nb201", folder=folder).keys) == 15_625
    fetch("nb201", folder=folder)
    assert len(load_table("nb201", folder=folder).keys) == 3


def test_the_hash_of_a_file_without_a_known_one_is_recorded(
    folder: Path, publish: Publish, published: bytes
) -> None:
    expected = publish(published).sha256
    publish(b"", sha256="")
    (folder / "nb201_zen.zip").write_bytes(published)
    for _ in range(2):
        assert load_table("nb201", folder=folder).provenance["sha256"] == expected


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.parametrize(
    ("space", "file", "count", "tasks"),
    [
        ("nb101", "zc_nasbench101.json", 10_250, 1),
        ("nb301", "zc_nasbench301.json", 10_307, 1),
        ("tnb101_micro", "all_benchmarks_zen.zip", 4_096, 7),
        ("tnb101_macro", "tnb101_macro_zen.zip", 3_256, 7),
    ],
)
def test_the_published_files(
    folder: Path, shared_folder: Path, space: str, file: str, count: int, tasks: int
) -> None:
    shutil.copy(shared_folder / "data" / "raw" / file, folder)
    table = load_table(space, folder=folder)
    assert len(table.keys) == count
    assert len(table.tasks) == tasks
    assert len(table.keys_with(table.tasks[0])) == count
