from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zc_bench.figures.layered import lay_out


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
