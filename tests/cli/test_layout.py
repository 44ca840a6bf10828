"""Tables as wide as what they are printed on: no word is broken, at any width."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from zc_bench.cli import console
from zc_bench.cli.layout import fitting_widths, packed, wrapped

HEADINGS = {"proxy": "left", "flop / s": "right", "what it is measured with": "left"}
ROWS = [
    ("synflow", "1,234.5", "https://example.org/a/very/long/address/of/a/file.h5 twice"),
    ("reg_swap", "7", "operations of a network, counted in multiply-adds"),
]
WORDS = {word for row in (HEADINGS, *ROWS) for cell in row for word in cell.split()}


@pytest.mark.parametrize("width", [1, 10, 20, 40, 60, 79, 80, 120, 1000])
def test_no_word_is_broken_at_any_width(width, monkeypatch, capsys):
    monkeypatch.setattr(console.out, "width", width)
    console.show_table(HEADINGS, ROWS, "Operations and seconds")
    printed = capsys.readouterr().out
    assert set(printed.split()) >= WORDS
    assert {"Operations", "and", "seconds"} <= set(printed.split())


@pytest.mark.parametrize("width", [70, 80, 120])
def test_no_line_is_wider_where_the_words_fit(width, monkeypatch, capsys):
    monkeypatch.setattr(console.out, "width", width)
    console.show_table(HEADINGS, [ROWS[1]] * 2, "Operations and seconds")
    assert max(map(cell_len, capsys.readouterr().out.splitlines())) <= width


@given(
    st.lists(st.lists(st.text("ab ", max_size=20), min_size=3, max_size=3), min_size=1, max_size=6)
)
def test_widths_hold_the_longest_words_and_fit(columns):
    widths = fitting_widths(columns, [True] * len(columns), 60)
    least = [
        max((len(word) for cell in cells for word in cell.split()), default=0) for cells in columns
    ]
    if widths is None:
        assert sum(least) + 3 * len(columns) + 1 > 60
    else:
        assert all(wide >= word for wide, word in zip(widths, least, strict=True))
        assert sum(widths) + 3 * len(columns) + 1 <= 60


@given(st.lists(st.integers(1, 100), max_size=20), st.integers(10, 200))
def test_every_column_is_in_one_table_in_order(widths, width):
    tables = packed(widths, 10, width)
    assert [place for table in tables for place in table] == list(range(len(widths)))
    for table in tables:
        assert len(table) == 1 or 10 + sum(widths[place] + 3 for place in table) + 1 <= width


@given(st.text("ab \n", max_size=60), st.integers(-3, 20))
def test_wrapping_keeps_every_word(text, width):
    lines = wrapped(text, width)
    assert " ".join(lines).split() == text.split()
    assert all(len(line) <= max(width, 1) or re.fullmatch(r"\S+", line) for line in lines)


@pytest.mark.parametrize(
    ("columns", "width"), [("132", 132), ("", 80), ("wide", 80), ("0" * 9, 80)]
)
def test_without_a_terminal_lines_have_80_letters_or_what_columns_says(columns, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(console.sys, "stdout", None)
    assert console._width() == width
