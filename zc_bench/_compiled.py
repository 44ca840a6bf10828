"""Functions that Numba compiles, kept on the disk where there is a folder for them."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numba


def compiled(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function when it is called first.

    The machine code is kept beside the package, or else in the cache folder of the user. Where
    neither can be written, as in a container with a read-only file system, each process compiles
    anew. A folder for temporary files is no substitute: other users could leave code in it.

    Args:
        options: of `numba.njit`.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        dispatcher = numba.njit(**options)(function)
        # "No locator available": no folder can be written.
        with suppress(RuntimeError):
            dispatcher.enable_caching()
        return dispatcher

    return decorate
