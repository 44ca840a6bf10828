"""The compact form: one HDF5 file of columns over keys, compressed, with its provenance as attributes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from zc_bench._internal.files import replacing
from zc_bench.tables.base import Table
from zc_bench.tables.string_index import Keys

# Raised whenever older compact files must be made anew.
FORMAT = 2

Facts = Mapping[str, str | int]

# The checksum of gzip turns a flipped bit into an error.
_COMPRESSED = {"compression": "gzip", "shuffle": True}


@dataclass(frozen=True, eq=False)
class Columns:
    """What a compact file holds.

    Attributes:
        keys: canonical keys, sorted (n,).
        values: by name, float64 (n,). A slash in a name makes a group of the file.
        facts: the attributes.
    """

    keys: Keys
    values: Mapping[str, NDArray[np.float64]]
    facts: Facts


def stamp(raw: Path) -> dict[str, int]:
    """Return what a compact table remembers of its raw file, so that the raw file need not be hashed each time."""
    status = raw.stat()
    return {"format": FORMAT, "raw_size": status.st_size, "raw_mtime_ns": status.st_mtime_ns}


def write(path: Path, table: Table, stamped: Facts) -> None:
    """Write a table as the cache of a raw file.

    Raises:
        OSError: if the folder cannot be written to.
    """
    write_columns(
        path, Columns(Keys.of(table.keys), table.metrics, {**table.provenance, **stamped})
    )


def read(
    path: Path, space: str, tasks: tuple[str, ...], provenance: Facts, stamped: Facts
) -> Table | None:
    """Read the cache of a raw file.

    Args:
        path: the compact file.
        space: the search space.
        tasks: the tasks that it must hold.
        provenance: what it must have recorded about its source; without a hash, that of the raw file is the recorded.
        stamped: what it must have recorded about its raw file.

    Returns:
        The table, or None if the file is absent, stale or damaged.
    """
    found = read_columns(path)
    if found is None or not set(tasks) <= found.values.keys():
        return None
    provenance = {**provenance, "sha256": provenance.get("sha256", found.facts.get("sha256", ""))}
    if found.facts != {**provenance, **stamped}:
        return None
    return Table(space, found.keys, {task: found.values[task] for task in tasks}, provenance)


def write_columns(path: Path, columns: Columns) -> None:
    """Write columns.

    Raises:
        OSError: if the folder cannot be written to.
    """
    with replacing(path) as temporary, h5py.File(temporary, "w") as file:
        file.attrs.update(columns.facts)
        file.create_dataset("keys", data=columns.keys.encoded, **_COMPRESSED)
        # Bits that nothing compresses; with them, drawing need not look at the keys.
        file.create_dataset("hashes", data=columns.keys.hashes, fletcher32=True)
        for name, values in columns.values.items():
            file.create_dataset(f"metrics/{name}", data=values, **_COMPRESSED)


def read_columns(path: Path) -> Columns | None:
    """Read columns; None if the file is absent or damaged."""
    values: dict[str, NDArray[np.float64]] = {}

    def visit(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset):
            values[name] = item[()]

    try:
        with h5py.File(path, locking=False) as file:
            facts = {
                name: fact if isinstance(fact, str) else int(fact)
                for name, fact in file.attrs.items()
            }
            keys = Keys(file["keys"][()], file["hashes"][()])
            file["metrics"].visititems(visit)
    except (OSError, KeyError, ValueError, TypeError, AttributeError, RuntimeError):
        return None
    return Columns(keys, values, facts)
