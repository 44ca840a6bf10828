import gzip
import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zc_bench.errors import ZcBenchError
from zc_bench.tables.own_csv import read

KEY = '"(4, 0, 3, 1, 4, 3)"'
NAME = KEY.strip('"')


def write(folder: Path, text: str | bytes, name: str = "mine.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_column_is_called_like_its_task(tmp_path: Path) -> None:
    rows = list(read(write(tmp_path, f"arch,cifar10,CIFAR100\n{KEY},88.5,\n")))
    assert rows[0][:3] == ("cifar10", NAME, 88.5)
    assert rows[1].task == "cifar100"
    assert math.isnan(rows[1].truth)
    assert [row.place for row in rows] == ["line 2", "line 2"]


@pytest.mark.parametrize("metric", ["metric", "accuracy", "val_accuracy", "ssim"])
def test_a_lone_column_is_ground_truth(tmp_path: Path, metric: str) -> None:
    (row,) = read(write(tmp_path, f"arch,{metric}\n{KEY},88.5\n"))
    assert row[:4] == ("", NAME, 88.5, {})


def test_a_lone_column_is_scores_if_scores_are_asked_for(tmp_path: Path) -> None:
    (row,) = read(write(tmp_path, f"arch,zen\n{KEY},88.5\n"), only_scores=True)
    assert math.isnan(row.truth)
    assert row.scores == {"zen": 88.5}


@pytest.mark.parametrize("zipped", [False, True])
def test_the_published_form_with_scores(tmp_path: Path, zipped: bool) -> None:
    text = (
        '# somebody\'s, "quoted"\n\ndataset,arch,val_accuracy,jacov,zen\n'
        f"ImageNet16-120,{KEY},30.5,-1e8,\n\ncifar10,{KEY},90,-32,7\n"
    ).encode()
    rows = list(read(write(tmp_path, gzip.compress(text) if zipped else text)))
    assert [row[:4] for row in rows] == [
        ("imagenet16-120", NAME, 30.5, {"jacov": -1e8}),
        ("cifar10", NAME, 90.0, {"jacov": -32.0, "zen": 7.0}),
    ]
    assert [row.place for row in rows] == ["line 4", "line 6"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: the file has no header"),
        ("# only a comment\n", "line 1: the file has no header"),
        (
            "a,b\n",
            "line 1: the header has none of the columns arch, architecture, net; it has 'a, b'",
        ),
        ("arch,zen,Zen\n", "line 1: the header has a name twice"),
        ("arch,zen,a/b\n", "line 1: 'a/b' in the header is no name of a proxy"),
        (f"arch,metric\n{KEY}\n", "line 2: there are 1 cells, the header has 2"),
        (
            f"arch,metric\n{NAME},5\n",
            "line 2: there are 7 cells, the header has 2 .quote what holds commas",
        ),
        (f"arch,metric\n{KEY},5\n{KEY},good\n", "line 3: 'good' is not a number"),
        (f'arch,metric\n"{NAME},5\n', "line 2: unexpected end of data"),
        (gzip.compress(f"arch,metric\n{KEY},5\n".encode(), mtime=0)[:-9], "Compressed file ended"),
    ],
)
def test_a_malformed_file_is_one_sentence_with_its_line(
    tmp_path: Path, text: str | bytes, sentence: str
) -> None:
    with pytest.raises(ZcBenchError, match=rf"mine\.csv, .*{sentence}.*Mend the line"):
        list(read(write(tmp_path, text)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=99) | st.text('arch,metric"\n#0123.e-\r\0', max_size=99),
    st.booleans(),
    st.booleans(),
)
def test_random_bytes_give_our_error_or_rows(
    tmp_path: Path, data: bytes | str, headed: bool, zipped: bool
) -> None:
    content = (b"arch,metric\n" if headed else b"") + (
        data.encode() if isinstance(data, str) else data
    )
    try:
        rows = list(read(write(tmp_path, b"\x1f\x8b" + content if zipped else content)))
    except ZcBenchError:
        return
    assert all(isinstance(row.truth, float) for row in rows)
