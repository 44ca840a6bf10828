import hashlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from zc_bench.errors import ZcBenchError
from zc_bench.tables import download as module
from zc_bench.tables.download import download

CONTENT = b"ground truth" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def files(served: Path) -> None:
    for name in ("file", "broken"):
        (served / name).write_bytes(CONTENT)


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def refused(url: str, expected: str, folder: Path) -> str:
    """Return the reason of a download that fails, having left nothing behind."""
    with pytest.raises(ZcBenchError) as caught:
        download(url, expected, folder / "file")
    assert list(folder.iterdir()) == []
    return str(caught.value)


def test_a_file_comes_whole_with_a_progress_bar(server: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    download(f"{server}/file", SHA256, folder / "new" / "file")
    assert (folder / "new" / "file").read_bytes() == CONTENT
    assert [path.name for path in (folder / "new").iterdir()] == ["file"]
    captured = capsys.readouterr()
    assert "100%" in captured.err
    assert captured.out == ""


def test_another_file_is_refused(server: str, folder: Path) -> None:
    assert refused(f"{server}/file", "0" * 64, folder) == f"what came has SHA-256 {SHA256}, expected {'0' * 64}"


def test_a_broken_download_leaves_nothing(server: str, folder: Path) -> None:
    assert "IncompleteRead" in refused(f"{server}/broken", SHA256, folder)


def test_a_file_that_is_not_there(server: str, folder: Path) -> None:
    assert refused(f"{server}/absent", SHA256, folder) == "the server does not have it"


def test_a_refused_connection_is_a_short_reason(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert refused(f"http://127.0.0.1:{port}/file", SHA256, folder) == "Connection refused"


def test_a_silent_server_is_given_up(silent: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONNECT_SECONDS", 0.2)
    start = time.monotonic()
    reason = refused(f"{silent}/file", SHA256, folder)
    assert time.monotonic() - start < 2
    assert "0.2" in reason


def test_a_folder_that_cannot_be_made(server: str, tmp_path: Path) -> None:
    (tmp_path / "occupied").write_bytes(b"")
    with pytest.raises(ZcBenchError, match=r"^(File exists|Not a directory)"):
        download(f"{server}/file", SHA256, tmp_path / "occupied" / "file")
