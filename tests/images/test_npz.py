from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zc_bench.errors import ZcBenchError
from zc_bench.images.npz import read
from zc_bench.tasks import Task, task_registry


def test_both_names_are_read(
    tmp_path: Path, pixels: np.ndarray, labels: np.ndarray, cifar10: Task
) -> None:
    np.savez(tmp_path / "a.npz", images=pixels, labels=labels)
    np.savez_compressed(
        tmp_path / "b.npz",
        train_images=pixels,
        train_labels=labels,
        images=pixels[:2],
        further=[1.0],
    )
    a, b = read(tmp_path / "a.npz", cifar10), read(tmp_path / "b.npz", cifar10)
    assert a.digest == b.digest
    assert a.source.startswith(f"{tmp_path / 'a.npz'}: 7 images")


@pytest.mark.parametrize("kept", ["images", "labels"])
def test_a_missing_array_is_one_sentence(
    tmp_path: Path, pixels: np.ndarray, labels: np.ndarray, cifar10: Task, kept: str
) -> None:
    np.savez(tmp_path / "a.npz", **{kept: {"images": pixels, "labels": labels}[kept]})
    absent = "labels" if kept == "images" else "images"
    with pytest.raises(
        ZcBenchError, match=f"a.npz holds neither 'train_{absent}' nor '{absent}': write it anew"
    ):
        read(tmp_path / "a.npz", cifar10)


def test_only_classes_have_to_be_there(tmp_path: Path, pixels: np.ndarray) -> None:
    np.savez(tmp_path / "a.npz", images=pixels)
    assert read(tmp_path / "a.npz", task_registry["jigsaw"]).labels is None
    assert "labels drawn at random" in read(tmp_path / "a.npz", task_registry["room_layout"]).source
    with pytest.raises(ZcBenchError, match=r"a\.npz holds neither 'train_labels' nor 'labels'"):
        read(tmp_path / "a.npz", task_registry["class_scene"])


def test_labels_may_have_the_form_of_the_task(tmp_path: Path, pixels: np.ndarray) -> None:
    np.savez(tmp_path / "a.npz", images=pixels, labels=np.ones((7, 63)))
    images = read(tmp_path / "a.npz", task_registry["class_scene"])
    assert images.labels is not None
    np.testing.assert_array_equal(images.labels[np.arange(7)], np.full((7, 63), 1 / 63, np.float32))


def test_an_array_of_objects_is_not_unpickled(
    tmp_path: Path, pixels: np.ndarray, cifar10: Task
) -> None:
    np.savez(tmp_path / "a.npz", images=pixels, labels=np.array([{}] * 7))
    with pytest.raises(
        ZcBenchError, match=r"is not a whole \.npz file of plain arrays \(ValueError: Object arrays"
    ):
        read(tmp_path / "a.npz", cifar10)


def test_a_single_array_is_one_sentence(tmp_path: Path, pixels: np.ndarray, cifar10: Task) -> None:
    np.save(tmp_path / "a.npy", pixels)
    with pytest.raises(ZcBenchError, match=r"is not a whole \.npz file of plain arrays"):
        read(tmp_path / "a.npy", cifar10)


def test_a_truncated_file_is_one_sentence(
    tmp_path: Path, pixels: np.ndarray, labels: np.ndarray, cifar10: Task
) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, images=pixels, labels=labels)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ZcBenchError, match=r"is not a whole \.npz file of plain arrays"):
        read(path, cifar10)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=300) | st.binary(max_size=100).map(lambda data: b"\x93NUMPY\x01\x00" + data)
)
def test_random_bytes_give_our_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "random.npz"
    path.write_bytes(data)
    with pytest.raises(ZcBenchError):
        read(path, task_registry["cifar10"])


@pytest.mark.data
def test_the_sample_of_cifar10(shared_folder: Path, cifar10: Task) -> None:
    images = read(shared_folder / "data" / "images" / "cifar10_sample.npz", cifar10)
    assert images.labels is not None
    places = np.arange(5000)
    pixels = images.pixels[places]
    assert pixels.shape == (5000, 32, 32, 3)
    assert set(images.labels[places].tolist()) == set(range(10))
    # The published mean and deviation are those of all 50,000 images.
    np.testing.assert_allclose((pixels / 255).mean((0, 1, 2)), cifar10.mean, atol=0.01)
    np.testing.assert_allclose((pixels / 255).std((0, 1, 2)), cifar10.std, atol=0.01)


def test_arrays_that_fill_the_memory_are_one_sentence(
    tmp_path: Path,
    pixels: np.ndarray,
    labels: np.ndarray,
    cifar10: Task,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(
        path, images=np.zeros((4000, 32, 32, 3), np.uint8), labels=np.zeros(4000, np.int64)
    )
    assert path.stat().st_size < 100_000
    monkeypatch.setattr("zc_bench.images.npz.half_of_memory", lambda: 10_000_000)
    with pytest.raises(
        ZcBenchError,
        match=r"a\.npz holds 0\.0 GiB of images and labels, more than half of the memory",
    ):
        read(path, cifar10)
    # What is not asked for is not unpacked.
    np.savez_compressed(path, images=pixels, labels=labels, further=np.zeros(20_000_000, np.uint8))
    assert len(read(path, cifar10).pixels) == 7
