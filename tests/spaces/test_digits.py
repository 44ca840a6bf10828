"""Keys that are tuples of digits."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zc_bench.spaces.digits import read_digits


@pytest.mark.parametrize("text", ["(4, 0, 3)", "4,0,3", "  (4,0,3,)\n"])
def test_a_tuple_may_be_written_loosely(text: str) -> None:
    assert read_digits(text) == (4, 0, 3)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4",
        "[4, 0]",
        "(4, True)",
        "(4, 0.0)",
        "('4', 0)",
        "(4, (0,))",
        "{[]: 1}",
        "(" * 5000,
        "f()",
        "\x00",
        "9" * 5000,
    ],
    ids=lambda text: text[:20],
)
def test_anything_else_has_no_digits(text: str) -> None:
    assert read_digits(text) == ()


@settings(max_examples=200, derandomize=True)
@given(st.text() | st.lists(st.integers()).map(lambda numbers: str(tuple(numbers))))
def test_what_is_read_is_whole_numbers(text: str) -> None:
    digits = read_digits(text)
    assert all(type(digit) is int for digit in digits)
    assert not digits or read_digits(str(digits)) == digits
