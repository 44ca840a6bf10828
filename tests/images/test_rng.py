import numpy as np
import pytest

from zc_bench.images.rng import below, normal, uniform
from zc_bench.seeding import numpy_generator


def test_uniform_numbers_are_those_of_the_generator() -> None:
    generator, twin = numpy_generator(0, "a"), numpy_generator(0, "a")
    np.testing.assert_array_equal(uniform(generator, 50, 2), twin.random((50, 2)))


def test_whole_numbers_come_equally_often() -> None:
    drawn = below(numpy_generator(0, "a"), 7, 7000)
    assert drawn.dtype == np.int64
    counts = np.bincount(drawn, minlength=7)
    # 1000 each on average; three standard deviations are 88.
    assert len(counts) == 7
    assert np.abs(counts - 1000).max() < 100


def test_normal_numbers_are_normal() -> None:
    drawn = normal(numpy_generator(0, "a"), 100_000)
    assert drawn.dtype == np.float32
    assert float(drawn.mean()) == pytest.approx(0, abs=0.01)
    assert float(drawn.std()) == pytest.approx(1, abs=0.01)
    assert float((np.abs(drawn) > 1.96).mean()) == pytest.approx(0.05, abs=0.003)
