"""Small published files, and a data folder and a cache folder of the test's own."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from zc_bench.tables import load
from zc_bench.tables.catalogue import TableFile, table_files

ACCURACIES = {
    "cifar10": {"(4, 0, 3, 1, 4, 3)": 88.5, "(0, 0, 0, 0, 0, 0)": 10.0, "(1, 2, 3, 4, 0, 1)": 70.25},
    "cifar100": {"(4, 0, 3, 1, 4, 3)": 61.5, "(0, 0, 0, 0, 0, 0)": 1.0},
    "ImageNet16-120": {"(4, 0, 3, 1, 4, 3)": 33.3},
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder; the user's cache folder is elsewhere, and no proxy stands before the local host."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
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
    """Put a file into the catalogue in place of the real ones; what an installed package carries stays if asked for."""

    def publish(content: bytes, *, carried: bool = False, **changes: object) -> TableFile:
        zen, analog = table_files()
        entry = replace(zen, sha256=hashlib.sha256(content).hexdigest(), **changes)
        monkeypatch.setattr(load, "table_files", lambda: (entry, analog) if carried else (entry,))
        return entry

    return publish


def make_zip(accuracies: dict[str, dict[str, float]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for task, column in accuracies.items():
            rows = [
                {"idx": str(i), "arch": key, "val_accuracy": value} for i, (key, value) in enumerate(column.items())
            ]
            archive.writestr(f"zen/benchmark--nasbench201--{task}--0.json", json.dumps(rows))
    return buffer.getvalue()
