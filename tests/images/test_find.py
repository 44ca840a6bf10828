import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from painted import save

from zc_bench.errors import ZcBenchError
from zc_bench.images import find_images
from zc_bench.tasks import Task, task_registry


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def with_npz(folder: Path, pixels: np.ndarray, labels: np.ndarray) -> Path:
    np.savez(folder / "cifar10.npz", images=pixels, labels=labels)
    return folder


@pytest.fixture
def with_official(with_npz: Path) -> Path:
    (with_npz / "cifar-10-batches-py").mkdir()
    for place in range(1, 6):
        value = {"data": np.zeros((2, 3072), np.uint8), "labels": [1, 2]}
        (with_npz / "cifar-10-batches-py" / f"data_batch_{place}").write_bytes(
            pickle.dumps(value, protocol=4)
        )
    return with_npz


def test_official_files_come_first(with_official: Path, cifar10: Task) -> None:
    for images in (
        find_images(cifar10, folder=with_official),
        find_images(cifar10, str(with_official)),
    ):
        assert "not the official files) for training" in images.source
        assert len(images.pixels) == 7


def test_an_npz_file_comes_second(
    with_npz: Path, cifar10: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZC_BENCH_DATA", str(with_npz))
    for images in (
        find_images(cifar10),
        find_images(cifar10, folder=with_npz),
        find_images(cifar10, str(with_npz)),
        find_images(cifar10, str(with_npz / "cifar10.npz")),
    ):
        assert images.source.startswith(str(with_npz / "cifar10.npz"))


def test_image_files_come_third(
    folder: Path, pixels: np.ndarray, labels: np.ndarray, cifar10: Task
) -> None:
    save(folder / "cifar10" / "dog" / "a.png", pixels[0])
    for images in (
        find_images(cifar10, folder=folder),
        find_images(cifar10, str(folder)),
        find_images(cifar10, str(folder / "cifar10")),
    ):
        assert images.source.startswith(
            f"{folder / 'cifar10'}: 1 image files, labels 0 to 0 of 10 classes"
        )
    np.savez(folder / "cifar10.npz", images=pixels, labels=labels)
    assert "cifar10.npz" in find_images(cifar10, folder=folder).source


def test_taskonomy_comes_before_an_npz_file(
    folder: Path, pixels: np.ndarray, labels: np.ndarray
) -> None:
    normal = task_registry["normal"]
    np.savez(folder / "normal.npz", images=pixels)
    assert find_images(normal, folder=folder).source.startswith(str(folder / "normal.npz"))
    save(folder / "taskonomy" / "allen" / "rgb" / "point_0_view_0_domain_rgb.png", pixels[0])
    for images in (
        find_images(normal, folder=folder),
        find_images(normal, str(folder)),
        find_images(normal, str(folder / "taskonomy")),
    ):
        assert images.source.startswith(f"{folder / 'taskonomy'}: 1 image files of Taskonomy")


def test_the_installed_package_comes_last(folder: Path, cifar10: Task) -> None:
    assert "foolbox" in find_images(cifar10, folder=folder).source


def test_noise_needs_no_files(folder: Path, cifar10: Task) -> None:
    assert len(find_images(cifar10, "noise", folder=folder).pixels) == 0


def test_a_home_folder_is_understood(
    with_npz: Path, cifar10: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(with_npz))
    assert len(find_images(cifar10, "~/cifar10.npz").pixels) == 7


def test_a_missing_path_is_one_sentence(folder: Path, cifar10: Task) -> None:
    with pytest.raises(
        ZcBenchError,
        match=r"^There are no images at \S+absent: expected an \.npz file, a folder, 'auto'",
    ):
        find_images(cifar10, str(folder / "absent"))


def test_a_folder_without_images_is_one_sentence(folder: Path, cifar10: Task) -> None:
    with pytest.raises(
        ZcBenchError, match=r"official files of cifar10 nor cifar10\.npz nor image files: add"
    ):
        find_images(cifar10, str(folder))


def test_a_task_without_images_is_one_sentence(folder: Path, cifar10: Task) -> None:
    with pytest.raises(
        ZcBenchError,
        match=r"^There are no images for svhn: put svhn\.npz into \S+data, or ask for noise",
    ):
        find_images(replace(cifar10, name="svhn", dataset="SVHN"), folder=folder)
