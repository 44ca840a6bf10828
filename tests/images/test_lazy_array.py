import numpy as np

from zc_bench.images.lazy_array import Each


def test_only_what_is_asked_for_is_made() -> None:
    made = []

    def make(item: int) -> np.ndarray:
        made.append(item)
        return np.full(2, 10 * item)

    rows = Each(range(1000), make)
    assert len(rows) == 1000
    assert rows[np.array([7, 3, 7])].tolist() == [[70, 70], [30, 30], [70, 70]]
    assert made == [7, 3, 7]
