"""The compact form of a table: one HDF5 file, compressed, with its provenance as attributes.

It is a cache. A compact table that is older than its raw file, of another format or damaged is as good as none.
"""

from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np

from zc_bench.files import replacing
from zc_bench.tables.base import Table

# Raised whenever older compact tables must be parsed anew.
FORMAT = 1

Facts = Mapping[str, str | int]

# The checksum of gzip turns a flipped bit into an error.
_COMPRESSED = {"compression": "gzip", "shuffle": True}


def stamp(raw: Path) -> dict[str, int]:
    """Return what a compact table remembers of its raw file, so that the raw file need not be hashed each time."""
    status = raw.stat()
    return {"format": FORMAT, "raw_size": status.st_size, "raw_mtime_ns": status.st_mtime_ns}


def write(path: Path, table: Table, stamped: Facts) -> None:
    """Write a table.

    Raises:
        OSError: if the folder cannot be written to.
    """
    with replacing(path) as temporary, h5py.File(temporary, "w") as file:
        file.attrs.update({**table.provenance, **stamped})
        file.create_dataset("keys", data=np.char.encode(table.keys, "utf-8"), **_COMPRESSED)
        for task, values in table.metrics.items():
            file.create_dataset(f"metrics/{task}", data=values, **_COMPRESSED)


def read(path: Path, space: str, tasks: tuple[str, ...], provenance: Facts, stamped: Facts) -> Table | None:
    """Read a table.

    Args:
        path: the compact file.
        space: the search space.
        tasks: the tasks that it must hold.
        provenance: what it must have recorded about its source.
        stamped: what it must have recorded about its raw file.

    Returns:
        The table, or None if the file is absent, stale or damaged.
    """
    try:
        with h5py.File(path, locking=False) as file:
            if dict(file.attrs) != {**provenance, **stamped}:
                return None
            keys = tuple(file["keys"][()].astype(str).tolist())
            metrics = {task: file[f"metrics/{task}"][()] for task in tasks}
    except (OSError, KeyError, ValueError, TypeError, AttributeError, RuntimeError):
        return None
    return Table(space, keys, metrics, provenance)
