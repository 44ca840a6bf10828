"""Where the scores of a run lie: one HDF5 file, and a journal beside it while somebody writes.

A finished trial is one line appended to the journal, so it survives whatever kills the writer. When a store is opened
for writing or closed, the journal is folded into the HDF5 file, which is written anew and renamed; a line that was cut
short by a crash is no finished trial and is left out. Folding twice gives the same file, so a crash between renaming
and removing the journal does no harm. The reasons are in docs/decisions/0002-store.md.
"""

import glob
import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import filelock
import h5py
import numpy as np
import pandas as pd

from zc_bench.errors import ZcBenchError
from zc_bench.files import explaining, replacing
from zc_bench.observe import Observed, Score, Status

FORMAT = 1
Identity = Mapping[str, Mapping[str, Any]]
_STATUS_CODES = {status: code for code, status in enumerate(Status, start=1)}
_STATUSES = {code: status for status, code in _STATUS_CODES.items()}


@dataclass(frozen=True, order=True)
class TrialKey:
    """What a trial is, by name."""

    task: str
    architecture: str
    seed: int


@dataclass
class StoredTrial:
    """What is known of one trial.

    Attributes:
        scores: by column, "proxy@version".
        pass_seconds: seconds by pass.
    """

    scores: dict[str, Score] = field(default_factory=dict)
    pass_seconds: dict[str, float] = field(default_factory=dict)


@dataclass
class Contents:
    """Everything in a store.

    Attributes:
        identity: what its scores depend on, in named sections.
        about: who computed it and from what: environment and provenance.
        trials: what is known, by trial.
    """

    identity: dict[str, dict[str, Any]]
    about: dict[str, Any]
    trials: dict[TrialKey, StoredTrial] = field(default_factory=dict)

    def frame(self) -> pd.DataFrame:
        """Return one row per trial and score, with the columns named below."""
        rows = [
            (
                key.task,
                key.architecture,
                key.seed,
                *_split(column),
                score.value,
                str(score.status),
                score.reason,
                score.seconds,
            )
            for key, trial in self.trials.items()
            for column, score in trial.scores.items()
        ]
        names = ["task", "architecture", "seed", "proxy", "version", "score", "status", "reason", "seconds"]
        return pd.DataFrame(rows, columns=names)


def column_name(proxy: str, version: int) -> str:
    """Name the column of a proxy's version."""
    return f"{proxy}@{version}"


def _split(column: str) -> tuple[str, int]:
    name, _, version = column.rpartition("@")
    return name, int(version)


