"""A store that is open for writing, by one process at a time; no finished trial is lost."""

import glob
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import filelock

from zc_bench._internal.files import behind_links, explaining, sync_folder
from zc_bench.engine.execute import JobResult
from zc_bench.errors import ZcBenchError
from zc_bench.store import hdf5, journal
from zc_bench.store.backup import backup
from zc_bench.store.contents import AGAIN, Contents, Draw, Row, TrialKey
from zc_bench.store.fingerprint import (
    Fingerprints,
    as_read,
    common_settings,
    contradictions,
    others_than,
    united,
)
from zc_bench.store.reading import read_store

_FRESH = "begun_fresh"  # in what is recorded about a store


class Store:
    """A store that is open for writing.

    Use it as a context manager. Only one process writes at a time; others may read.

    Args:
        path: the HDF5 file; made if absent.
        fingerprints: what the requested scores depend on, by column. A store where such a
            column depends on something else is refused; its other columns stay.
        provenance: spec, environment, ground truth and images, recorded with the store.
        fresh: start over; a store that is there is kept under the name `<stem>.previous.h5`, or, if
            that is taken, `<stem>.previous-2.h5` and so on.

    Attributes:
        path: the HDF5 file.
        contents: everything in it.
        provenance_before: what was recorded when it was last opened; empty if it is new.
        begun_fresh: whether it was begun with `fresh`, now or earlier.

    Raises:
        ZcBenchError: if another process writes to it, it is of another space, a column that is
            asked for depends on something else, or it is damaged or cannot be written.
    """

    def __init__(
        self,
        path: Path,
        fingerprints: Fingerprints,
        provenance: Mapping[str, Any],
        *,
        fresh: bool = False,
    ) -> None:
        self.path = path = behind_links(path)
        beside = journal.journal_path(path)
        self._lock = _lock_of(path)
        with explaining(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            _acquire(self._lock, path)
        try:
            with explaining(path):
                if fresh or not path.exists():
                    backup(path)
                self.contents = self._open(as_read(fingerprints), as_read(provenance), fresh)
                # Unbuffered: what could not be written is not kept to be tried again behind our
                # back.
                self._journal = beside.open("ab", buffering=0)
                sync_folder(path.parent)
        except BaseException:
            self._lock.release()
            raise
        self._syncer = journal.Syncer(self._journal)

    def _open(
        self, fingerprints: Fingerprints, provenance: dict[str, Any], fresh: bool
    ) -> Contents:
        contents = read_store(self.path) if self.path.exists() else Contents({}, {})
        contents.fingerprints = contents.fingerprints_in_use()
        self._expect_alike(contents, fingerprints)
        contents.fingerprints = united(contents.fingerprints, fingerprints)
        self.begun_fresh = fresh or bool(contents.provenance.get(_FRESH))
        if self.begun_fresh:
            provenance[_FRESH] = True
        self.provenance_before, contents.provenance = contents.provenance, provenance
        recorded = [*contents.other_provenance, self.provenance_before]
        contents.other_provenance = others_than(provenance, recorded)
        # A process that was killed while it rewrote the file has left a part; no other process is
        # writing now.
        for left in self.path.parent.glob(
            f".{glob.escape(self.path.stem)}-????????{self.path.suffix}"
        ):
            left.unlink(missing_ok=True)
        hdf5.write(self.path, contents)
        journal.journal_path(self.path).unlink(missing_ok=True)
        return contents

    def _expect_alike(self, contents: Contents, asked: Fingerprints) -> None:
        """Refuse a store of another space, and one whose requested columns depend on something else."""
        advice = "Choose another folder with --out, or start over with --fresh."
        space = common_settings(asked).get("space")
        if contents.space and space and contents.space != space:
            message = f"{self.path} holds scores of {contents.space}, not of {space}. {advice}"
            raise ZcBenchError(message)
        if different := contradictions(contents.fingerprints, asked):
            message = (
                f"{self.path} holds scores that depend on something else: {different}. {advice}"
            )
            raise ZcBenchError(message)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def missing(self, key: TrialKey, columns: Mapping[str, str]) -> list[str]:
        """List the proxies whose score is yet to be computed.

        Args:
            key: the trial.
            columns: column by proxy.

        Returns:
            Proxies without a score, and those that failed or ran out of memory, which deserve
            another try.
        """
        trial = self.contents.trials.get(key)
        if trial is None:
            return list(columns)
        return [
            name
            for name, column in columns.items()
            if column not in trial.scores or trial.scores[column].status in AGAIN
        ]

    def append(self, key: TrialKey, result: JobResult, columns: Mapping[str, str]) -> None:
        """Add a finished trial.

        When this returns, it survives the death of the process, a second later a power cut.

        Args:
            key: the trial.
            result: its scores and costs.
            columns: column by proxy.

        Raises:
            ZcBenchError: if it cannot be written, for instance because the disk is full, or a
                column was not named when the store was opened; the store is as before.
        """
        scores = {columns[name]: score for name, score in result.scores.items()}
        if unknown := sorted(scores.keys() - self.contents.fingerprints.keys()):
            message = (
                f"{self.path} has no record of what scores of {', '.join(unknown)} depend on: "
                "name their proxies when it is opened."
            )
            raise ZcBenchError(message)
        trial = Row(scores, dict(result.pass_seconds), dict(result.pass_peak_bytes))
        self._add(journal.TrialEntry(key, trial))

    def record_drawn(self, drawn: Mapping[Draw, tuple[str, ...] | list[str]]) -> None:
        """List the architectures that a run drew.

        When this returns, the list survives the death of the process.

        A list that is the beginning of the one that is there, as a smaller draw is, changes
        nothing; any other takes its place.

        Args:
            drawn: architectures in the order in which they were drawn, by task and seed.

        Raises:
            ZcBenchError: if it cannot be written; the store is as before.
        """
        known = self.contents.drawn
        new = {
            draw: tuple(keys)
            for draw, keys in drawn.items()
            if known.get(draw, ())[: len(keys)] != tuple(keys)
        }
        if new:
            self._add(journal.DrawnEntry(new))

    def adopt(self, others: Contents) -> None:
        """Copy from another store the scores that are missing here, failed, or ran out of memory.

        Columns that depend on something else there are left out. When this returns, it survives the
        death of the process.

        Args:
            others: the other store.

        Raises:
            ZcBenchError: if it cannot be written; the file is as before.
        """
        theirs = others.fingerprints_in_use()
        taken = {
            column: said
            for column, said in theirs.items()
            if not contradictions(self.contents.fingerprints, {column: said})
        }
        self.contents.fingerprints = united(self.contents.fingerprints, taken)
        for key, trial in others.trials.items():
            scores = {column: trial.scores[column] for column in trial.scores if column in taken}
            own = self.contents.trials.get(key, Row())
            kept = {
                column: score for column, score in own.scores.items() if score.status not in AGAIN
            }
            self.contents.trials[key] = Row(
                {**own.scores, **scores, **kept},
                {**trial.pass_seconds, **own.pass_seconds},
                {**trial.pass_peak_bytes, **own.pass_peak_bytes},
            )
        recorded = [
            *self.contents.other_provenance,
            others.provenance,
            *others.other_provenance,
        ]
        self.contents.other_provenance = others_than(self.contents.provenance, recorded)
        with explaining(self.path):
            hdf5.write(self.path, self.contents)

    def _add(self, entry: journal.Entry) -> None:
        with explaining(self.path):
            journal.append(self._journal, entry, self.contents)
        self._syncer.written()

    def close(self) -> None:
        """Fold the journal into the HDF5 file and let others write.

        Raises:
            ZcBenchError: if it cannot be written; the journal stays, and is folded when the store
                is opened again.
        """
        if self._journal.closed:
            return
        try:
            with explaining(self.path):
                # Nothing came since the store was opened: the file is what it should be.
                if os.fstat(self._journal.fileno()).st_size:
                    os.fsync(self._journal.fileno())
                    hdf5.write(self.path, self.contents)
                journal.journal_path(self.path).unlink(missing_ok=True)
        finally:
            self._syncer.close()
            self._journal.close()
            self._lock.release()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep others from writing to a store while the block lasts.

    Args:
        path: the HDF5 file.

    Raises:
        ZcBenchError: if another process writes to it.
    """
    lock = _lock_of(path)
    with explaining(path):
        _acquire(lock, path)
    try:
        yield
    finally:
        lock.release()


def _lock_of(path: Path) -> filelock.FileLock:
    return filelock.FileLock(path.with_name(f".{path.name}.lock"), timeout=0)


def _acquire(lock: filelock.BaseFileLock, path: Path) -> None:
    try:
        lock.acquire()
    except filelock.Timeout as error:
        message = (
            f"Another process is writing to {path}: wait for it, stop it, or choose another folder "
            "with --out."
        )
        raise ZcBenchError(message) from error
