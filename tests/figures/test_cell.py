import pytest
from matplotlib.text import Text

from zc_bench.figures import draw_cells, save
from zc_bench.spaces import CellGraph, space_registry

CHAIN = CellGraph("cell", ("input", "conv3x3", "output"), ((0, 1, ""), (1, 2, "")))


def words(figure):
    return sorted(
        text.get_text()
        for axes in figure.axes
        for text in axes.get_children()
        if isinstance(text, Text)
    )


def boxes(figure):
    """Extents of the texts in boxes, in pixels."""
    figure.canvas.draw()
    texts = [text for text in figure.axes[0].texts if text.get_ha() == "center"]
    return [text.get_window_extent() for text in texts]


def test_every_node_and_every_operation_is_written_once():
    space = space_registry["nb201"]
    figure = draw_cells(space.graphs(space.parse("(4, 0, 3, 1, 4, 3)")), "the title")
    shown = [word for word in words(figure) if word]
    expected = [
        "input",
        "1",
        "2",
        "output",
        "avg_pool_3x3",
        "skip_connect",
        "nor_conv_1x1",
        "none",
        "avg_pool_3x3",
    ]
    assert shown == sorted([*expected, "nor_conv_1x1", "cell", "the title"])


@pytest.mark.parametrize("seed", range(5))
def test_no_label_covers_another(seed):
    import numpy as np

    space = space_registry["darts_cell"]
    figure = draw_cells(space.graphs(space.sample(np.random.default_rng(seed))))
    found = boxes(figure)
    overlapping = [(a, b) for i, a in enumerate(found) for b in found[:i] if a.overlaps(b)]
    assert overlapping == []
    whole = figure.bbox
    assert all(
        whole.x0 <= box.x0 and box.x1 <= whole.x1 and whole.y0 <= box.y0 and box.y1 <= whole.y1
        for box in found
    )


def test_several_cells_go_below_each_other(tmp_path):
    one, two = draw_cells([CHAIN]), draw_cells([CHAIN, CHAIN])
    assert two.get_size_inches()[1] > 1.5 * one.get_size_inches()[1]
    png, pdf = save(two, tmp_path, "cells")
    assert png.read_bytes()[:4] == b"\x89PNG"
    assert pdf.read_bytes()[:4] == b"%PDF"
