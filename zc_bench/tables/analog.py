"""The data of the PyPI package `analog-nasbench`.

NAS-Bench-201 on CIFAR-10, retrained (arXiv:2506.18495).

The file is a pickle, `{(4, 0, 3, 1, 4, 3): Architecture, ...}`. Plain stand-ins take the place of
its two classes, so that the package is never imported (it needs `pkg_resources`). Its accuracies on
analog hardware are left out.
"""

from collections.abc import Iterator
from pathlib import Path

from zc_bench._internal import safe_pickle
from zc_bench.errors import ZcBenchError
from zc_bench.tables.rows import Row, readers


class _Record(safe_pickle.StandIn):
    """Holds the attributes that the pickle produces it."""


_CLASSES = {
    ("analognasbench.data", "Architecture"): _Record,
    ("analognasbench.data", "DriftMeasurement"): _Record,
}


def read(path: Path) -> Iterator[Row]:
    """Yield task, architecture and accuracy.

    Raises:
        ZcBenchError: if the pickle is damaged, asks for anything but data, or is not of the form
            above.
    """
    with path.open("rb") as file:
        records = safe_pickle.load(file, str(path), _CLASSES)
    if not isinstance(records, dict):
        message = (
            f"{path} holds a {type(records).__name__}: expected a dict. Reinstall analog-nasbench."
        )
        raise ZcBenchError(message)
    for digits, record in records.items():
        accuracy = getattr(record, "baseline_accuracy", None)
        if not isinstance(accuracy, float):
            message = (
                f"{path} has {type(accuracy).__name__} as the baseline_accuracy of {digits!r}: "
                "expected a float."
            )
            raise ZcBenchError(message)
        yield Row("cifar10", str(digits), accuracy)


readers.register("analog", read)
