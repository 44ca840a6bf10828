"""Colours of the heat map, light and dark: blue below zero, red above, as in the figures.

A cell has one of 41 classes, `rho-0` for -1 to `rho-40` for 1. Its text is black or white,
whichever has more contrast, which is at least 4.5.
"""

import math

STEPS = 20  # per sign

Rgb = tuple[int, int, int]
# Low end, middle, high end.
_LIGHT: tuple[Rgb, Rgb, Rgb] = ((35, 105, 189), (250, 250, 250), (169, 55, 59))
_DARK: tuple[Rgb, Rgb, Rgb] = ((90, 165, 230), (42, 42, 42), (235, 120, 110))


def shade(rho: float) -> str:
    """Name the class of a correlation; "undefined" for NaN."""
    return "undefined" if math.isnan(rho) else f"rho-{round((rho + 1) * STEPS)}"


def style_sheet() -> str:
    """Write the classes as CSS."""
    return f"{_rules(_LIGHT)}@media screen and (prefers-color-scheme: dark) {{\n{_rules(_DARK)}}}\n"


def colour(palette: tuple[Rgb, Rgb, Rgb], rho: float) -> Rgb:
    """Blend an end of a palette with its middle."""
    low, middle, high = palette
    end = low if rho < 0 else high
    red, green, blue = (round(m + abs(rho) * (e - m)) for e, m in zip(end, middle, strict=True))
    return red, green, blue


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast of two colours, from 1 to 21 (WCAG 2.1, section 1.4.3)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(rgb: Rgb) -> float:
    red, green, blue = (_linear(channel / 255) for channel in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.03928 else ((channel + 0.055) / 1.055) ** 2.4


def _rules(palette: tuple[Rgb, Rgb, Rgb]) -> str:
    return "".join(_rule(step, colour(palette, step / STEPS - 1)) for step in range(2 * STEPS + 1))


def _rule(step: int, paper: Rgb) -> str:
    ink = max(((0, 0, 0), (255, 255, 255)), key=lambda ink: contrast(ink, paper))
    return f".rho-{step} {{ background: {_hex(paper)}; color: {_hex(ink)}; }}\n"


def _hex(rgb: Rgb) -> str:
    return "#" + bytes(rgb).hex()
