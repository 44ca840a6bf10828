"""Small published files, and a data folder and a cache folder of the test's own."""

import hashlib
import io
import json
import logging
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import platformdirs
import pytest

from zc_bench.tables.catalogue import TableFile, table_files

ACCURACIES = {
    "cifar10": {
        "(4, 0, 3, 1, 4, 3)": 88.5,
        "(0, 0, 0, 0, 0, 0)": 10.0,
        "(1, 2, 3, 4, 0, 1)": 70.25,
    },
    "cifar100": {"(4, 0, 3, 1, 4, 3)": 61.5, "(0, 0, 0, 0, 0, 0)": 1.0},
    "ImageNet16-120": {"(4, 0, 3, 1, 4, 3)": 33.3},
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder.

    The user's cache folder is elsewhere, no proxy stands before the local host.
    """
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name: tmp_path / "cache" / name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def published() -> bytes:
    """A small zip of the published form."""
    return make_zip(ACCURACIES)


@pytest.fixture
def publish(monkeypatch: pytest.MonkeyPatch) -> Callable[..., TableFile]:
    """Put a file into the catalogue in place of the real ones.

    Nothing comes with the package unless asked for.
    """

    def publish(content: bytes, *, shipped: bool = False, **changes: object) -> TableFile:
        zen = next(entry for entry in table_files() if entry.name == "nb201_zen")
        entry = replace(zen, **{"sha256": hashlib.sha256(content).hexdigest(), **changes})
        for module in ("load", "public", "catalogue"):
            monkeypatch.setattr(f"zc_bench.tables.{module}.table_files", lambda: (entry,))
        if not shipped:
            monkeypatch.setattr("zc_bench.tables.catalogue.SHIPPED", Path("/nonexistent"))
        return entry

    return publish


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder, in parts if asked to; breaks off in the middle of what begins with `broken`.

    `ranges` are the ranges that were asked for. What begins with `whole` is never given in parts.
    """

    ranges: ClassVar[list[str]] = []

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        content, start = path.read_bytes(), 0
        asked = self.headers.get("Range", "")
        if asked and not path.name.startswith("whole"):
            self.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        if start and start >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self.wfile.write(
            content[start : len(content) // 2 if path.name.startswith("broken") else None]
        )


@pytest.fixture
def served(tmp_path: Path) -> Path:
    """The folder that the server serves."""
    served = tmp_path / "served"
    served.mkdir()
    return served


@pytest.fixture
def ranges() -> list[str]:
    """The ranges that the server is asked for."""
    Handler.ranges.clear()
    return Handler.ranges


@pytest.fixture
def server(served: Path) -> Iterator[str]:
    """The address of a server on the local host."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(served))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Sequence[str]:
    """What is logged, a sentence each."""
    caplog.set_level(logging.INFO, "zc_bench")
    return Messages(caplog)


class Messages(Sequence[str]):
    """The messages that were logged so far."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self._caplog = caplog

    def __getitem__(self, place: Any) -> Any:
        return self._caplog.messages[place]

    def __len__(self) -> int:
        return len(self._caplog.messages)


def make_zip(accuracies: dict[str, dict[str, float]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for task, column in accuracies.items():
            rows = [
                {"idx": str(i), "arch": key, "val_accuracy": value}
                for i, (key, value) in enumerate(column.items())
            ]
            archive.writestr(f"zen/benchmark--nasbench201--{task}--0.json", json.dumps(rows))
    return buffer.getvalue()
