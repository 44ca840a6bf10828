"""Download a public file and verify it."""

import re
from collections.abc import Callable
from http import HTTPStatus
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, BinaryIO

from pooch import HTTPDownloader

from zc_bench._internal.files import sha256
from zc_bench.errors import ZcBenchError

CONNECT_SECONDS = 5
READ_SECONDS = 60


def download(url: str, expected: str, path: Path) -> None:
    """Download a file, showing a progress bar; go on where an earlier attempt broke off.

    Args:
        url: where it is.
        expected: its SHA-256, in hexadecimal; empty where that is not known.
        path: where it goes; nothing appears under this name unless it is whole and verified. What
            has come so far is beside it, with `.part` at the end of the name.

    Raises:
        ZcBenchError: if the download fails; the message is the short reason.
    """
    _into(path, expected, lambda part: _continue(url, part))


def download_from_drive(identifier: str, expected: str, path: Path) -> None:
    """Download a file from Google Drive with the package `gdown`, like `download`.

    Args:
        identifier: the file's id there.
        expected: its SHA-256, in hexadecimal; empty where that is not known.
        path: where it goes.

    Raises:
        ZcBenchError: if the download fails, or gdown is not installed; the message is the short
            reason.
    """
    if find_spec("gdown") is None:
        message = (
            "it is on Google Drive only, and the package gdown is not installed: pip install "
            "'zc-bench[gdown]'"
        )
        raise ZcBenchError(message)
    gdown: Any = import_module("gdown")

    def fetch(part: Path) -> None:
        try:
            gdown.download(id=identifier, output=str(part), timeout=READ_SECONDS, resume=True)
        except gdown.exceptions.DownloadError as error:
            message = " ".join(str(error).split())[:200]
            raise ZcBenchError(message) from error

    _into(path, expected, fetch)


def _into(path: Path, expected: str, fetch: Callable[[Path], None]) -> None:
    """Have a file fetched under another name, verify it, and give it its own."""
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fetch(part)
        actual = sha256(part)
        if expected not in ("", actual):
            part.unlink()
            message = f"what came has SHA-256 {actual}, expected {expected}"
            raise ZcBenchError(message)
        part.replace(path)
    except OSError as error:
        raise ZcBenchError(_reason(error)) from error


def _continue(url: str, part: Path) -> None:
    """Continue a partial download, or start over where the server sends whole files only."""
    _await_server(url)
    with part.open("ab") as file:
        had = file.tell()

        def begin(response: Any, *_: object, **__: object) -> None:
            # Either all of it comes, or what is here is no part of it.
            if response.status_code in (HTTPStatus.OK, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE):
                file.truncate(0)

        try:
            _get(url, file, {"Range": f"bytes={had}-"} if had else {}, begin)
        except OSError:
            if not had or part.stat().st_size:
                raise
            _get(url, file, {}, begin)


def _get(url: str, file: BinaryIO, headers: dict[str, str], begin: Callable[..., None]) -> None:
    """Write what a server answers to the end of a file."""
    # Bytes as they are: a range of a compressed answer is no range of the file.
    headers = {"Accept-Encoding": "identity", **headers}
    get = HTTPDownloader(
        timeout=(CONNECT_SECONDS, READ_SECONDS),
        progressbar=True,
        headers=headers,
        hooks={"response": begin},
    )
    get(url, file, None)


def _await_server(url: str) -> None:
    """Return once the server has answered that it has the file; give up after five seconds.

    The question is asked in a thread, because looking up a name has no time limit, and each address
    of a host has its own.
    """
    answers: SimpleQueue[bool | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(HTTPDownloader(timeout=CONNECT_SECONDS)(url, None, None, check_only=True))
        except OSError as error:
            answers.put(error)

    Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=CONNECT_SECONDS)
    except Empty:
        message = f"no connection within {CONNECT_SECONDS} s"
        raise TimeoutError(message) from None
    if isinstance(answer, OSError):
        raise answer
    if not answer:
        message = "the server does not have it"
        raise FileNotFoundError(message)


def _reason(error: OSError) -> str:
    """Find the few words that matter in a message of many layers."""
    system = re.search(r"\[Errno -?\d+\] ([^'\")]+)", str(error))
    return system[1] if system else str(error)[:100] or type(error).__name__
