"""The journal: one line of JSON for everything that became known since the HDF5 file was last written."""

import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path
from typing import Any, Protocol

from zc_bench.engine.scores import Score, Status
from zc_bench.errors import ZcBenchError
from zc_bench.store.contents import Contents, Draw, Row, TrialKey


class Entry(Protocol):
    """What a line says."""

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
            column: Score(math.nan if value is None else value, Status(status), reason, seconds)
            for column, (value, status, reason, seconds) in entry["scores"].items()
        }
        key = TrialKey(entry["task"], entry["architecture"], entry["seed"])
        return cls(key, Row(scores, entry["passes"], entry.get("peaks", {})))

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
        return cls({(task, seed): tuple(keys) for task, seed, keys in entry["drawn"]})

    def apply(self, contents: Contents) -> None:
        """List the architectures."""
        contents.drawn.update(self.drawn)


def journal_path(path: Path) -> Path:
    """Return where the journal of a store lies."""
    return path.with_name(f"{path.name}.journal")


def append(file: FileIO, entry: Entry, contents: Contents) -> None:
    """Write a line, and add what it says to what is known; both or neither.

    Args:
        file: the journal, unbuffered.
        entry: what the line says.
        contents: what is known.

    Raises:
        OSError: if it cannot be written; the journal is as before.
    """
    line = json.dumps(entry.values()).encode() + b"\n"
    size = os.fstat(file.fileno()).st_size
    rest = memoryview(line)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    finally:
        # Ctrl-C may come at any moment: a whole line is known, half a line would spoil the next one.
        if os.fstat(file.fileno()).st_size == size + len(line):
            entry.apply(contents)
        else:
            os.ftruncate(file.fileno(), size)


def replay(text: bytes, path: Path, contents: Contents) -> None:
    """Add what a journal says to what is known; a last line that was cut short by a crash says nothing.

    Args:
        text: the journal.
        path: where it was read, for the error.
        contents: what is known.

    Raises:
        ZcBenchError: if a line is damaged.
    """
    for number, line in enumerate(text.split(b"\n")[:-1], start=1):
        try:
            _parse(line).apply(contents)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = (
                f"Line {number} of {path} is damaged ({error}): delete that line and try again."
            )
            raise ZcBenchError(message) from error


def _parse(line: bytes) -> Entry:
    entry = json.loads(line)
    return DrawnEntry.of(entry) if "drawn" in entry else TrialEntry.of(entry)
