"""Memory of the process: how much there is, and keeping what torch frees."""

import ctypes
import os
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of mallopt(3)


def keep_freed_memory() -> None:
    """Set the GNU C library to keep freed memory for the next trial.

    Every trial frees its activations, and the next one allocates as many. By default the library
    returns them to the system in between. Fetching them again takes a tenth of the time of a trial.
    The peak of memory stays the same. The call has no effect on other systems.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, 32 << 20)
        mallopt(_TRIM_THRESHOLD, (1 << 31) - 1)


def half_of_memory() -> int:
    """Return half of the memory of the machine, in bytes.

    Without bound where the system does not say.
    """
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (AttributeError, ValueError, OSError):
        return sys.maxsize
