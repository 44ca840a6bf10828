"""Fetch a public file, whole and verified, or say why not."""

import re
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from pooch import HTTPDownloader

from zc_bench.errors import ZcBenchError
from zc_bench.files import replacing, sha256

CONNECT_SECONDS = 5
READ_SECONDS = 60


def download(url: str, expected: str, path: Path) -> None:
    """Download a file, showing a progress bar.

    Args:
        url: where it is.
        expected: its SHA-256, in hexadecimal.
        path: where it goes; nothing appears under this name unless it is whole and verified.

    Raises:
        ZcBenchError: if it cannot be had; the message is the short reason.
    """
    try:
        _await_server(url)
        with replacing(path) as temporary:
            HTTPDownloader(timeout=(CONNECT_SECONDS, READ_SECONDS), progressbar=True)(url, str(temporary), None)
            actual = sha256(temporary)
            if actual != expected:
                message = f"what came has SHA-256 {actual}, expected {expected}"
                raise ZcBenchError(message)
    except OSError as error:
        raise ZcBenchError(_reason(error)) from error


def _await_server(url: str) -> None:
    """Return once the server has answered that it has the file; give up after five seconds.

    The question is asked in a thread, because looking up a name has no time limit, and each address of a host has its
    own.
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
