import hashlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zc_bench.tables.string_index import Keys, string_hashes

TEXTS = st.lists(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1),
    unique=True,
)


@given(TEXTS, TEXTS)
def test_keys_are_a_sorted_sequence_of_strings(texts, others):
    texts = sorted(texts)
    keys = Keys.of(texts)
    assert keys == texts
    assert keys == tuple(texts)
    assert list(keys) == [keys[place] for place in range(len(keys))] == texts
    assert keys[1:] == texts[1:]
    requested = [*texts[::-1], *others]
    expected = [texts.index(key) if key in texts else -1 for key in requested]
    assert keys.places(requested).tolist() == expected
    assert [key in keys for key in others] == [key in texts for key in others]


def test_they_differ_from_other_strings_and_from_other_things():
    keys = Keys.of(["a", "b"])
    assert keys != ["a", "c"]
    assert keys != ["a"]
    assert keys != 3
    assert 3 not in keys


def test_hashes_follow_the_keys():
    keys = Keys.of(["a", "b", "c"])
    some = keys.at(np.array([0, 2]))
    assert some == ["a", "c"]
    assert some.hashes.tolist() == string_hashes(["a", "c"]).tolist()


def test_a_hash_is_blake2b_as_a_little_endian_number():
    expected = int.from_bytes(hashlib.blake2b(b"(1, 2)", digest_size=8).digest(), "little")
    assert string_hashes(["(1, 2)"]).tolist() == [expected]
