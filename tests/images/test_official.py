import hashlib
import os
import pickle
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from zc_bench.errors import ZcBenchError
from zc_bench.images import Images, official
from zc_bench.images.official import read
from zc_bench.tasks import Task, task_registry

CIFAR10 = [f"cifar-10-batches-py/data_batch_{i}" for i in range(1, 6)]
CIFAR100 = ["cifar-100-python/train"]
IMAGENET16 = [f"ImageNet16/train_data_batch_{i}" for i in range(1, 11)]


def dump(path: Path, value: object) -> None:
    """Write a pickle as the authors did: by an old NumPy."""
    path.parent.mkdir(exist_ok=True)
    data = pickle.dumps(value, protocol=2).replace(b"numpy._core", b"numpy.core")
    path.write_bytes(data)


def class_labels(images: Images) -> list[int]:
    assert images.labels is not None
    labels: list[int] = images.labels[np.arange(len(images.labels))].tolist()
    return labels


def pixels_of(images: Images) -> np.ndarray:
    return images.pixels[np.arange(len(images.pixels))]


def rows(generator: np.random.Generator, n: int, side: int) -> np.ndarray:
    return generator.integers(0, 256, (n, 3 * side**2), np.uint8)


@pytest.fixture
def generator() -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(0))


@pytest.fixture
def cifar10_data(tmp_path: Path, generator: np.random.Generator) -> np.ndarray:
    """Write five batches of four images, and return their rows."""
    data = rows(generator, 20, 32)
    for place, name in enumerate(CIFAR10):
        chosen = slice(4 * place, 4 * place + 4)
        dump(
            tmp_path / name,
            {
                "batch_label": name,
                "labels": [place] * 4,
                "data": data[chosen],
                "filenames": ["a"] * 4,
            },
        )
    return data


def pack(folder: Path, archive: str, inside: str) -> None:
    """Move a folder into an archive, its files in reverse order."""
    with tarfile.open(folder / archive, "w:gz") as file:
        file.add(folder / inside, inside, recursive=False)
        for path in sorted((folder / inside).iterdir(), reverse=True):
            file.add(path, f"{inside}/{path.name}")
            path.unlink()
    (folder / inside).rmdir()


@pytest.mark.parametrize("packed", [False, True])
def test_cifar10(tmp_path: Path, cifar10_data: np.ndarray, cifar10: Task, packed: bool) -> None:
    if packed:
        pack(tmp_path, "cifar-10-python.tar.gz", "cifar-10-batches-py")
    images = read(tmp_path, cifar10)
    assert images is not None
    # The first 70 % of 20 images: three batches and a half.
    assert class_labels(images) == [0] * 4 + [1] * 4 + [2] * 4 + [3] * 2
    assert pixels_of(images).shape == (14, 32, 32, 3)
    for channel in range(3):
        plane = cifar10_data[13, 1024 * channel : 1024 * (channel + 1)].reshape(32, 32)
        np.testing.assert_array_equal(pixels_of(images)[13, :, :, channel], plane)
    place = tmp_path / ("cifar-10-python.tar.gz" if packed else "cifar-10-batches-py")
    words = "images (MD5 differs: not the official files) for training: 14 images"
    assert images.source.startswith(f"{place}, the first 70 % of the 20 {words}")


