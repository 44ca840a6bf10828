"""`zc-bench arch`, as a user calls it."""

import pandas as pd
import pytest
from typer.testing import CliRunner

import zc_bench as zb
from zc_bench.cli import app
from zc_bench.errors import ZcBenchError
from zc_bench.spaces import space_registry

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
    for fact in (KEY, NATIVE, "129,306", "\nnumber     "):
        assert fact in result.stdout
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["cell.pdf", "cell.png"]


def test_show_tells_truth_and_sizes_of_every_task():
    out = zc_bench("show", KEY, "--space", "nb201").stdout
    lines = {line.split()[0]: line.split() for line in out.splitlines() if line.strip()}
    key = zb.load_table("nb201")
    for task in ("cifar10", "cifar100", "imagenet16-120"):
        assert float(lines[task][1]) == pytest.approx(key[task][KEY], abs=0.005)
    # Those of the published API: 0.129306 M parameters, 15.68 M multiply-adds.
    assert lines["cifar10"][2] == "129,306"


@pytest.mark.parametrize("number", [0, 9, 123, 15624])
def test_numbers_are_those_of_the_authors(number):
    said = zc_bench("convert", str(number), "--space", "nb201", "--to", "native").stdout.strip()
    known = {
        0: "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|",
        9: "|avg_pool_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|",
        123: "|avg_pool_3x3~0|+|avg_pool_3x3~0|nor_conv_1x1~1|+|none~0|avg_pool_3x3~1|nor_conv_3x3~2|",
    }
    assert said == known.get(number, said)
    assert f"number     {number}\n" in zc_bench("show", said).stdout


@pytest.mark.data
def test_all_numbers_are_those_of_hw_nas_bench(shared_folder):
    path = shared_folder / "data" / "hardware" / "hw_nasbench_nb201.csv.gz"
    rows = pd.read_csv(path, usecols=["task", "arch"])
    listed = rows.loc[rows["task"] == "cifar10", "arch"].tolist()
    space = space_registry["nb201"]
    assert [space.by_index(number).key for number in range(15625)] == listed


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ("show", "15625", "--space", "nb201"),
            "no architecture 15625: its numbers are 0 to 15624",
        ),
        (("show", "7", "--space", "nb101"), "7"),
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
