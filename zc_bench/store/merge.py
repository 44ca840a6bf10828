"""Merge two stores into one, unless they contradict each other.

Merging is commutative, associative and idempotent, so it does not matter which parts of a run are
merged first, or whether one of them comes twice.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from zc_bench._internal.files import explaining
from zc_bench.engine.scores import Score
from zc_bench.errors import ZcBenchError
from zc_bench.store import hdf5
from zc_bench.store.contents import AGAIN, Contents, Draw, Row, TrialKey
from zc_bench.store.fingerprint import (
    Fingerprints,
    as_text,
    contradictions,
    others_than,
    united,
)
from zc_bench.store.journal import journal_path
from zc_bench.store.reading import read_store

K = TypeVar("K")
V = TypeVar("V")
N = TypeVar("N", int, float)


def merge(paths: Sequence[Path], out: Path) -> Contents:
    """Merge stores of the same kind of scores into a new one.

    Args:
        paths: the stores; of one that another process writes, the finished trials are read.
        out: the new store.

    Returns:
        Everything in the new store.

    Raises:
        ZcBenchError: if one of the stores cannot be read, they contradict each other, or `out` is
            there already or cannot be written.
    """
    for there in (out, journal_path(out)):
        if there.exists():
            message = f"{there} is there already: give the merged store another name with --out."
            raise ZcBenchError(message)
    whole = read_store(paths[0])
    for place, path in enumerate(paths[1:], start=1):
        try:
            whole = combine(whole, read_store(path))
        except ContradictionError as error:
            before = " and ".join(map(str, paths[:place]))
            message = (
                f"{path} contradicts {before}: {error}. Merge stores of one space, whose columns "
                "depend on the same things."
            )
            raise ZcBenchError(message) from error
    with explaining(out):
        hdf5.write(out, whole)
    return whole


class ContradictionError(ZcBenchError):
    """Two stores contradict each other."""


def combine(first: Contents, second: Contents) -> Contents:
    """Join the contents of two stores.

    Args:
        first: one.
        second: the other.

    Returns:
        Every trial of either. A settled score counts more than one that failed or ran out of
        memory; of two times or peaks of the same pass of a trial the smaller one, which was
        disturbed least.

    Raises:
        ContradictionError: if they are of different spaces, a column that both have depends on
            different things, or an architecture at a place of the same draw or a settled score
            differs.
    """
    if first.space and second.space and first.space != second.space:
        message = f"space: {first.space!r} there, {second.space!r} here"
        raise ContradictionError(message)
    ours, theirs = first.fingerprints_in_use(), second.fingerprints_in_use()
    if different := contradictions(ours, theirs):
        raise ContradictionError(different)
    provenance = min(first.provenance, second.provenance, key=as_text)
    recorded = [
        first.provenance,
        second.provenance,
        *first.other_provenance,
        *second.other_provenance,
    ]
    return Contents(
        united(_spare(first.fingerprints, second.fingerprints), united(ours, theirs)),
        provenance,
        _joined(first.trials, second.trials, _trial),
        _joined(first.drawn, second.drawn, _longer),
        others_than(provenance, recorded),
    )


def _spare(first: Fingerprints, second: Fingerprints) -> dict[str, dict[str, dict[str, Any]]]:
    """Join also the settings that no score depends on yet; where they differ, take one of the two."""
    both = (first, second)
    sections = {(column, name) for said in both for column in said for name in said[column]}
    found: dict[str, dict[str, dict[str, Any]]] = {
        column: {} for column in sorted({*first, *second})
    }
    for column, name in sorted(sections):
        values = [dict(said[column][name]) for said in both if name in said.get(column, {})]
        found[column][name] = min(values, key=as_text)
    return found


def _joined(
    first: Mapping[K, V], second: Mapping[K, V], join: Callable[[K, V, V], V]
) -> dict[K, V]:
    """Unite two mappings; where both have a value, `join` produces one for both."""
    both = first.keys() & second.keys()
    return {**first, **second, **{key: join(key, first[key], second[key]) for key in both}}


def _trial(key: TrialKey, first: Row, second: Row) -> Row:
    return Row(
        _joined(first.scores, second.scores, partial(_score, key)),
        _joined(first.pass_seconds, second.pass_seconds, _smaller),
        _joined(first.pass_peak_bytes, second.pass_peak_bytes, _smaller),
    )


def _score(key: TrialKey, column: str, first: Score, second: Score) -> Score:
    if not {first.status, second.status} & set(AGAIN) and _said(first) != _said(second):
        message = (
            f"{column} of {key.architecture}, task {key.task}, seed {key.seed}, "
            f"is {_said(first)} there, {_said(second)} here"
        )
        raise ContradictionError(message)
    return min(
        first,
        second,
        key=lambda score: (score.status in AGAIN, score.status, score.reason, score.seconds),
    )


def _said(score: Score) -> str:
    """Write a settled score so that different bits look different."""
    return repr(score.value) if score.status == "done" else str(score.status)


def _smaller(_: str, first: N, second: N) -> N:
    return min(first, second)


def _longer(draw: Draw, first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    """Take the longer of two lists of which one is the beginning of the other, as a smaller draw is."""
    for place, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            message = (
                f"architecture {place} drawn for task {draw[0]}, seed {draw[1]}, is {one} there, "
                f"{other} here"
            )
            raise ContradictionError(message)
    return max(first, second, key=len)
