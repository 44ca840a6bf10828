"""How cells of NAS-Bench-101 are written.

Every form is read, and anything else is refused with its reason.
"""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zc_bench.errors import ZcBenchError
from zc_bench.spaces.nb101.text import LABELS, read, read_key, write_key, write_native

# The cell that the authors' README asks their API for, as NAS-Bench-Suite-Zero and the authors
# write it.
MATRIX = "".join(["0111010", "0000001", "0000001", "0000100", "0000001", "0000001", "0000000"])
OPS = [
    "input",
    "conv1x1-bn-relu",
    "conv3x3-bn-relu",
    "conv3x3-bn-relu",
    "conv3x3-bn-relu",
    "maxpool3x3",
    "output",
]
ROWS = [[int(entry) for entry in MATRIX[start : start + 7]] for start in range(0, 49, 7)]
KEY = f"({', '.join(MATRIX + '0344421')})"

FORMS = {
    "key": KEY,
    "loose key": f"  {KEY.replace(' ', '')[1:-1]}\n",
    "JSON": json.dumps({"matrix": ROWS, "ops": OPS}),
    "indented JSON": json.dumps({"ops": OPS, "matrix": ROWS}, indent=2),
    "list": json.dumps([ROWS, OPS]),
    "Python": str((ROWS, OPS)),
    "tuples": str((tuple(map(tuple, ROWS)), tuple(OPS))),
    "record": f"{MATRIX} {','.join(OPS)}",
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read_and_comes_back_in_two(form):
    cell = read(FORMS[form])
    assert write_key(cell) == KEY
    assert json.loads(write_native(cell)) == {"matrix": ROWS, "ops": OPS}
    assert read_key(KEY) == cell


def test_the_digits_are_those_of_nas_bench_suite_zero():
    # Its list of operations, of which a digit is the place.
    assert LABELS == ("input", "output", "maxpool3x3", "conv1x1-bn-relu", "conv3x3-bn-relu")


def test_the_smallest_cell_has_two_vertices():
    cell = read("(0, 1, 0, 0, 0, 1)")
    assert cell.labels == ("input", "output")
    assert cell.edges == ((0, 1),)


def spec(matrix, ops=None):
    return str((matrix, ops or ["input", *["maxpool3x3"] * (len(matrix) - 2), "output"]))


def matrix(size, *edges):
    return [[int((row, column) in edges) for column in range(size)] for row in range(size)]


ALL_OF_FIVE = [(source, target) for target in range(5) for source in range(target)]

REFUSED = {
    spec(matrix(8, (0, 7))): "the number of its vertices is 8",
    "(0, 0)": "the number of its vertices is 1",
    "[[], []]": "the number of its vertices is 0",
    spec(matrix(5, *ALL_OF_FIVE)): "10 edges lie on paths",
    spec(matrix(4, (0, 1), (2, 3))): "no path leads",
    spec(matrix(2)): "no path leads",
    spec(matrix(3, (0, 1), (1, 2), (2, 1))): "its matrix is not upper triangular",
    spec(matrix(3, (0, 1), (1, 1), (1, 2))): "its matrix is not upper triangular",
    spec(
        matrix(3, (0, 1), (1, 2)), ["input", "conv5x5", "output"]
    ): "its vertices are input, conv5x5, output",
    spec(matrix(3, (0, 1), (1, 2)), ["input", "output", "output"]): "its vertices are",
    spec(matrix(2, (0, 1)), ["output", "input"]): "its vertices are output, input",
    "0100 input,conv3x3": "its vertices are",
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.items())
def test_a_cell_that_the_space_does_not_hold_is_refused_with_the_reason(text, reason):
    with pytest.raises(ZcBenchError, match=f"not a NAS-Bench-101 architecture, as {reason}"):
        read(text)


def test_edges_on_no_path_do_not_count():
    assert (
        len(
            read(spec(matrix(7, (0, 6), *((s, t) for t in range(1, 6) for s in range(1, t))))).edges
        )
        == 11
    )


NO_FORM = [
    "",
    "()",
    "(0, 1, 0, 0, 0)",
    "(0, 1, 0, 0, 0, 1, 0)",
    "(0, 2, 0, 0, 0, 1)",
    "(0, 1, 0, 0, 0, 5)",
    "(0, 1, 0, 0, 0, -1)",
    "(0, True, 0, 0, 0, 1)",
    "([[0, True], [0, 0]], ['input', 'output'])",
    "([[0, 1.0], [0, 0]], ['input', 'output'])",
    "([[0, 1], [0, 0], [0, 0]], ['input', 'output'])",
    "([[0, 1, 0], [0]], ['input', 'output'])",
    "([[0, 1, 0, 0], [0], [0], [0]], ['input', 'output'])",
    "([[0, 1], [0, 0], 'row'], ['input', 'output'])",
    "([[0, 1], [0, 0]], ['input', 1])",
    "([[0, 1], [0, 0]], 'io')",
    "([[0, 1], [0, 0]], ['input', 'output'], 0)",
    "(['01', '00'], ['input', 'output'])",
    "[]",
    "[[0], []]",
    '{"matrix": [[0, 1], [0, 0]]}',
    '{"matrix": [[0, 1], [0, 0]], "ops": ["input", "output"], "data_format": "channels_last"}',
    '{"matrix": [[0, 1], [0, 0]], "ops": ["input", null]}',
    "0100",
    "0100 input",
    "010 input,output",
    "0200 input,output",
    "{[]: 1}",
    "(" * 5000,
    "__import__('os').getcwd()",
    "'\\d'",
    "\x00",
]


@pytest.mark.parametrize("text", NO_FORM, ids=[text[:40] for text in NO_FORM])
def test_what_has_none_of_the_forms_is_refused_and_they_are_named(text):
    with pytest.raises(
        ZcBenchError,
        match=r"it has none of the forms: expected .* written like .*matrix.*\(0, 1, 0",
    ):
        read(text)


pieces = st.sampled_from(
    [*"01234,()[]{}:\"' ", "matrix", "ops", *LABELS, "0100 ", "[0, 1]", "(0, 1, 0, 0, 0, 1)"]
)

damaged = st.builds(
    lambda form, place, character: (
        form[: place % len(form)] + character + form[place % len(form) + 1 :]
    ),
    st.sampled_from([*FORMS.values()]),
    st.integers(0, 1000),
    st.sampled_from([*"0123456789,() ", ""]),
)


@settings(max_examples=200, derandomize=True)
@given(st.one_of(st.text(), st.lists(pieces, max_size=30).map("".join), damaged))
def test_any_text_is_an_architecture_or_a_clear_error(text):
    try:
        cell = read(text)
    except ZcBenchError:
        return
    assert read_key(write_key(cell)) == cell
    assert read(write_native(cell)) == cell