class Store:
    """A store that is open for writing.

    Use it as a context manager. Only one process writes at a time; others may read.

    Args:
        path: the HDF5 file; made if absent.
        identity: what scores depend on, in named sections. A store where a section of that name says otherwise is
            refused.
        about: environment and provenance, recorded with the store.
        fresh: start over; a store that is there is kept under the name `<stem>.previous.h5`.

    Attributes:
        path: the HDF5 file.
        contents: everything in it.
        about_before: what was recorded about it when it was last opened; empty if it is new.
    """

    def __init__(self, path: Path, identity: Identity, about: Mapping[str, Any], *, fresh: bool = False) -> None:
        self.path = path
        self._lock = filelock.FileLock(_lock_path(path), timeout=0)
        with explaining(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            _acquire(self._lock, path)
        try:
            with explaining(path):
                if fresh or not path.exists():
                    _set_aside(path)
                self.contents = self._open(_json_copy(identity), dict(about))
                # Unbuffered: what could not be written is not kept to be tried again behind our back.
                self._journal = _journal_path(path).open("ab", buffering=0)
        except BaseException:
            self._lock.release()
            raise

    def _open(self, identity: dict[str, dict[str, Any]], about: dict[str, Any]) -> Contents:
        contents = read_store(self.path) if self.path.exists() else Contents({}, {})
        _refuse_other_identity(self.path, contents.identity, identity)
        contents.identity |= identity
        self.about_before, contents.about = contents.about, about
        # A process that was killed while it wrote the file anew has left its half; nobody else is writing now.
        for left in self.path.parent.glob(f".{glob.escape(self.path.stem)}-????????{self.path.suffix}"):
            left.unlink(missing_ok=True)
        _write(self.path, contents)
        _journal_path(self.path).unlink(missing_ok=True)
        return contents

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def missing(self, key: TrialKey, columns: Mapping[str, str]) -> list[str]:
        """List the proxies whose score is yet to be computed.

        Args:
            key: the trial.
            columns: column by proxy.

        Returns:
            Proxies without a score, and those that failed or ran out of memory, which deserve another try.
        """
        trial = self.contents.trials.get(key)
        if trial is None:
            return list(columns)
        again = (Status.FAILED, Status.OUT_OF_MEMORY)
        return [
            name
            for name, column in columns.items()
            if column not in trial.scores or trial.scores[column].status in again
        ]

    def append(self, key: TrialKey, observed: Observed, columns: Mapping[str, str]) -> None:
        """Add a finished trial; when this returns, it survives the death of the process.

        Args:
            key: the trial.
            observed: its scores and times.
            columns: column by proxy.

        Raises:
            ZcBenchError: if it cannot be written, for instance because the disk is full; the store is as before.
        """
        trial = StoredTrial(
            {columns[name]: score for name, score in observed.scores.items()}, dict(observed.pass_seconds)
        )
        line = _line(key, trial)
        size = os.fstat(self._journal.fileno()).st_size
        rest = memoryview(line)
        try:
            with explaining(self.path):
                while rest:
                    rest = rest[self._journal.write(rest) :]
        finally:
            # Ctrl-C may come at any moment: a whole line is a finished trial, half a line would spoil the next one.
            if os.fstat(self._journal.fileno()).st_size == size + len(line):
                _merge(self.contents.trials, key, trial)
            else:
                os.ftruncate(self._journal.fileno(), size)

    def close(self) -> None:
        """Fold the journal into the HDF5 file and let others write.

        Raises:
            ZcBenchError: if it cannot be written; the journal stays, and is folded when the store is opened again.
        """
        if self._journal.closed:
            return
        try:
            with explaining(self.path):
                os.fsync(self._journal.fileno())
                _write(self.path, self.contents)
                _journal_path(self.path).unlink(missing_ok=True)
        finally:
            self._journal.close()
            self._lock.release()


def read_store(path: Path) -> Contents:
    """Read a store, also while somebody writes to it.

    Args:
        path: the HDF5 file.

    Returns:
        Everything in it and in its journal.

    Raises:
        ZcBenchError: if there is none, or it is no store.
    """
    # The journal first: what is folded in after this line is read from the HDF5 file below.
    try:
        journal = _journal_path(path).read_bytes()
    except FileNotFoundError:
        journal = b""
    contents = _read(path)
    for number, line in enumerate(journal.split(b"\n")[:-1], start=1):
        try:
            key, trial = _parse(line)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"Line {number} of {_journal_path(path)} is damaged ({error}): delete that line and try again."
            raise ZcBenchError(message) from error
        _merge(contents.trials, key, trial)
    return contents


def _journal_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.journal")


def _lock_path(path: Path) -> Path:
    return path.with_name(f".{path.name}.lock")


def _acquire(lock: filelock.BaseFileLock, path: Path) -> None:
    try:
        lock.acquire()
    except filelock.Timeout as error:
        message = f"Another process is writing to {path}: wait for it, stop it, or choose another folder with --out."
        raise ZcBenchError(message) from error


def _set_aside(path: Path) -> None:
    """Keep a store, or a journal that lost its store, under another name."""
    previous = path.with_name(f"{path.stem}.previous{path.suffix}")
    if path.exists():
        # The journal of a store that was set aside before is not this one's.
        _journal_path(previous).unlink(missing_ok=True)
        path.replace(previous)
    if _journal_path(path).exists():
        _journal_path(path).replace(_journal_path(previous))


def _merge(trials: dict[TrialKey, StoredTrial], key: TrialKey, trial: StoredTrial) -> None:
    known = trials.setdefault(key, StoredTrial())
    known.scores.update(trial.scores)
    known.pass_seconds.update(trial.pass_seconds)


def _refuse_other_identity(path: Path, found: Identity, asked: Identity) -> None:
    """Compare section by section; a section that only one of the two has, such as a new task, is no difference."""
    differences = [
        f"{section} {name}: {found[section].get(name)!r} there, {asked[section].get(name)!r} now"
        for section in found
        if section in asked
        for name in sorted({*found[section], *asked[section]})
        if found[section].get(name) != asked[section].get(name)
    ]
    if differences:
        message = (
            f"{path} holds scores of another kind ({'; '.join(differences)}). "
            "Choose another folder with --out, or start over with --fresh."
        )
        raise ZcBenchError(message)


def _json_copy(value: Any) -> Any:
    """Turn a value into what comes back from the file, so that the two compare equal."""
    return json.loads(json.dumps(value))


def _line(key: TrialKey, trial: StoredTrial) -> bytes:
    scores = {
        column: [None if math.isnan(score.value) else score.value, score.status, score.reason, score.seconds]
        for column, score in trial.scores.items()
    }
    return json.dumps({**asdict(key), "scores": scores, "passes": trial.pass_seconds}).encode() + b"\n"


def _parse(line: bytes) -> tuple[TrialKey, StoredTrial]:
    entry = json.loads(line)
    scores = {
        column: Score(math.nan if value is None else value, Status(status), reason, seconds)
        for column, (value, status, reason, seconds) in entry["scores"].items()
    }
    return TrialKey(entry["task"], entry["architecture"], entry["seed"]), StoredTrial(scores, entry["passes"])


def _write(path: Path, contents: Contents) -> None:
    """Write the whole store as one HDF5 file, in an order that does not depend on how it came about."""
    keys = sorted(contents.trials)
    trials = [contents.trials[key] for key in keys]
    text = h5py.string_dtype()
    packed = {"compression": "gzip", "shuffle": True} if keys else {}
    # Made in memory: HDF5 does not report a full disk in time, and may take the process down with it.
    whole = BytesIO()
    with h5py.File(whole, "w") as file:
        file.attrs.update(format=FORMAT, identity=json.dumps(contents.identity), about=json.dumps(contents.about))
        group = file.create_group("trials")
        group.create_dataset("task", data=[key.task for key in keys], dtype=text, **packed)
        group.create_dataset("architecture", data=[key.architecture for key in keys], dtype=text, **packed)
        group.create_dataset("seed", data=np.array([key.seed for key in keys], np.int64), **packed)
        for column in sorted({name for trial in trials for name in trial.scores}):
            scores = [trial.scores.get(column) for trial in trials]
            group = file.create_group(f"scores/{column}")
            group.create_dataset("value", data=[s.value if s else math.nan for s in scores], **packed)
            codes = np.array([_STATUS_CODES[s.status] if s else 0 for s in scores], np.uint8)
            codes_set = group.create_dataset("status", data=codes, **packed)
            codes_set.attrs["meaning"] = json.dumps({0: "pending", **{c: str(s) for c, s in _STATUSES.items()}})
            group.create_dataset("reason", data=[s.reason if s else "" for s in scores], dtype=text, **packed)
            group.create_dataset("seconds", data=[s.seconds if s else math.nan for s in scores], **packed)
        for name in sorted({name for trial in trials for name in trial.pass_seconds}):
            seconds = [trial.pass_seconds.get(name, math.nan) for trial in trials]
            file.create_dataset(f"passes/{name}", data=seconds, **packed)
    with replacing(path) as temporary:
        temporary.write_bytes(whole.getbuffer())


def _read(path: Path) -> Contents:
    if not path.exists():
        message = f"There is no store at {path}: run `zc-bench correlate` to make one."
        raise ZcBenchError(message)
    try:
        with h5py.File(path, "r") as file:
            return _contents(file)
    except Exception as error:
        # h5py raises nearly anything on a damaged file.
        message = f"{path} is not a store of zc-bench, or damaged ({error}): move it away, or start over with --fresh."
        raise ZcBenchError(message) from error


def _contents(file: h5py.File) -> Contents:
    if file.attrs["format"] != FORMAT:
        message = f"its format is {file.attrs['format']}, this version reads {FORMAT}"
        raise ValueError(message)
    contents = Contents(json.loads(file.attrs["identity"]), json.loads(file.attrs["about"]))
    columns = [file[f"trials/{name}"] for name in ("task", "architecture")]
    tasks, architectures = (column.asstr()[:] if len(column) else [] for column in columns)
    keys = [TrialKey(*names) for names in zip(tasks, architectures, file["trials/seed"][:].tolist(), strict=True)]
    trials = [contents.trials.setdefault(key, StoredTrial()) for key in keys]
    for column, group in file.get("scores", {}).items():
        parts = (
            group["value"][:].tolist(),
            group["status"][:].tolist(),
            group["reason"].asstr()[:],
            group["seconds"][:],
        )
        for trial, value, code, reason, seconds in zip(trials, *parts, strict=True):
            if code:
                trial.scores[column] = Score(value, _STATUSES[code], reason, float(seconds))
    for name, dataset in file.get("passes", {}).items():
        for trial, seconds in zip(trials, dataset[:].tolist(), strict=True):
            if not math.isnan(seconds):
                trial.pass_seconds[name] = seconds
    return contents
