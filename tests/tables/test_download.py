import hashlib
import inspect
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from zc_bench.errors import ZcBenchError
from zc_bench.tables import download as module
from zc_bench.tables.download import download, download_from_drive

CONTENT = b"ground truth" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def files(served: Path) -> None:
    for name in ("file", "broken", "whole"):
        (served / name).write_bytes(CONTENT)


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def refused(url: str, expected: str, folder: Path) -> str:
    """Return the reason of a download that fails, having left nothing behind but what came."""
    with pytest.raises(ZcBenchError) as caught:
        download(url, expected, folder / "file")
    assert {path.name for path in folder.iterdir()} <= {"file.part"}
    return str(caught.value)


def test_a_file_comes_whole_with_a_progress_bar(
    server: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    download(f"{server}/file", SHA256, folder / "new" / "file")
    assert (folder / "new" / "file").read_bytes() == CONTENT
    assert [path.name for path in (folder / "new").iterdir()] == ["file"]
    captured = capsys.readouterr()
    assert "100%" in captured.err
    assert captured.out == ""


def test_another_file_is_refused_and_removed(server: str, folder: Path) -> None:
    assert (
        refused(f"{server}/file", "0" * 64, folder)
        == f"what came has SHA-256 {SHA256}, expected {'0' * 64}"
    )
    assert list(folder.iterdir()) == []


def test_a_file_without_a_known_hash_comes_too(server: str, folder: Path) -> None:
    download(f"{server}/file", "", folder / "file")
    assert (folder / "file").read_bytes() == CONTENT


def test_a_broken_download_goes_on_where_it_broke_off(
    server: str, ranges: list[str], folder: Path
) -> None:
    assert "IncompleteRead" in refused(f"{server}/broken", SHA256, folder)
    came = (folder / "file.part").read_bytes()
    assert 0 < len(came) < len(CONTENT)
    download(f"{server}/file", SHA256, folder / "file")
    assert ranges == [f"bytes={len(came)}-"]
    assert (folder / "file").read_bytes() == CONTENT
    assert [path.name for path in folder.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("name", "part"),
    [("whole", CONTENT[:100]), ("file", CONTENT), ("file", CONTENT + b"!")],
    ids=["a server without ranges", "nothing is missing", "too much is here"],
)
def test_what_cannot_go_on_begins_anew(server: str, folder: Path, name: str, part: bytes) -> None:
    (folder / "file.part").write_bytes(part)
    download(f"{server}/{name}", SHA256, folder / "file")
    assert (folder / "file").read_bytes() == CONTENT


def test_a_part_of_another_file_is_removed(server: str, folder: Path) -> None:
    (folder / "file.part").write_bytes(b"other")
    assert "what came has SHA-256" in refused(f"{server}/file", SHA256, folder)
    download(f"{server}/file", SHA256, folder / "file")


class DriveError(Exception):
    pass


def drive_download(**arguments: object) -> None:
    if arguments["id"] != "known":
        message = "Cannot retrieve\n the link."
        raise DriveError(message)
    Path(str(arguments["output"])).write_bytes(CONTENT)


@pytest.fixture
def drive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stands for the package gdown."""
    package = SimpleNamespace(
        download=drive_download, exceptions=SimpleNamespace(DownloadError=DriveError)
    )
    monkeypatch.setattr(module, "find_spec", lambda _: True)
    monkeypatch.setattr(module, "import_module", lambda _: package)


@pytest.mark.usefixtures("drive")
def test_a_file_comes_from_google_drive(folder: Path) -> None:
    download_from_drive("known", SHA256, folder / "file")
    assert (folder / "file").read_bytes() == CONTENT


@pytest.mark.usefixtures("drive")
def test_what_google_drive_refuses_is_a_short_reason(folder: Path) -> None:
    with pytest.raises(ZcBenchError, match=r"^Cannot retrieve the link\.$"):
        download_from_drive("unknown", "", folder / "file")


def test_without_gdown_the_reason_says_what_to_type(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    with pytest.raises(ZcBenchError, match=r"pip install 'zc-bench\[gdown\]'"):
        download_from_drive("known", "", folder / "file")


def test_gdown_takes_what_it_is_given() -> None:
    gdown = pytest.importorskip("gdown")
    assert {"id", "output", "timeout", "resume"} <= inspect.signature(
        gdown.download
    ).parameters.keys()
    assert issubclass(gdown.exceptions.DownloadError, Exception)


def test_a_file_that_is_not_there(server: str, folder: Path) -> None:
    assert refused(f"{server}/absent", SHA256, folder) == "the server does not have it"


def test_a_refused_connection_is_a_short_reason(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert refused(f"http://127.0.0.1:{port}/file", SHA256, folder) == "Connection refused"


def test_a_silent_server_is_given_up(
    silent: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONNECT_SECONDS", 0.2)
    assert "0.2" in refused(f"{silent}/file", SHA256, folder)


def test_a_folder_that_cannot_be_made(server: str, tmp_path: Path) -> None:
    (tmp_path / "occupied").write_bytes(b"")
    with pytest.raises(ZcBenchError, match=r"^(File exists|Not a directory)"):
        download(f"{server}/file", SHA256, tmp_path / "occupied" / "file")