@pytest.mark.usefixtures("cifar10_data")
def test_files_with_the_published_digests_are_official(
    tmp_path: Path, cifar10: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = official._LAYOUTS["cifar10"]
    digests = {
        Path(name).name: hashlib.md5((tmp_path / name).read_bytes()).hexdigest() for name in CIFAR10
    }
    monkeypatch.setitem(official._LAYOUTS, "cifar10", replace(layout, files=digests))
    images = read(tmp_path, cifar10)
    assert images is not None
    assert "of the 20 official images for training" in images.source


def test_an_official_file_of_too_many_bytes_is_one_sentence(
    tmp_path: Path, cifar10: Task, cifar10_data: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(official, "_LARGEST", 1 << 10)
    with pytest.raises(
        ZcBenchError, match=r"^data_batch_1 of \S+ is larger than 0 MiB, unlike any official file"
    ):
        read(tmp_path, cifar10)
    pack(tmp_path, "cifar-10-python.tar.gz", "cifar-10-batches-py")
    with pytest.raises(ZcBenchError, match="is larger than 0 MiB, unlike any official file"):
        read(tmp_path, cifar10)


def array_of(
    code: bytes, raw: bytes, state: bytes = b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
) -> bytes:
    """Pickle an array as Python 2 did, of one item whose bytes are given."""
    kind = b"cnumpy\ndtype\nU\x02" + code + b"K\x00K\x01\x87R(K\x03U\x01|" + state
    begun = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01K\x01\x85"
    return begun + kind + b"\x89U" + bytes([len(raw)]) + raw + b"tb"


@pytest.mark.usefixtures("cifar10_data")
def test_bytes_are_never_taken_for_addresses(tmp_path: Path, cifar10: Task) -> None:
    # An array of objects, as the encoding of bytes: to compare it with a text is to follow its
    # address.
    pickled = (
        b"\x80\x02c_codecs\nencode\n(X\x01\x00\x00\x00a" + array_of(b"O8", b"AAAAAAAA") + b"tR."
    )
    (tmp_path / CIFAR10[0]).write_bytes(pickled)
    reading = (
        f"from pathlib import Path; from zc_bench.images.official import read; "
        f"from zc_bench.tasks import task_registry; "
        f"read(Path({str(tmp_path)!r}), task_registry['cifar10'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", reading], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "data_batch_1 of" in done.stderr
    assert "is not a whole pickle (ValueError)" in done.stderr


@pytest.mark.parametrize("packed", [False, True])
def test_cifar100(tmp_path: Path, generator: np.random.Generator, packed: bool) -> None:
    labels = [99, 0, 5, 6, 7, 8, 9, 10, 11, 12]
    dump(
        tmp_path / CIFAR100[0],
        {"fine_labels": labels, "coarse_labels": [0] * 10, "data": rows(generator, 10, 32)},
    )
    if packed:
        pack(tmp_path, "cifar-100-python.tar.gz", "cifar-100-python")
    images = read(tmp_path, task_registry["cifar100"])
    assert images is not None
    assert class_labels(images) == labels[:7]


def test_imagenet16_keeps_the_first_120_classes(
    tmp_path: Path, generator: np.random.Generator
) -> None:
    for name in IMAGENET16:
        value = {
            "data": rows(generator, 4, 16),
            "labels": [1, 121, 120, 1000],
            "mean": np.zeros(768),
        }
        dump(tmp_path / name, value)
    images = read(tmp_path, task_registry["imagenet16-120"])
    assert images is not None
    # 20 of the 40 images are of these classes; the first 70 % of them are used.
    assert class_labels(images) == [0, 119] * 7
    assert pixels_of(images).shape == (14, 16, 16, 3)


def test_a_folder_without_official_files_is_none(tmp_path: Path) -> None:
    assert all(read(tmp_path, task) is None for task in task_registry.values())


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.usefixtures("cifar10_data")
def test_a_missing_file_is_one_sentence(tmp_path: Path, cifar10: Task, packed: bool) -> None:
    (tmp_path / CIFAR10[2]).unlink()
    if packed:
        pack(tmp_path, "cifar-10-python.tar.gz", "cifar-10-batches-py")
    with pytest.raises(
        ZcBenchError, match=r"cifar-10-\S+ lacks data_batch_3: get it anew, or move it away"
    ):
        read(tmp_path, cifar10)


@pytest.mark.usefixtures("cifar10_data")
def test_a_truncated_pickle_is_one_sentence(tmp_path: Path, cifar10: Task) -> None:
    path = tmp_path / CIFAR10[1]
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(
        ZcBenchError, match=r"^data_batch_2 of \S+cifar-10-batches-py is not a whole pickle"
    ):
        read(tmp_path, cifar10)


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_a_damaged_archive_is_one_sentence(tmp_path: Path, cifar10: Task, content: bytes) -> None:
    (tmp_path / "cifar-10-python.tar.gz").write_bytes(content)
    with pytest.raises(ZcBenchError, match=r"cifar-10-python\.tar\.gz is truncated or damaged"):
        read(tmp_path, cifar10)


@pytest.mark.usefixtures("cifar10_data")
def test_a_truncated_archive_is_one_sentence(tmp_path: Path, cifar10: Task) -> None:
    pack(tmp_path, "cifar-10-python.tar.gz", "cifar-10-batches-py")
    path = tmp_path / "cifar-10-python.tar.gz"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ZcBenchError, match=r"cifar-10-python\.tar\.gz is truncated or damaged"):
        read(tmp_path, cifar10)


DATA = np.zeros((2, 3072), np.uint8)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ([1, 2], "lacks 'data', an array, or 'labels', a list"),
        ({"data": DATA}, "lacks 'data', an array, or 'labels', a list"),
        ({"data": [1], "labels": [1]}, "lacks 'data', an array, or 'labels', a list"),
        (
            {"data": DATA.astype(float), "labels": [1, 2]},
            r"holds float64 \(2, 3072\) for 2 labels, expected uint8",
        ),
        (
            {"data": DATA[:, :768], "labels": [1, 2]},
            r"holds uint8 \(2, 768\) for 2 labels, expected uint8 \(n, 3072\)",
        ),
        ({"data": DATA, "labels": [1]}, r"holds uint8 \(2, 3072\) for 1 labels"),
        ({"data": DATA, "labels": [1, "2"]}, "and n whole numbers"),
        ({"data": DATA, "labels": []}, "for 0 labels"),
        ({"data": DATA, "labels": [1, 10]}, "the label 10 is no class of cifar10"),
        ({"data": DATA, "labels": [1, 10**30]}, "the labels are object"),
    ],
)
def test_another_form_is_one_sentence(
    tmp_path: Path, cifar10: Task, value: object, sentence: str
) -> None:
    for name in CIFAR10:
        dump(tmp_path / name, value)
    with pytest.raises(ZcBenchError, match=sentence):
        read(tmp_path, cifar10)


class Malicious:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("pwned",)


@pytest.mark.usefixtures("cifar10_data")
def test_a_malicious_pickle_runs_nothing(
    tmp_path: Path, cifar10: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    dump(tmp_path / CIFAR10[0], {"data": Malicious(), "labels": [1]})
    with pytest.raises(ZcBenchError, match=r"data_batch_1 of \S+ asks for \w+\.mkdir"):
        read(tmp_path, cifar10)
    assert not (tmp_path / "pwned").exists()
