"""`zc-bench arch`, as a user calls it."""

import pytest
from typer.testing import CliRunner

from zc_bench.cli import app
from zc_bench.errors import ZcBenchError

KEY = "(4, 0, 3, 1, 4, 3)"
NATIVE = "|avg_pool_3x3~0|+|skip_connect~0|none~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_1x1~2|"


def zc_bench(*words):
    return CliRunner().invoke(app, ["arch", *map(str, words)])


def message(*words):
    error = zc_bench(*words).exception
    assert isinstance(error, ZcBenchError)
    return str(error)


def test_convert_leads_there_and_back():
    assert zc_bench("convert", KEY, "--to", "native", "--space", "nb201").stdout == NATIVE + "\n"
    assert zc_bench("convert", NATIVE, "--to", "key").stdout == KEY + "\n"


def test_show_tells_everything_and_draws(tmp_path):
    result = zc_bench("show", KEY, "--space", "nb201", "--out", tmp_path / "new" / "cell.png")
    assert result.exit_code == 0
    for fact in (KEY, NATIVE, "129,306"):
        assert fact in result.stdout
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["cell.pdf", "cell.png"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("show", "nonsense"), "'nonsense' is no architecture of"),
        (("show", KEY, "--space", "nb202"), "did you mean 'nb201'"),
        (("convert", KEY, "--to", "nativ"), "did you mean 'native'"),
        (("show", "(1, 2)", "--space", "nb201"), "expected six digits"),
        (
            ("show", KEY, "--space", "nb201", "--out", "/proc/no/cell.png"),
            "Could not write /proc/no/cell.png",
        ),
    ],
)
def test_what_is_wrong_is_said(words, expected):
    assert expected in message(*words)
