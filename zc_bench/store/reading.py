"""Read a store, also while another process writes it."""

from functools import partial
from pathlib import Path

from zc_bench._internal.files import behind_links, read_regular
from zc_bench.errors import ZcBenchError
from zc_bench.store import hdf5, journal
from zc_bench.store.contents import Contents


def read_store(path: Path) -> Contents:
    """Read a store, also while another process writes it.

    Args:
        path: the HDF5 file.

    Returns:
        Everything in it and in its journal.

    Raises:
        ZcBenchError: if there is none, or it is no store.
    """
    path = behind_links(path)
    # The journal first: what is folded in after this line is read from the HDF5 file below.
    beside = journal.journal_path(path)
    try:
        lines = read_regular(beside)
    except FileNotFoundError:
        lines = b""
    except OSError as error:
        message = (
            f"{beside}, the journal of {path.name}, cannot be read ({error.strerror}): "
            "make it readable."
        )
        raise ZcBenchError(message) from error
    return hdf5.read(path, partial(journal.replay, lines, beside))
