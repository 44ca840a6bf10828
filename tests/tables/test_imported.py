import gzip
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from zc_bench.errors import ZcBenchError
from zc_bench.tables import Table, import_file, load_published, load_table

A, B, C = "(0, 0, 0, 0, 0, 0)", "(1, 2, 3, 4, 0, 1)", "(4, 0, 3, 1, 4, 3)"
NATIVE = "|avg_pool_3x3~0|+|skip_connect~0|none~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_1x1~2|"


def write(folder: Path, text: str, name: str = "mine.csv") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def test_what_was_imported_comes_first(folder: Path, tmp_path: Path, said: Sequence[str]) -> None:
    path = write(tmp_path, f'arch,metric\n"{NATIVE}",88.5\n"{A}",10\n')
    assert import_file(path, "nb201", "CIFAR10", folder=folder)
    assert list(said) == ["Imported the ground truth of nb201 for cifar10: 2 architectures."]
    table = load_table("nb201", folder=folder)
    assert table.keys == (A, C)
    np.testing.assert_array_equal(table.metrics["cifar10"], [10.0, 88.5])
    assert table.provenance["file"] == str(path)
    assert f"your own, imported ({path}); cifar10 of 2 architectures" in said[1]
    assert table.remark() == (
        "The ground truth of nb201 is your own, imported (mine.csv): cifar10 of 2 architectures."
    )
    assert f"{folder / 'nb201.imported.table.gz'}: remove it" in said[1]


def test_another_task_joins_and_the_same_takes_the_place(folder: Path, tmp_path: Path) -> None:
    one = write(tmp_path, f'arch,cifar10\n"{A}",1\n"{B}",2\n')
    other = write(tmp_path, f'arch,cifar100\n"{B}",3\n"{C}",4\n', "other.csv")
    for path in (one, other):
        import_file(path, "nb201", folder=folder)
    table = load_table("nb201", folder=folder)
    assert table.keys == (A, B, C)
    np.testing.assert_array_equal(table.metrics["cifar10"], [1, 2, math.nan])
    np.testing.assert_array_equal(table.metrics["cifar100"], [math.nan, 3, 4])
    assert table.provenance["file"] == f"{one}, {other}"
    import_file(write(tmp_path, f'arch,cifar10\n"{C}",5\n'), "nb201", folder=folder)
    table = load_table("nb201", folder=folder)
    np.testing.assert_array_equal(table.lookup("cifar10", [B, C]), [math.nan, 5])
    assert table.provenance["file"] == f"{one}, {other}"


def test_scores_are_kept_beside_ground_truth(
    folder: Path, tmp_path: Path, said: Sequence[str]
) -> None:
    content = {
        "cifar10": {
            A: {"val_accuracy": 1, "jacov": {"score": -1e8}},
            B: {"val_accuracy": 2, "jacov": {"score": -3}},
        },
        "svhn": {A: {"val_accuracy": 1}},
    }
    import_file(write(tmp_path, json.dumps(content), "zc.json"), "nb201", folder=folder)
    assert list(said) == [
        "Left out: 1 rows of svhn.",
        "Imported the ground truth of nb201 for cifar10: 2 architectures.",
        "Imported published scores of nb201 for cifar10: jacov (2, 1 of them not finite and kept as NaN).",
    ]
    published = load_published("nb201", folder)
    assert published.keys == (A, B)
    np.testing.assert_array_equal(published.scores["cifar10"]["jacov"], [math.nan, -3])
    more = write(tmp_path, f'arch,synflow\n"{C}",{-math.log(1e8)!r}\n"{A}",7\n', "scores.csv.gz")
    import_file(more, "nb201", "cifar10", only_scores=True, folder=folder)
    published = load_published("nb201", folder)
    assert published.keys == (A, B, C)
    np.testing.assert_array_equal(published.scores["cifar10"]["synflow"], [7, math.nan, math.nan])
    np.testing.assert_array_equal(published.scores["cifar10"]["jacov"], [math.nan, -3, math.nan])
    assert load_table("nb201", folder=folder).keys == (A, B)


def test_only_one_task_is_imported_if_it_is_named(folder: Path, tmp_path: Path) -> None:
    path = write(tmp_path, f'arch,cifar10,cifar100\n"{A}",1,2\n')
    import_file(path, "nb201", "cifar100", folder=folder)
    assert load_table("nb201", folder=folder).tasks == ("cifar100",)


