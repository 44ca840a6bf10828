"""Cells of NAS-Bench-101.

What is superfluous, and which are the same, against brute force and the authors' counts.
"""

from collections import Counter
from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zc_bench.spaces.nb101.cell import OPERATIONS, Cell

# Distinct cells by number of vertices; together the 423,624 of the paper.
DISTINCT = {2: 1, 3: 6, 4: 84, 5: 2_441, 6: 62_010, 7: 359_082}


@st.composite
def cells(draw, smallest=2, largest=7):
    """Draw any cell, connected or not."""
    size = draw(st.integers(smallest, largest))
    edges = [edge for edge in combinations(range(size), 2) if draw(st.booleans())]
    return Cell(
        tuple(edges),
        ("input", *(draw(st.sampled_from(OPERATIONS)) for _ in range(size - 2)), "output"),
    )


valid_cells = cells().filter(lambda cell: not cell.fault())


def renumbered(cell, numbers):
    """The same graph with vertex v called numbers[v].

    None where an edge would lead to a lower number.
    """
    edges = sorted((numbers[source], numbers[target]) for source, target in cell.edges)
    if any(source > target for source, target in edges):
        return None
    return Cell(tuple(edges), tuple(cell.labels[numbers.index(new)] for new in range(len(numbers))))


def numberings(cell):
    return ((0, *inner, cell.last) for inner in permutations(range(1, cell.last)))


def same(first, second):
    """Whether two cells differ only in the numbers of their vertices, tried out."""
    return len(first.labels) == len(second.labels) and any(
        renumbered(first, numbers) == second for numbers in numberings(first)
    )


def paths(cell, vertex=0):
    """Every path from a vertex to the output."""
    if vertex == cell.last:
        yield (vertex,)
    for source, target in cell.edges:
        if source == vertex:
            yield from ((vertex, *path) for path in paths(cell, target))


def full(vertices):
    """Every graph of so many vertices, all of them on paths, of at most nine edges."""
    possible = list(combinations(range(vertices), 2))
    rows, columns = np.array(possible).T
    codes = np.arange(1 << len(possible), dtype=np.uint32)
    bits = (codes[:, None] >> np.arange(len(possible), dtype=np.uint32)) & 1 == 1
    left = np.stack([bits[:, rows == vertex].any(1) for vertex in range(vertices - 1)]).all(0)
    entered = np.stack([bits[:, columns == vertex].any(1) for vertex in range(1, vertices)]).all(0)
    for graph in bits[left & entered & (bits.sum(1) <= 9)]:
        yield tuple(edge for edge, drawn in zip(possible, graph, strict=True) if drawn)


def distinct(vertices):
    """Count canonical forms. Graphs that are the same without operations are visited once."""
    same = ("input", *["maxpool3x3"] * (vertices - 2), "output")
    graphs = {Cell(edges, same).canonical().edges for edges in full(vertices)}
    labelled = (
        Cell(edges, ("input", *operations, "output")).canonical()
        for edges in graphs
        for operations in product(OPERATIONS, repeat=vertices - 2)
    )
    return len(set(labelled))


@pytest.mark.parametrize("vertices", [2, 3, 4, 5])
def test_there_are_as_many_distinct_small_cells_as_the_authors_found(vertices):
    assert distinct(vertices) == DISTINCT[vertices]


@pytest.mark.slow
@pytest.mark.parametrize("vertices", [6, 7])
def test_there_are_as_many_distinct_large_cells_as_the_authors_found(vertices):
    assert distinct(vertices) == DISTINCT[vertices]
    assert sum(DISTINCT.values()) == 423_624


@settings(max_examples=100, derandomize=True)
@given(valid_cells, st.randoms(use_true_random=False))
def test_renumbered_cells_have_one_canonical_form(cell, random):
    again = renumbered(cell, random.choice([n for n in numberings(cell) if renumbered(cell, n)]))
    assert again.canonical() == cell.canonical()
    assert same(cell.pruned(), cell.canonical())


@settings(max_examples=100, derandomize=True)
@given(cells(4, 5), cells(4, 5))
def test_canonical_forms_are_equal_where_the_graphs_are_the_same_and_only_there(first, second):
    assert (first.canonical() == second.canonical()) == same(first.pruned(), second.pruned())


@settings(max_examples=100, derandomize=True)
@given(cells())
def test_what_is_left_are_the_vertices_on_paths(cell):
    found = list(paths(cell))
    on_paths = {vertex for path in found for vertex in path}
    pruned = cell.pruned()
    assert bool(pruned.edges) == bool(found)
    assert Counter(pruned.labels) == Counter(
        cell.labels[vertex] for vertex in on_paths | {0, cell.last}
    )
    assert len(pruned.edges) == sum(
        source in on_paths and target in on_paths for source, target in cell.edges
    )
    assert pruned.pruned() == pruned


def test_four_vertices_in_parallel_are_the_most_that_can_be_alike():
    """The 24 orders in which they may come have one canonical form."""
    edges = [(0, vertex) for vertex in range(1, 5)] + [(vertex, 6) for vertex in range(1, 5)]
    forms = set()
    for operations in set(
        permutations(("maxpool3x3", "maxpool3x3", "conv1x1-bn-relu", "conv3x3-bn-relu"))
    ):
        cell = Cell(tuple(sorted(edges)), ("input", *operations, "maxpool3x3", "output"))
        assert not cell.fault()
        forms.add(cell.canonical())
    assert len(forms) == 1


def test_a_smaller_cell_takes_over_the_further_vertices_of_a_larger_one():
    small = Cell(((0, 1), (0, 2), (1, 2)), ("input", "maxpool3x3", "output"))
    large = Cell(((0, 1), (1, 4)), ("input", *["conv3x3-bn-relu"] * 3, "output"))
    wide = small.widened(large)
    assert wide == Cell(
        ((0, 1), (0, 4), (1, 4)), ("input", "maxpool3x3", *["conv3x3-bn-relu"] * 2, "output")
    )
    assert wide.canonical() == small.canonical()
    assert large.widened(small) == large
