"""Texts: drawn by law, read from files, the same in every process."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from zc_bench.errors import ZcBenchError
from zc_bench.images import draw_batch, find_images
from zc_bench.images.text import TEXTS
from zc_bench.tasks import task_registry

GLUE = task_registry["glue"]


def counts(where: str) -> np.ndarray:
    pool = find_images(replace(GLUE, image_size=512), where)
    drawn = pool.pixels[np.arange(200)]
    assert drawn.shape == (200, 512)
    assert drawn.dtype == np.int64
    return np.bincount(drawn.ravel(), minlength=GLUE.vocabulary)


def test_tokens_follow_zipf() -> None:
    found = counts("auto")
    total, harmonic = found.sum(), (1 / np.arange(1, GLUE.vocabulary)).sum()
    expected = total / harmonic / np.arange(1, 101)
    assert found[0] == 0
    # Five deviations of a Poisson count.
    assert (np.abs(found[1:101] - expected) < 5 * np.sqrt(expected)).all()


def test_noise_is_uniform_without_padding() -> None:
    found = counts("noise")
    mean = found.sum() / (GLUE.vocabulary - 1)
    assert found[0] == 0
    # The first and the last thousand tokens are as frequent as any.
    for part in (found[1:1001], found[-1000:]):
        assert abs(part.sum() - 1000 * mean) < 5 * np.sqrt(1000 * mean)


def test_batches_are_tokens_without_labels_that_seed_and_purpose_decide() -> None:
    pool = find_images(GLUE)
    first, again = (draw_batch(pool, GLUE, 8, 0) for _ in range(2))
    assert first.images.dtype == torch.int64
    assert first.images.shape == (8, 128)
    assert first.labels is None
    assert torch.equal(first.images, again.images)
    for other in (draw_batch(pool, GLUE, 8, 1), draw_batch(pool, GLUE, 8, 0, "second batch")):
        assert not torch.equal(first.images, other.images)
    assert torch.equal(first.images, draw_batch(pool, GLUE, 8, 0, augment=False).images)
    assert len(draw_batch(find_images(GLUE), GLUE, 3, 0).images) == 3
    with pytest.raises(ValueError, match="no labels"):
        _ = first.targets


def test_digests_tell_laws_and_lengths_apart() -> None:
    short = replace(GLUE, image_size=64)
    pools = [find_images(task, where) for task in (GLUE, short) for where in ("auto", "noise")]
    assert len({pool.digest for pool in pools}) == 4
    assert all(len(pool.pixels) == TEXTS for pool in pools)
    assert pools[0].source == "10,000 texts of 128 tokens of 30,522, drawn from Zipf's law"


def test_own_tokens_are_cut_to_the_length(tmp_path: Path) -> None:
    tokens = np.arange(3 * 140, dtype=np.int32).reshape(3, 140)
    np.savez(tmp_path / "mine.npz", tokens=tokens)
    pool = find_images(GLUE, str(tmp_path / "mine.npz"))
    assert np.array_equal(pool.pixels[np.arange(3)], tokens[:, :128])
    batch = draw_batch(pool, GLUE, 5, 0)
    assert {tuple(row) for row in batch.images.tolist()} == {tuple(row) for row in tokens[:, :128]}


@pytest.mark.parametrize(
    "tokens",
    [
        np.zeros((3, 100), np.int64),
        np.zeros((3, 128)),
        np.full((3, 128), 30_522),
        np.full((3, 128), -1),
        np.zeros((0, 128), np.int64),
        None,
    ],
)
def test_tokens_that_do_not_fit_are_one_sentence(tmp_path: Path, tokens: np.ndarray | None) -> None:
    path = tmp_path / "mine.npz"
    if tokens is not None:
        np.savez(path, tokens=tokens)
    with pytest.raises(ZcBenchError, match=str(path)):
        find_images(GLUE, str(path))
