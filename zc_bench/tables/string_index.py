"""The architectures of a table: many strings, decoded when they are used."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from hashlib import blake2b
from typing import overload

import numpy as np
from numpy.typing import NDArray


class Keys(Sequence[str]):
    """Canonical keys, each once, sorted; they compare equal to any sequence of the same strings.

    NAS-Bench-101 has 423,624 of them. They are kept as bytes of a fixed width, so that they can be
    stored, opened and searched without making as many Python objects.

    Args:
        encoded: the keys in UTF-8 (n,); the order of bytes is the order of strings.
        hashes: what `string_hashes` produces for them, uint64 (n,); computed when needed unless
            given.
    """

    def __init__(
        self, encoded: NDArray[np.bytes_], hashes: NDArray[np.uint64] | None = None
    ) -> None:
        self.encoded = encoded
        if hashes is not None:
            self.hashes = hashes

    @classmethod
    def of(cls, keys: Iterable[str]) -> "Keys":
        """Return keys as `Keys`, which they may be already."""
        return keys if isinstance(keys, Keys) else cls(_encode(keys))

    @cached_property
    def hashes(self) -> NDArray[np.uint64]:
        """The hashes of the keys (n,)."""
        return string_hashes(self)

    def at(self, places: NDArray[np.intp]) -> "Keys":
        """Return the keys at some places, in ascending order, with their hashes."""
        return Keys(self.encoded[places], self.hashes[places])

    def places(self, keys: Sequence[str]) -> NDArray[np.intp]:
        """Return where keys are (len(keys),), -1 for those that are not here."""
        requested = _encode(keys)
        if not len(self) or not len(requested):
            return np.full(len(requested), -1, np.intp)
        found = np.minimum(np.searchsorted(self.encoded, requested), len(self) - 1)
        return np.where(self.encoded[found] == requested, found, -1)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            return Keys(self.encoded[place])
        return bytes(self.encoded[place]).decode()

    def __len__(self) -> int:
        return len(self.encoded)

    def __iter__(self) -> Iterator[str]:
        return (key.decode() for key in self.encoded.tolist())

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and bool(self.places([key])[0] >= 0)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Sequence)
            and len(self) == len(other)
            and all(map(str.__eq__, self, other))
        )

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"<{len(self):,} keys>"


def string_hashes(keys: Iterable[str]) -> NDArray[np.uint64]:
    """Hash keys to uint64 (n,): the same on every machine and in every version."""
    digests = b"".join(blake2b(key.encode(), digest_size=8).digest() for key in keys)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def _encode(keys: Iterable[str]) -> NDArray[np.bytes_]:
    encoded = [key.encode() for key in keys]
    return np.array(encoded, dtype=np.bytes_ if encoded else "S1")
