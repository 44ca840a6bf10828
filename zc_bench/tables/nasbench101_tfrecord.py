"""The official file of NAS-Bench-101, `nasbench_only108.tfrecord` (google-research/nasbench).

A record is a JSON list: the hash of the cell, the number of epochs, its adjacency matrix as zeros
and ones, its operations separated by commas, and what was measured, a `ModelMetrics` protobuf in
base64. Every cell was trained three times; its ground truth is the mean of the final validation
accuracies. Records of other epochs, as in the full file, are left out.
"""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

from zc_bench.errors import ZcBenchError
from zc_bench.tables.protobuf import double, fields
from zc_bench.tables.rows import Row, readers
from zc_bench.tables.tfrecord import damaged, records

_EPOCHS = 108
_RUNS = 3

# Numbers of the fields of ModelMetrics and EvaluationData.
_EVALUATION_DATA = 1
_VALIDATION_ACCURACY = 4


def read(path: Path) -> Iterator[Row]:
    """Yield the task, the architecture and its accuracy in percent, as soon as its three runs have been read.

    Raises:
        ZcBenchError: if a record is damaged or of another form, or a run is missing.
    """
    waiting: dict[str, list[float]] = {}
    for offset, data in records(path):
        try:
            epochs, architecture, accuracy = _run(data)
        except (ValueError, TypeError, RecursionError) as error:
            raise damaged(path, offset, f"is not of NAS-Bench-101's form ({error})") from error
        if epochs != _EPOCHS:
            continue
        runs = waiting.setdefault(architecture, [])
        runs.append(accuracy)
        if len(runs) == _RUNS:
            yield Row("cifar10", architecture, 100 * sum(runs) / _RUNS, place=f"byte {offset:,}")
            del waiting[architecture]
    if waiting:
        architecture, runs = next(iter(waiting.items()))
        message = (
            f"{path} has {len(runs)} of {_RUNS} runs of {architecture!r}, and {len(waiting) - 1:,} more architectures "
            "like it: get the file anew."
        )
        raise ZcBenchError(message)


def _run(data: bytes) -> tuple[int, str, float]:
    """Return the epochs, the architecture and the final validation accuracy of a record."""
    _, epochs, adjacency, operations, metrics = json.loads(data)
    evaluations = [
        value for number, value in fields(base64.b64decode(metrics)) if number == _EVALUATION_DATA
    ]
    if not evaluations or not isinstance(evaluations[-1], bytes):
        message = "there is no evaluation"
        raise ValueError(message)
    accuracies = [
        double(value) for number, value in fields(evaluations[-1]) if number == _VALIDATION_ACCURACY
    ]
    if not accuracies or not 0 <= accuracies[-1] <= 1:
        message = "there is no validation accuracy from 0 to 1"
        raise ValueError(message)
    return epochs, f"{adjacency} {operations}", accuracies[-1]


readers.register("nasbench101_tfrecord", read)
