"""What a progress bar says of the time that is left."""

import math

import pytest

from zc_bench._internal.progress import Progress, _pace


@pytest.mark.parametrize(
    ("left", "allowed", "said"),
    [
        (7200.0, math.inf, "6 a minute, 2 h to the end"),
        (7200.0, 480.0, "6 a minute, 2 h to the end, stops in 8 min"),
        (60.0, 480.0, "6 a minute, 1 min to the end"),
        (None, 480.0, ""),
    ],
)
def test_names_the_end_of_the_work_and_that_of_the_budget(left, allowed, said):
    assert _pace(Progress(10, 100, 10, 0, 100.0, left, allowed)) == said
