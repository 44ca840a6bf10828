from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zc_bench.figures.cell_graph import boxes_and_edges, lay_out
from zc_bench.spaces import CellGraph


@st.composite
def graphs(draw):
    count = draw(st.integers(1, 8))
    pairs = list(combinations(range(count), 2))
    return count, draw(st.lists(st.sampled_from(pairs), max_size=14)) if pairs else []


@given(graphs())
def test_edges_go_right_one_layer_at_a_time_and_nodes_keep_their_distance(graph):
    count, edges = graph
    layout = lay_out(count, edges)
    for (source, target), route in zip(edges, layout.routes, strict=True):
        assert (route[0], route[-1]) == (layout.places[source], layout.places[target])
        layers = [layer for layer, _ in route]
        assert layers == list(range(layers[0], layers[0] + len(route)))
        assert len(route) >= 2
    stops = [*layout.places, *(place for route in layout.routes for place in route[1:-1])]
    for (layer, height), (other_layer, other_height) in combinations(stops, 2):
        assert layer != other_layer or abs(height - other_height) > 1 - 1e-9


def test_a_chain_is_straight():
    layout = lay_out(3, [(0, 1), (1, 2)])
    assert layout.places == ((0, 0.0), (1, 0.0), (2, 0.0))


def test_a_diamond_does_not_cross_and_is_symmetric():
    layout = lay_out(4, [(0, 1), (0, 2), (1, 3), (2, 3)])
    heights = [height for _, height in layout.places]
    assert abs(heights[1] - heights[2]) == pytest.approx(1)
    assert heights[0] == pytest.approx((heights[1] + heights[2]) / 2)


def test_crossings_that_can_be_avoided_are():
    # 0 -> 3, 1 -> 2: drawn in the order of their numbers they would cross.
    places = lay_out(5, [(0, 3), (1, 2), (3, 4), (2, 4)]).places
    assert (places[0][1] < places[1][1]) == (places[3][1] < places[2][1])


def test_operations_on_edges_become_boxes_between_their_nodes():
    edges = ((0, 1, "conv3x3"), (0, 2, "none"), (1, 2, ""))
    boxes, links = boxes_and_edges(CellGraph("cell", ("input", "1", "output"), edges))
    assert boxes == [
        ("input", "end"),
        ("conv3x3", "op-3x3"),
        ("1", "node"),
        ("none", "nothing"),
        ("output", "end"),
    ]
    assert sorted(links) == [(0, 1), (0, 3), (1, 2), (2, 4), (3, 4)]


def test_operations_on_nodes_are_boxes_already():
    graph = CellGraph("cell", ("input", "maxpool3x3", "output"), ((0, 1, ""), (1, 2, "")))
    boxes, links = boxes_and_edges(graph)
    assert boxes[1] == ("maxpool3x3", "op-pool")
    assert links == [(0, 1), (1, 2)]
