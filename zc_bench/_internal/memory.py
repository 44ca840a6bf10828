"""Memory of the process: how much there is, and how it is kept when torch produces it back."""

import ctypes
import os
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of mallopt(3)


def keep_freed_memory() -> None:
    """Ask the GNU C library to keep freed memory for the next trial.

    Every trial frees its activations and asks for as many again; by default the library hands them back to the system
    in between, and fetching them costs a tenth of the time of a trial. The peak stays what it is. Elsewhere than on
    Linux with that library nothing happens.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, 32 << 20)
        mallopt(_TRIM_THRESHOLD, (1 << 31) - 1)


def half_of_memory() -> int:
    """Return half of the memory of the machine, in bytes; without bound where the system does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (AttributeError, ValueError, OSError):
        return sys.maxsize
