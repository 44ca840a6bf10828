"""The journal: one line of JSON per record since the HDF5 file was last written.

A line begins with a digest of the rest, 16 digits and a space. Lines of early versions have no
digest.
"""

import hashlib
import json
import math
import os
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path
from threading import Timer
from typing import Any, Protocol

from zc_bench.engine.scores import Score, Status
from zc_bench.errors import ZcBenchError, ZcBenchWarning
from zc_bench.store import checks
from zc_bench.store.contents import Contents, Draw, Row, TrialKey

SYNC_SECONDS = 1.0


class Entry(Protocol):
    """The record of a line."""

    def values(self) -> dict[str, Any]:
        """Return what `json.dumps` makes the line of."""

    def apply(self, contents: Contents) -> None:
        """Add it to what is known."""


@dataclass(frozen=True)
class TrialEntry:
    """A trial is finished."""

    key: TrialKey
    trial: Row

    def values(self) -> dict[str, Any]:
        """Return names and values; NaN is null."""
        scores = {
            column: [
                None if math.isnan(score.value) else score.value,
                score.status,
                score.reason,
                score.seconds,
            ]
            for column, score in self.trial.scores.items()
        }
        passes, peaks = self.trial.pass_seconds, self.trial.pass_peak_bytes
        return {
            **asdict(self.key),
            "scores": scores,
            "passes": passes,
            **({"peaks": peaks} if peaks else {}),
        }

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "TrialEntry":
        """Read what `values` gave."""
        scores = {
            checks.column(column): _score(*values)
            for column, values in checks.mapping(entry["scores"]).items()
        }
        key = TrialKey(
            checks.text(entry["task"]),
            checks.text(entry["architecture"]),
            checks.whole(entry["seed"]),
        )
        seconds = {
            checks.name(name): checks.number(value)
            for name, value in checks.mapping(entry["passes"]).items()
        }
        peaks = checks.mapping(entry.get("peaks", {}))
        return cls(
            key,
            Row(scores, seconds, {checks.name(name): checks.whole(peaks[name]) for name in peaks}),
        )

    def apply(self, contents: Contents) -> None:
        """Add the trial."""
        contents.add(self.key, self.trial)


@dataclass(frozen=True)
class DrawnEntry:
    """Architectures were drawn."""

    drawn: Mapping[Draw, tuple[str, ...]]

    def values(self) -> dict[str, Any]:
        """Return names and values."""
        return {"drawn": [[*draw, list(keys)] for draw, keys in self.drawn.items()]}

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "DrawnEntry":
        """Read what `values` gave."""
        return cls(
            {
                (checks.text(task), checks.whole(seed)): tuple(map(checks.text, _list(keys)))
                for task, seed, keys in _list(entry["drawn"])
            }
        )

    def apply(self, contents: Contents) -> None:
        """List the architectures."""
        contents.drawn.update(self.drawn)


def _score(value: Any, status: Any, reason: Any, seconds: Any) -> Score:
    if type(reason) is not str:
        message = "a reason is no text"
        raise ValueError(message)
    return Score(
        math.nan if value is None else checks.number(value),
        Status(status),
        reason,
        checks.number(seconds),
    )


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        message = f"there is a {type(value).__name__}, expected a list"
        raise ValueError(message)
    return value


def journal_path(path: Path) -> Path:
    """Return the path of the journal of a store.

    Raises:
        ZcBenchError: if the path names no file.
    """
    if not path.name:
        message = (
            f"{str(path)!r} names no file: give the path of a store, such as results/scores.h5."
        )
        raise ZcBenchError(message)
    return path.with_name(f"{path.name}.journal")


def append(file: FileIO, entry: Entry, contents: Contents) -> None:
    """Write a line, and add its record to the contents; both or neither.

    Args:
        file: the journal, unbuffered.
        entry: the record.
        contents: what is known.

    Raises:
        OSError: if it cannot be written; the journal is as before.
    """
    line = json.dumps(entry.values()).encode()
    line = _digest(line) + b" " + line + b"\n"
    size = os.fstat(file.fileno()).st_size
    rest = memoryview(line)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    finally:
        # Ctrl-C may come at any moment: a whole line is known, half a line would spoil the next
        # one.
        if os.fstat(file.fileno()).st_size == size + len(line):
            entry.apply(contents)
        else:
            os.ftruncate(file.fileno(), size)


class Syncer:
    """A thread that syncs a file to the disk a second after it was written to.

    So a power cut costs the trials of the last second, and short trials do not wait for the disk
    one by one.

    Args:
        file: the file.
    """

    def __init__(self, file: FileIO) -> None:
        self._file = file
        self._pending = False
        self._timer: Timer | None = None

    def written(self) -> None:
        """Note that the file was written to."""
        if not self._pending:
            self._pending = True
            self._timer = Timer(SYNC_SECONDS, self._sync)
            self._timer.daemon = True
            self._timer.start()

    def close(self) -> None:
        """Stop; closing the file syncs it to the disk."""
        if self._timer is not None:
            self._timer.cancel()

    def _sync(self) -> None:
        # First: what is written from here on needs another turn.
        self._pending = False
        # The file may be closed by now. What goes wrong here goes wrong when the store is closed,
        # too.
        with suppress(OSError, ValueError):
            os.fsync(self._file.fileno())


def replay(text: bytes, path: Path, contents: Contents) -> None:
    """Add the records of a journal to the contents.

    A last line that was cut short by a crash is ignored. Any other damaged line is named in a
    warning and left out: the next run computes its trial again.

    Args:
        text: the journal.
        path: where it was read, for the warning.
        contents: what is known.
    """
    for number, line in enumerate(text.split(b"\n")[:-1], start=1):
        try:
            entry = _parse(line)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            what = f"Line {number} of {path} is damaged ({_short(error)}) and left out"
            message = f"{what}: run the same command again to compute what it held."
            warnings.warn(ZcBenchWarning(message), stacklevel=2)
        else:
            entry.apply(contents)


def _parse(line: bytes) -> Entry:
    if not line.startswith(b"{"):
        digest, _, line = line.partition(b" ")
        if digest != _digest(line):
            message = "it does not match its digest"
            raise ValueError(message)
    entry = checks.mapping(json.loads(line))
    return DrawnEntry.of(entry) if "drawn" in entry else TrialEntry.of(entry)


def _digest(line: bytes) -> bytes:
    return hashlib.blake2b(line, digest_size=8).hexdigest().encode()


def _short(error: Exception) -> str:
    return f"{error}"[:100] if isinstance(error, ValueError) else type(error).__name__
