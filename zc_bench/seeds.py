"""Seeds of runs: how many, or which."""

from collections.abc import Sequence

from zc_bench.errors import expect, expect_whole

Seeds = int | tuple[int, ...]
"""A number n, which stands for the seeds 0 .. n - 1, or the seeds themselves."""

MOST_SEEDS = 1000


def read_seeds(given: int | str | Sequence[int], name: str = "seeds") -> Seeds:
    """Read seeds: how many, or which.

    Args:
        given: a number n for 0 .. n - 1; a range such as `range(3, 5)` or "3:5", without its end;
            or a sequence of seeds.
        name: what it is called, for messages.

    Returns:
        n where the seeds are 0 .. n - 1, else the seeds in ascending order.

    Raises:
        ZcBenchError: if it is none of these, or a number is out of range.

    Examples:
        >>> read_seeds("3:5"), read_seeds("5"), read_seeds(range(5)), read_seeds([7, 4])
        ((3, 4), 5, 5, (4, 7))
    """
    if isinstance(given, str):
        given = _written_seeds(given, name)
    if isinstance(given, int):
        expect_whole(name, given, most=MOST_SEEDS)
        return given
    known = isinstance(given, Sequence) and all(
        isinstance(seed, int) and 0 <= seed < _SEED_LIMIT for seed in given
    )
    expect(
        known and 0 < len(given) <= MOST_SEEDS and len(set(given)) == len(given),
        name,
        given,
        "a number, a range such as 3:5, or different whole numbers from 0 up",
    )
    seeds = tuple(sorted(given))
    return len(seeds) if seeds == tuple(range(len(seeds))) else seeds


_SEED_LIMIT = 2**31
_LONGEST = 20  # digits of a number that is read and then compared with what is allowed


def _written_seeds(text: str, name: str) -> int | range:
    """Read "5" or "3:5"."""
    parts = text.split(":")
    expected = "a number such as 5, or a range such as 3:5 without its end"
    expect(
        len(parts) < 3 and all(part.isdecimal() and len(part) < _LONGEST for part in parts),
        name,
        text,
        expected,
    )
    if len(parts) == 1:
        return int(text)
    first, end = map(int, parts)
    expect(0 < end - first <= MOST_SEEDS, name, text, expected)
    return range(first, end)


def seed_numbers(seeds: Seeds) -> tuple[int, ...]:
    """Return the seeds one by one.

    Examples:
        >>> seed_numbers(3), seed_numbers((3, 4))
        ((0, 1, 2), (3, 4))
    """
    return tuple(range(seeds)) if isinstance(seeds, int) else seeds
