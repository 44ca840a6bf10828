import json
from itertools import product

import numpy as np
import pytest

from zc_bench.errors import ZcBenchError
from zc_bench.spaces import space_registry
from zc_bench.spaces.encodings import encodings


def write(name, key, space="nb201"):
    return encodings[name](space_registry[space], space_registry[space].parse(key))


def test_paths_are_all_ways_from_input_to_output():
    key = "(4, 0, 3, 1, 4, 3)"
    # Edges in the order 01, 02, 03, 12, 13, 23, so the ways through a cell of four nodes are:
    operations = dict(
        zip(
            ["01", "02", "03", "12", "13", "23"],
            ["avg", "skip", "1x1", "none", "avg", "1x1"],
            strict=True,
        )
    )
    names = {"avg": "avg_pool_3x3", "skip": "skip_connect", "1x1": "nor_conv_1x1", "none": "none"}
    ways = [("03",), ("01", "13"), ("02", "23"), ("01", "12", "23")]
    expected = sorted(
        " > ".join(["input", *(names[operations[edge]] for edge in way), "output"]) for way in ways
    )
    assert json.loads(write("paths", key)) == {"cell": expected}


def test_the_adjacency_matrix_holds_every_operation_where_its_edge_is():
    cell = json.loads(write("adjacency", "(0, 1, 2, 3, 4, 0)"))["cell"]
    assert cell["nodes"] == ["input", "1", "2", "output"]
    for row, column in product(range(4), repeat=2):
        assert bool(cell["matrix"][row][column]) == (row < column)
    assert cell["matrix"][0][3] == ["nor_conv_3x3"]


@pytest.mark.parametrize("space", space_registry)
def test_key_and_native_string_lead_back(space):
    owner = space_registry[space]
    architecture = owner.sample(np.random.default_rng(1))
    for name in ("key", "native"):
        assert owner.parse(encodings[name](owner, architecture)) == architecture
    for name in ("adjacency", "paths"):
        assert set(json.loads(encodings[name](owner, architecture))) == {
            g.name for g in owner.graphs(architecture)
        }
    assert encodings["canonical"](owner, architecture) == owner.canonical(architecture)


def test_an_unknown_encoding_is_named():
    with pytest.raises(ZcBenchError, match="did you mean 'paths'"):
        encodings["path"]
