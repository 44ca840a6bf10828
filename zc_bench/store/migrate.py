"""Rewrite a store of format 1 in format 2.

What it holds is translated, compared, and written in its place.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from zc_bench._internal.files import explaining
from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.scores import Score
from zc_bench.errors import ZcBenchError
from zc_bench.store import hdf5, journal
from zc_bench.store.backup import free_name
from zc_bench.store.contents import Contents, TrialKey, column_name
from zc_bench.store.derived import with_derived
from zc_bench.store.format1 import REG_SWAP, translate
from zc_bench.store.writer import locked


@dataclass
class Agreement:
    """How many scores are what they should be.

    Attributes:
        compared: scores that were compared.
        equal: those that are equal to the last bit.
        differences: one sentence for each that differs by more than rounding.
    """

    compared: int = 0
    equal: int = 0
    differences: list[str] = field(default_factory=list)

    def add(self, what: str, stored: Score, found: Score, *, alike: bool) -> None:
        """Count one comparison.

        Args:
            what: which score.
            stored: what the store holds.
            found: what it should be.
            alike: whether they agree, rounding apart.
        """
        self.compared += 1
        self.equal += (stored.status, repr(stored.value)) == (found.status, repr(found.value))
        if not alike:
            self.differences.append(f"{what} is {said(stored)} there, {said(found)} here")

    def __str__(self) -> str:
        agreeing = self.compared - len(self.differences)
        text = f"{agreeing:,} of {self.compared:,} scores agree, {self.equal:,} to the last bit"
        return f"{text}; {self.differences[0]}" if self.differences else text


@dataclass(frozen=True)
class Migration:
    """What became of a store.

    Attributes:
        contents: what it holds now.
        backup: where the old one is.
        derived: its scores of reg_swap, compared with those that are derived now.
        recomputed: a sample of its scores, compared with those that were computed anew.
    """

    contents: Contents
    backup: Path
    derived: Agreement
    recomputed: Agreement


def migrate(path: Path, verify: Callable[[Contents], Agreement]) -> Migration:
    """Rewrite a store of format 1, with its journal, in format 2.

    The old one is kept as `<stem>.previous.h5`.

    Args:
        path: the store.
        verify: computes a sample of its scores anew, and compares.

    Returns:
        What became of it.

    Raises:
        ZcBenchError: if it is no store of format 1, another process writes to it, it cannot be
            written, or scores of reg_swap would be lost; the store is then as before.
    """
    with locked(path), explaining(path):
        contents, identity = hdf5.parse(path)
        if identity is None:
            message = f"{path} has format {hdf5.FORMAT} already: there is nothing to migrate."
            raise ZcBenchError(message)
        beside = journal.journal_path(path)
        if beside.exists():
            journal.replay(beside.read_bytes(), beside, contents)
        old = {
            key: row.scores[REG_SWAP]
            for key, row in contents.trials.items()
            if REG_SWAP in row.scores
        }
        translate(contents, identity)
        migration = Migration(
            contents, free_name(path), _derived_again(contents, old), verify(contents)
        )
        if different := migration.derived.differences:
            message = (
                f"{path} is not migrated: {len(different):,} scores of reg_swap do not follow from swap and params, "
                f"the first one of them: {different[0]}. Compute the store anew."
            )
            raise ZcBenchError(message)
        for file in (path, beside):
            if file.exists():
                shutil.copy2(file, _beside(migration.backup, file, path))
        hdf5.write(path, contents)
        beside.unlink(missing_ok=True)
    return migration


def _beside(backup: Path, file: Path, path: Path) -> Path:
    return backup if file == path else journal.journal_path(backup)


def _derived_again(contents: Contents, old: dict[TrialKey, Score]) -> Agreement:
    """Compare scores of reg_swap with those that follow from swap and params."""
    now = with_derived(contents)
    own = column_name("reg_swap", proxy_registry["reg_swap"].version)
    agreement = Agreement()
    for key, stored in old.items():
        found = now.trials[key].scores.get(own)
        if found is not None:
            close = abs(stored.value - found.value) <= 1e-12 * abs(stored.value)
            alike = stored.status == found.status and (close or stored.value != stored.value)
            agreement.add(f"{REG_SWAP} of {in_words(key)}", stored, found, alike=alike)
    return agreement


def in_words(key: TrialKey) -> str:
    """Name a trial in a sentence."""
    return f"{key.architecture}, task {key.task}, seed {key.seed},"


def said(score: Score) -> str:
    """Write a score in a sentence."""
    return f"{score.value:.6g}" if score.status == "done" else str(score.status)
