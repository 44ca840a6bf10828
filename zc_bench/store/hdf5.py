"""The HDF5 file: a row per trial, a group of columns per proxy and version.

Written as a whole, read as a whole.

It begins with a line of text, the digest of the rest, in the block that HDF5 leaves to users: a
damaged file is refused before HDF5, whose structure has no checksum, reads it. The files
of the first weeks have no such line.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from zc_bench._internal.files import read_regular, replacing
from zc_bench.engine.scores import Score, Status
from zc_bench.errors import ZcBenchError
from zc_bench.store import checks
from zc_bench.store.contents import Contents, Row, TrialKey
from zc_bench.store.fingerprint import as_text
from zc_bench.store.format1 import Identity, translate

FORMAT = 2
_STATUS_CODES = {status: code for code, status in enumerate(Status, start=1)}
_STATUSES = {code: status for status, code in _STATUS_CODES.items()}
_MEANING = json.dumps({0: "pending", **{code: str(status) for code, status in _STATUSES.items()}})
_NOTHING = Score(
    math.nan, Status.DONE, "", math.nan
)  # marks a pending score; its status is written as 0
_UNKNOWN_BYTES = -1
_ATTRIBUTES = ("fingerprints", "provenance", "other_provenance")
_BLOCK = 512  # bytes, the least that HDF5 leaves to users
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_DENSEST = 1100  # deflate makes no file smaller than by 1032


def write(path: Path, contents: Contents) -> None:
    """Write the whole store, in an order that does not depend on how it came about.

    Args:
        path: the file; replaced at once, or left as it was.
        contents: what is known.

    Raises:
        OSError: if it cannot be written.
    """
    # Made in memory: HDF5 does not report a full disk in time, and may take the process down with
    # it.
    whole = BytesIO()
    with h5py.File(whole, "w", userblock_size=_BLOCK) as file:
        file.attrs["format"] = FORMAT
        for name in _ATTRIBUTES:
            file.attrs[name] = as_text(getattr(contents, name))
        keys = sorted(contents.trials)
        _write_texts(file, "trials/task", [key.task for key in keys])
        _write_texts(file, "trials/architecture", [key.architecture for key in keys])
        _write_numbers(file, "trials/seed", [key.seed for key in keys], np.int64)
        _write_scores(file, [contents.trials[key] for key in keys], contents.columns())
        _write_passes(file, [contents.trials[key] for key in keys])
        _write_drawn(file, contents)
    whole.getbuffer()[:_BLOCK] = _first_line(whole.getbuffer()[_BLOCK:])
    with replacing(path) as temporary:
        temporary.write_bytes(whole.getbuffer())


def _first_line(rest: memoryview) -> bytes:
    digest = hashlib.sha256(rest).hexdigest()
    line = f"A store of zc-bench, an HDF5 file. SHA-256 from byte {_BLOCK}: {digest}\n"
    return line.encode().ljust(_BLOCK, b"\0")


def _write_scores(file: h5py.File, trials: list[Row], columns: Iterable[str]) -> None:
    for column in columns:
        scores = [trial.scores.get(column, _NOTHING) for trial in trials]
        codes = [0 if score is _NOTHING else _STATUS_CODES[score.status] for score in scores]
        _write_numbers(
            file, f"scores/{column}/value", [score.value for score in scores], np.float64
        )
        _write_numbers(file, f"scores/{column}/status", codes, np.uint8).attrs["meaning"] = _MEANING
        _write_texts(file, f"scores/{column}/reason", [_storable(score.reason) for score in scores])
        _write_numbers(
            file, f"scores/{column}/seconds", [score.seconds for score in scores], np.float64
        )


def _write_passes(file: h5py.File, trials: list[Row]) -> None:
    for name in sorted({name for trial in trials for name in trial.pass_seconds}):
        seconds = [trial.pass_seconds.get(name, math.nan) for trial in trials]
        _write_numbers(file, f"passes/{name}", seconds, np.float64)
    for name in sorted({name for trial in trials for name in trial.pass_peak_bytes}):
        peaks = [trial.pass_peak_bytes.get(name, _UNKNOWN_BYTES) for trial in trials]
        _write_numbers(file, f"peak_bytes/{name}", peaks, np.int64)


def _write_drawn(file: h5py.File, contents: Contents) -> None:
    rows = [
        (*draw, place, key)
        for draw in sorted(contents.drawn)
        for place, key in enumerate(contents.drawn[draw])
    ]
    tasks, seeds, places, keys = zip(*rows, strict=True) if rows else ((), (), (), ())
    _write_texts(file, "drawn/task", tasks)
    _write_numbers(file, "drawn/seed", seeds, np.int64)
    _write_numbers(file, "drawn/position", places, np.int64)
    _write_texts(file, "drawn/architecture", keys)


def _write_numbers(file: h5py.File, name: str, values: Iterable[float], kind: Any) -> h5py.Dataset:
    return _write_array(file, name, np.array(list(values), kind))


def _write_texts(file: h5py.File, name: str, values: Iterable[str]) -> None:
    _write_array(file, name, np.array(list(values), object), dtype=h5py.string_dtype())


def _write_array(file: h5py.File, name: str, values: np.ndarray, **options: Any) -> h5py.Dataset:
    packed = {"compression": "gzip", "shuffle": True} if len(values) else {}
    return file.create_dataset(name, data=values, **packed, **options)


def _storable(text: str) -> str:
    """Spell out what HDF5 cannot store: a zero character, and halves of characters."""
    return text.replace("\0", "\\0").encode(errors="backslashreplace").decode()


def read(path: Path, replay: Callable[[Contents], None] | None = None) -> Contents:
    """Read the whole store.

    Args:
        path: the file.
        replay: adds what its journal says.

    Returns:
        What is known; of a store of format 1, translated.

    Raises:
        ZcBenchError: if there is no such file, or it is no store.
    """
    contents, identity = parse(path)
    if replay is not None:
        replay(contents)
    if identity is not None:
        translate(contents, identity)
    return contents


def parse(path: Path) -> tuple[Contents, Identity | None]:
    """Read a store as it is written.

    Args:
        path: the file.

    Returns:
        What it holds; of a store of format 1, with its identity, and without fingerprints.

    Raises:
        ZcBenchError: if there is no such file, or it is no store.
    """
    if not path.exists():
        message = f"There is no store at {path}: run `zc-bench correlate` to make one."
        raise ZcBenchError(message)
    try:
        data = read_regular(path)
        _expect_whole(data)
        # From memory: HDF5 locks files, which some network file systems refuse.
        with h5py.File(BytesIO(data), "r") as file:
            _expect_plain(file, len(data))
            return _contents(file)
    except Exception as error:
        # h5py raises nearly anything on a damaged file.
        message = (
            f"{path} is not a store of zc-bench, or damaged ({error}): move it away, or start over "
            "with --fresh."
        )
        raise ZcBenchError(message) from error


def _expect_whole(data: bytes) -> None:
    """Compare with the digest; a file of the first weeks has none."""
    if not data.startswith(_SIGNATURE) and data[:_BLOCK] != _first_line(memoryview(data)[_BLOCK:]):
        message = "it does not match its digest"
        raise ValueError(message)


def _expect_plain(file: h5py.File, size: int) -> None:
    """Expect arrays that lie in the file, and are no larger than what a file of its size can hold."""

    def look(name: str, item: Any) -> None:
        if not isinstance(item, h5py.Dataset):
            return
        if item.external or item.is_virtual or item.nbytes > _DENSEST * size:
            message = f"{name} lies elsewhere, or is larger than the file"
            raise ValueError(message)

    file.visititems(look)


def _contents(file: h5py.File) -> tuple[Contents, Identity | None]:
    version = file.attrs["format"]
    if version not in (1, FORMAT):
        message = f"its format is {version}, this version reads {FORMAT} and 1"
        raise ValueError(message)
    names = ("identity", "about", "others") if version == 1 else _ATTRIBUTES
    said, provenance = (_mapping(file, name) for name in names[:2])
    said = {name: checks.mapping(section) for name, section in said.items()}
    # The first stores of format 1 have no others.
    others = [checks.mapping(other) for other in json.loads(file.attrs.get(names[2], "[]"))]
    contents = Contents({} if version == 1 else said, provenance, other_provenance=others)
    keys = (
        _texts(file, "trials/task"),
        _texts(file, "trials/architecture"),
        _column(file, "trials/seed", "i"),
    )
    trials = [contents.trials.setdefault(TrialKey(*key), Row()) for key in zip(*keys, strict=True)]
    _read_scores(file, trials)
    _read_passes(file, trials)
    # Nor do they list what was drawn.
    if "drawn" in file:
        _read_drawn(file, contents)
    return contents, said if version == 1 else None


def _read_scores(file: h5py.File, trials: list[Row]) -> None:
    for column, group in file.get("scores", {}).items():
        values, codes, seconds = (
            _column(group, *part) for part in (("value", "f"), ("status", "u"), ("seconds", "f"))
        )
        parts = values, codes, _texts(group, "reason"), seconds
        for trial, value, code, reason, duration in zip(trials, *parts, strict=True):
            if code:
                trial.scores[checks.column(column)] = Score(
                    value, _STATUSES[code], reason, duration
                )


def _read_passes(file: h5py.File, trials: list[Row]) -> None:
    group = file.get("passes", {})
    for name in group:
        for trial, seconds in zip(trials, _column(group, name, "f"), strict=True):
            if not math.isnan(seconds):
                trial.pass_seconds[name] = seconds
    group = file.get("peak_bytes", {})
    for name in group:
        for trial, peak in zip(trials, _column(group, name, "i"), strict=True):
            if peak != _UNKNOWN_BYTES:
                trial.pass_peak_bytes[name] = peak


def _read_drawn(file: h5py.File, contents: Contents) -> None:
    lists: dict[tuple[str, int], list[str]] = {}
    parts = (
        _texts(file, "drawn/task"),
        _column(file, "drawn/seed", "i"),
        _texts(file, "drawn/architecture"),
    )
    for task, seed, key in zip(*parts, strict=True):
        lists.setdefault((task, seed), []).append(key)
    contents.drawn = {draw: tuple(keys) for draw, keys in lists.items()}


def _mapping(file: h5py.File, name: str) -> dict[str, Any]:
    return checks.mapping(json.loads(file.attrs[name]))


def _column(group: h5py.Group, name: str, kind: str) -> list[Any]:
    dataset = group[name]
    if dataset.ndim != 1 or dataset.dtype.kind != kind:
        message = f"{name} is {dataset.dtype} {dataset.shape}"
        raise ValueError(message)
    values: list[Any] = dataset[:].tolist()
    return values


def _texts(group: h5py.Group, name: str) -> list[str]:
    dataset = group[name]
    # Without a row, h5py cannot infer that these are texts.
    values = dataset.asstr()[:].tolist() if len(dataset) else []
    return [checks.text(value) for value in values]
