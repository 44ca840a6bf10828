"""Durations, read and written."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zc_bench._internal.durations import format_duration, parse_duration
from zc_bench.errors import ZcBenchError


class TestParse:
    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            ("90s", 90),
            ("10m", 600),
            ("2h", 7200),
            ("1d", 86400),
            ("1h30m", 5400),
            ("1.5h", 5400),
            ("0s", 0),
            ("none", math.inf),
        ],
    )
    def test_reads_what_people_write(self, text, seconds):
        assert parse_duration(text) == seconds

    @pytest.mark.parametrize(
        "text", ["", "10", "m", "10 m", "-5m", "5x", "1h,30m", "1h30", "None", "1e3s", "ten"]
    )
    def test_refuses_what_is_none(self, text):
        with pytest.raises(ZcBenchError) as info:
            parse_duration(text)
        assert (
            str(info.value) == f"{text!r} is no duration: write it like 90s, 10m or 1h30m, or none."
        )


class TestFormat:
    @pytest.mark.parametrize(
        ("seconds", "text"),
        [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (61, "1 min 1 s"),
            (600, "10 min"),
            (5400, "1 h 30 min"),
            (86400, "1 d"),
            (90000, "1 d 1 h"),
            (math.inf, "no limit"),
        ],
    )
    def test_names_the_two_largest_units(self, seconds, text):
        assert format_duration(seconds) == text

    @pytest.mark.parametrize(
        ("seconds", "text"), [(59.7, "1 min"), (3599.7, "1 h"), (86399, "1 d")]
    )
    def test_carries_over_when_it_rounds_up(self, seconds, text):
        assert format_duration(seconds) == text

    @given(st.floats(0, 1e7))
    def test_is_read_back_within_its_precision(self, seconds):
        text = re.sub(r" (d|h|m|s)(in)? ?", r"\1", format_duration(seconds))
        smallest = 0.5 if seconds < 3600 else 30 if seconds < 86400 else 1800
        assert abs(parse_duration(text) - seconds) <= smallest
