import numpy as np
import pytest

from zc_bench.errors import ZcBenchError
from zc_bench.tasks import Task
from zc_bench.train import Data
from zc_bench.train.batches import batches, chunks
from zc_bench.train.data import Split
from zc_bench.train.transforms import normalised, validation_view


def test_a_single_image_is_no_batch() -> None:
    assert [chunk.tolist() for chunk in chunks(np.arange(5), 2)] == [[0, 1], [2, 3]]
    assert [chunk.tolist() for chunk in chunks(np.arange(5), 3)] == [[0, 1, 2], [3, 4]]
    assert chunks(np.arange(1), 4) == []


def test_images_come_in_order_with_their_labels(data: Data, task: Task) -> None:
    order = np.random.default_rng(0).permutation(64)
    made = list(batches(data.training, chunks(order, 7), validation_view(task), 0, "test"))
    assert [len(batch.images) for batch in made] == [7] * 9  # and one left over
    places = order[:63]
    np.testing.assert_array_equal(
        np.concatenate([batch.labels for batch in made]), data.training.labels[places]
    )
    expected = np.stack([normalised(data.training.picture(place), task) for place in places])
    np.testing.assert_array_equal(np.concatenate([batch.images for batch in made]), expected)


def test_what_is_drawn_depends_on_the_image_not_on_its_batch(data: Data) -> None:
    def view(_: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        return generator.random(1).astype(np.float32)

    def drawn(places: np.ndarray, size: int, name: str) -> dict[int, float]:
        made = batches(data.training, chunks(places, size), view, 0, name)
        return dict(
            zip(
                places.tolist(),
                np.concatenate([batch.images for batch in made])[:, 0].tolist(),
                strict=True,
            )
        )

    assert drawn(np.arange(64), 8, "0") == drawn(np.arange(63, -1, -1), 16, "0")
    other = drawn(np.arange(64), 8, "1")
    assert len({*other.values(), *drawn(np.arange(64), 8, "0").values()}) == 128


def test_a_damaged_image_stops_the_epoch(task: Task) -> None:
    def picture(place: int) -> np.ndarray:
        if place == 3:
            message = "damaged"
            raise ZcBenchError(message)
        return np.zeros((32, 32, 3), np.uint8)

    split = Split(picture, np.zeros(8, np.int64), "", "")
    with pytest.raises(ZcBenchError, match="damaged"):
        list(batches(split, chunks(np.arange(8), 2), validation_view(task), 0))
