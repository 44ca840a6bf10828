"""The critical-difference diagram: average ranks of proxies, and which do not differ."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zc_bench.figures.style import style
from zc_bench.statistics.critical_difference import CriticalDifference

# Lengths are in inches.
_WIDTH, _MARGIN = 7.0, 1.3
_ROW, _ABOVE, _BAR = 0.2, 0.75, 0.12


def draw_critical_difference(compared: CriticalDifference) -> Figure:
    """Draw average ranks on a line, in the form of Demšar 2006, figure 1.

    The best rank is at the left. Proxies below a common bar do not differ significantly.

    Args:
        compared: average ranks and their critical difference.

    Returns:
        A figure outside pyplot's global state.
    """
    names, ranks = list(map(str, compared.ranks.index)), compared.ranks.tolist()
    groups = compared.groups()
    rows = (len(names) + 1) // 2
    below = _BAR * (len(groups) + 1)
    height = _ABOVE + below + _ROW * rows + 0.1
    with style():
        figure = Figure(figsize=(_WIDTH, height))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, _WIDTH), ylim=(height, 0))
        axes.axis("off")
        _draw_axis(axes, compared, len(names))
        for place, group in enumerate(groups):
            y = _ABOVE + _BAR * (place + 1)
            ends = [_x(compared.ranks[name], len(names)) for name in (group[0], group[-1])]
            axes.plot([ends[0] - 0.04, ends[1] + 0.04], [y, y], color="0.1", linewidth=3)
        for place, (name, rank) in enumerate(zip(names, ranks, strict=True)):
            row = place if place < rows else len(names) - 1 - place
            y = _ABOVE + below + _ROW * (row + 0.5)
            left = place < rows
            side = _MARGIN - 0.1 if left else _WIDTH - _MARGIN + 0.1
            x = _x(rank, len(names))
            axes.plot([x, x, side], [_ABOVE, y, y], color="0.4", linewidth=0.8)
            text = f"{name} ({rank:.2f})"
            aside = side - 0.05 if left else side + 0.05
            axes.text(aside, y, text, ha="right" if left else "left", va="center")
    return figure


def _x(rank: float, proxies: int) -> float:
    """Return the place of an average rank."""
    return _MARGIN + (rank - 1) / (proxies - 1) * (_WIDTH - 2 * _MARGIN)


def _draw_axis(axes: Axes, compared: CriticalDifference, proxies: int) -> None:
    axes.plot([_x(1, proxies), _x(proxies, proxies)], [_ABOVE, _ABOVE], color="0.1", linewidth=1)
    for rank in range(1, proxies + 1):
        x = _x(rank, proxies)
        axes.plot([x, x], [_ABOVE - 0.06, _ABOVE], color="0.1", linewidth=1)
        axes.text(x, _ABOVE - 0.1, str(rank), ha="center", va="bottom")
    end = _x(1 + min(compared.difference, proxies - 1), proxies)
    more = "" if compared.difference <= proxies - 1 else ", beyond the axis"
    axes.plot([_x(1, proxies), end], [0.34, 0.34], color="0.1", linewidth=2)
    text = (
        f"critical difference {compared.difference:.2f}{more}; {compared.columns} columns, Friedman's "
        f"p = {compared.p_value:.2g}"
    )
    axes.text(_x(1, proxies), 0.28, text, ha="left", va="bottom")
