"""How long work speaks to whoever started it: one sentence at a time."""

from collections.abc import Callable

Say = Callable[[str], None]


def quietly(_: str) -> None:
    """Say nothing."""
