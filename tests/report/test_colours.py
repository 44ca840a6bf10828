"""Colours of the heat map.

Every text can be read, light and dark; signs differ for the colour-blind.
"""

import math
import re
from itertools import pairwise

import pytest

from zc_bench.report import colours


def rules():
    """Return class, background and text of every rule, the dark ones last."""
    found = re.findall(
        r"\.(rho-\d+) \{ background: #(\w{6}); color: #(\w{6}); \}", colours.style_sheet()
    )
    return [
        (name, tuple(bytes.fromhex(paper)), tuple(bytes.fromhex(ink))) for name, paper, ink in found
    ]


def test_every_class_is_readable_on_light_and_dark():
    assert len(rules()) == 2 * 41
    assert min(colours.contrast(paper, ink) for _, paper, ink in rules()) >= 4.5


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((0, 0, 0), (255, 255, 255), 21.0),
        ((255, 255, 255), (0, 0, 0), 21.0),
        ((118, 118, 118), (255, 255, 255), 4.54),  # the darkest grey that famously passes on white
        ((255, 0, 0), (255, 255, 255), 4.0),
    ],
)
def test_contrast_is_the_guidelines(one, other, expected):
    assert colours.contrast(one, other) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize("half", [slice(0, 41), slice(41, 82)])
def test_low_is_blue_high_is_red_and_strength_grows(half):
    papers = [paper for _, paper, _ in rules()[half]]
    assert papers[0][0] < papers[0][2]
    assert papers[40][0] > papers[40][2]
    strength = [abs(red - blue) for red, _, blue in papers]
    assert all(one >= other for one, other in pairwise(strength[:21]))
    assert all(one <= other for one, other in pairwise(strength[20:]))


@pytest.mark.parametrize(
    ("rho", "name"),
    [(-1, "rho-0"), (0, "rho-20"), (1, "rho-40"), (0.76, "rho-35"), (math.nan, "undefined")],
)
def test_shade(rho, name):
    assert colours.shade(rho) == name