@pytest.mark.parametrize(
    ("name", "text", "task", "sentence"),
    [
        (
            "mine.csv",
            f'arch,metric\n"{A}",1\n',
            "",
            r"does not say which task .* --task \(cifar10, cifar100, imagenet",
        ),
        (
            "mine.csv",
            f'arch,metric\n"{A}",1\n',
            "cifar11",
            "Unknown task of nb201 'cifar11': did you mean 'cifar10'",
        ),
        (
            "mine.csv",
            f'arch,metric\n"{A}",1\n"(9,)",1\n',
            "cifar10",
            r"mine.csv: line 3: '\(9,\)' is not a NAS-Bench",
        ),
        (
            "mine.csv",
            f'arch,metric\n"{A}",1\n"{A}",1\n',
            "cifar10",
            "mine.csv: line 3: .* comes twice for cifar10",
        ),
        (
            "mine.csv",
            f'arch,metric\n"{A}",100.5\n',
            "cifar10",
            r"holds 100.5 for .* expected accuracy, percent, from 0",
        ),
        (
            "mine.csv",
            f'arch,metric\n"{A}",-1\n',
            "cifar10",
            r"Another metric is not imported: .* with --truth",
        ),
        (
            "mine.csv",
            "arch,metric\n",
            "cifar10",
            "holds no ground truth or scores of nb201 for cifar10: give another",
        ),
        (
            "zc.json",
            '{"nasbench101": {"cifar10": {"x": {"val_accuracy": 1}}}}',
            "",
            "it names nb101: give another file",
        ),
        (
            "mine.txt",
            "",
            "",
            r"The form of .*mine.txt is unknown: expected a name that ends in \.zip",
        ),
        ("a.csv", '"Genotype(x)",3\n', "", "is not a NAS-Bench-201"),
    ],
)
def test_what_cannot_be_imported_is_one_sentence(
    folder: Path, tmp_path: Path, name: str, text: str, task: str, sentence: str
) -> None:
    with pytest.raises(ZcBenchError, match=sentence):
        import_file(write(tmp_path, text, name), "nb201", task, folder=folder)
    assert list(folder.iterdir()) == []


def test_an_absent_file_and_a_folder_that_cannot_be_written_to(
    folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(ZcBenchError, match="There is no file"):
        import_file(tmp_path / "absent.csv", "nb201", folder=folder)
    path = write(tmp_path, f'arch,cifar10\n"{A}",1\n')
    with pytest.raises(ZcBenchError, match="Could not write"):
        import_file(path, "nb201", folder=path)


def test_nothing_is_written_unless_it_is_agreed_to(folder: Path, tmp_path: Path) -> None:
    path = write(tmp_path, f'arch,cifar10,zen\n"{A}",1,2\n')
    asked: list[Table] = []
    assert not import_file(
        path, "nb201", "cifar10", folder=folder, agree=lambda table: bool(asked.append(table))
    )
    assert [table.counts() for table in asked] == [{"cifar10": 1}]
    assert list(folder.iterdir()) == []
    # Scores alone replace no ground truth, so there is no question.
    assert import_file(
        path, "nb201", "cifar10", only_scores=True, folder=folder, agree=lambda _: False
    )
    assert [entry.name for entry in folder.iterdir()] == ["nb201.scores.table.gz"]


def test_a_damaged_import_is_one_sentence(folder: Path, tmp_path: Path) -> None:
    (folder / "nb201.imported.table.gz").write_bytes(b"damaged")
    with pytest.raises(
        ZcBenchError, match=r"is damaged, or of another version .*: remove it and import"
    ):
        load_table("nb201", folder=folder)


def test_without_published_scores_the_message_says_what_to_type(folder: Path) -> None:
    with pytest.raises(ZcBenchError, match="zc-bench data import <file> --space nb201 --scores"):
        load_published("nb201", folder)


@pytest.mark.data
def test_published_columns_come_back_as_they_were(folder: Path, shared_folder: Path) -> None:
    path = shared_folder / "reference" / "nb201_cifar10_13proxies.csv.gz"
    import_file(path, "nb201", "cifar10", only_scores=True, folder=folder)
    published = load_published("nb201", folder)
    with gzip.open(path, "rt") as file:
        header, first = file.readline(), file.readline()
    names, cells = header.strip().split(","), first.rsplit('",', 1)[1].strip().split(",")
    assert len(published.keys) == 9445
    assert set(published.scores["cifar10"]) == {*names[2:]}
    place = list(published.keys).index(first.split('"')[1])
    found = [published.scores["cifar10"][name][place] for name in names[2:]]
    assert found == [float(cell) for cell in cells[1:]]


@pytest.mark.parametrize(
    "name", ["a/b", "", ".", "..", "a\0b", "\ud800", "x" * 101, "a b", "\x1b[2J", "[/x]"]
)
def test_a_name_that_is_none_of_a_proxy_is_refused_whatever_the_form(
    folder: Path, tmp_path: Path, name: str
) -> None:
    path = write(
        tmp_path, json.dumps({"cifar10": {A: {"val_accuracy": 1, name: {"score": 2}}}}), "mine.json"
    )
    with pytest.raises(ZcBenchError, match=r"mine\.json: .* is no name of a proxy"):
        import_file(path, "nb201", folder=folder)
    assert not list(folder.iterdir())
