"""A store that is open for writing: one process at a time, and nothing that is finished is lost."""

import glob
import os
from collections.abc import Mapping
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
from zc_bench.store.identity import Identity, as_read, contradictions, others_than
from zc_bench.store.reading import read_store

_FRESH = "begun_fresh"  # in what is recorded about a store


class Store:
    """A store that is open for writing.

    Use it as a context manager. Only one process writes at a time; others may read.

    Args:
        path: the HDF5 file; made if absent.
        identity: what scores depend on, in named sections. A store where a section of that name says otherwise is
            refused.
        about: spec, environment and provenance, recorded with the store.
        fresh: start over; a store that is there is kept under the name `<stem>.previous.h5`, or, if that is taken,
            `<stem>.previous-2.h5` and so on.

    Attributes:
        path: the HDF5 file.
        contents: everything in it.
        about_before: what was recorded about it when it was last opened; empty if it is new.
        begun_fresh: whether it was begun with `fresh`, now or earlier.

    Raises:
        ZcBenchError: if another process writes to it, it holds scores of another kind, is damaged or cannot be
            written.
    """

    def __init__(
        self, path: Path, identity: Identity, about: Mapping[str, Any], *, fresh: bool = False
    ) -> None:
        self.path = path = behind_links(path)
        self._lock = filelock.FileLock(path.with_name(f".{path.name}.lock"), timeout=0)
        with explaining(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            _acquire(self._lock, path)
        try:
            with explaining(path):
                if fresh or not path.exists():
                    backup(path)
                self.contents = self._open(as_read(identity), as_read(about), fresh)
                # Unbuffered: what could not be written is not kept to be tried again behind our back.
                self._journal = journal.journal_path(path).open("ab", buffering=0)
                sync_folder(path.parent)
        except BaseException:
            self._lock.release()
            raise
        self._syncer = journal.Syncer(self._journal)

    def _open(
        self, identity: dict[str, dict[str, Any]], about: dict[str, Any], fresh: bool
    ) -> Contents:
        contents = read_store(self.path) if self.path.exists() else Contents({}, {})
        if different := contradictions(contents.identity, identity):
            message = (
                f"{self.path} holds scores of another kind ({different}). "
                "Choose another folder with --out, or start over with --fresh."
            )
            raise ZcBenchError(message)
        contents.identity |= identity
        self.begun_fresh = fresh or bool(contents.about.get(_FRESH))
        if self.begun_fresh:
            about[_FRESH] = True
        self.about_before, contents.about = contents.about, about
        contents.others = others_than(about, [*contents.others, self.about_before])
        # A process that was killed while it wrote the file anew has left its half; nobody else is writing now.
        for left in self.path.parent.glob(
            f".{glob.escape(self.path.stem)}-????????{self.path.suffix}"
        ):
            left.unlink(missing_ok=True)
        hdf5.write(self.path, contents)
        journal.journal_path(self.path).unlink(missing_ok=True)
        return contents

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
            Proxies without a score, and those that failed or ran out of memory, which deserve another try.
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
        """Add a finished trial; when this returns, it survives the death of the process, a second later a power cut.

        Args:
            key: the trial.
            result: its scores and costs.
            columns: column by proxy.

        Raises:
            ZcBenchError: if it cannot be written, for instance because the disk is full; the store is as before.
        """
        scores = {columns[name]: score for name, score in result.scores.items()}
        trial = Row(scores, dict(result.pass_seconds), dict(result.pass_peak_bytes))
        self._add(journal.TrialEntry(key, trial))

    def record_drawn(self, drawn: Mapping[Draw, tuple[str, ...] | list[str]]) -> None:
        """List the architectures that a run drew; when this returns, the list survives the death of the process.

        A list that is the beginning of the one that is there, as a smaller draw is, changes nothing; any other takes
        its place.

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
        """Take from another store of the same kind the scores that are lacking here, or deserve another try.

        When this returns, it survives the death of the process.

        Args:
            others: the other store.

        Raises:
            ZcBenchError: if it cannot be written; the file is as before.
        """
        for key, trial in others.trials.items():
            own = self.contents.trials.get(key, Row())
            kept = {
                column: score for column, score in own.scores.items() if score.status not in AGAIN
            }
            self.contents.trials[key] = Row(
                {**own.scores, **trial.scores, **kept},
                {**trial.pass_seconds, **own.pass_seconds},
                {**trial.pass_peak_bytes, **own.pass_peak_bytes},
            )
        recorded = [*self.contents.others, others.about, *others.others]
        self.contents.others = others_than(self.contents.about, recorded)
        with explaining(self.path):
            hdf5.write(self.path, self.contents)

    def _add(self, entry: journal.Entry) -> None:
        with explaining(self.path):
            journal.append(self._journal, entry, self.contents)
        self._syncer.written()

    def close(self) -> None:
        """Fold the journal into the HDF5 file and let others write.

        Raises:
            ZcBenchError: if it cannot be written; the journal stays, and is folded when the store is opened again.
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


def _acquire(lock: filelock.BaseFileLock, path: Path) -> None:
    try:
        lock.acquire()
    except filelock.Timeout as error:
        message = f"Another process is writing to {path}: wait for it, stop it, or choose another folder with --out."
        raise ZcBenchError(message) from error
