"""Standard output and standard error that cannot end the work.

A full disk, a closed pipe, a poor alphabet.
"""

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from zc_bench.cli import console

_STANDARD_ERROR = 2


class _Lossy(io.FileIO):
    """A descriptor for writing that takes everything, and after a first failure forgets it.

    Attributes:
        lost: whether something could not be written, though somebody is there to read it.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "wb", closefd=False)
        self.failed = False
        self.lost = False

    def write(self, data: Any, /) -> Any:
        """Write some bytes."""
        size = memoryview(data).nbytes
        if self.failed:
            return size
        try:
            return super().write(data)
        except OSError as error:
            self.failed = True
            self.lost = error.errno != errno.EPIPE
            if self.lost and self.fileno() != _STANDARD_ERROR:
                console.fail(
                    f"Standard output cannot be written to ({error.strerror}): what follows is not shown."
                )
            return size


@contextmanager
def lasting_streams() -> Iterator[None]:
    """Let the block print what it likes.

    What cannot be written to standard output is told on standard error, once; the reader of a pipe
    that is gone is told nothing. What the encoding lacks is written as Python escapes it. The files
    that the block writes are as ever.

    Raises:
        SystemExit: with status 1 if the block ends well, but something was not shown.
    """
    _open_descriptors()
    before = sys.stdout, sys.stderr
    # First, so that the other can complain there.
    sys.stderr, _ = _lasting(sys.stderr)
    sys.stdout, shown = _lasting(sys.stdout)
    try:
        yield
    except SystemExit as end:
        sys.stdout.flush()
        if end.code in (None, 0) and shown is not None and shown.lost:
            raise SystemExit(1) from None
        raise
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        sys.stdout, sys.stderr = before


def _open_descriptors() -> None:
    """Open standard streams that are closed, so that no file of ours takes their place."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # The system takes the lowest number that is free: this one.
            os.open(os.devnull, os.O_RDWR)


def _lasting(stream: TextIO | None) -> tuple[TextIO, _Lossy | None]:
    """Make a stream last; one that is no descriptor of the system stays as it is."""
    if stream is None:
        return io.TextIOWrapper(io.BytesIO(), "utf-8"), None
    try:
        descriptor = stream.fileno()
    except OSError:
        return stream, None
    stream.flush()
    raw = _Lossy(descriptor)
    buffered = io.BufferedWriter(raw)
    lines = stream.isatty() or descriptor == _STANDARD_ERROR
    return io.TextIOWrapper(
        buffered, stream.encoding, "backslashreplace", line_buffering=lines
    ), raw
