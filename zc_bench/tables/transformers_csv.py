"""Trained transformers as CSV files with a header, one training per line.

    hidden_size,layers,glue,cola,...            FlexiBERT
    arch,c100_base_acc,c100_kd_acc,...          AutoFormer and PiT; `arch` is the authors' JSON

Further columns are left out, an empty cell is no value. An architecture that was trained several
times has the mean of its trainings.
"""

import csv
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from zc_bench.errors import ZcBenchError
from zc_bench.tables.rows import Row, readers

# By column, the task and the name of the metric; the task's own metric has none.
_COLUMNS: Mapping[str, tuple[str, str]] = {
    "glue": ("glue", ""),
    **{
        name: ("glue", name)
        for name in ("cola", "mnli", "mrpc", "qnli", "qqp", "rte", "sst", "sts")
    },
    "c100_base_acc": ("cifar100-224", ""),
    "c100_kd_acc": ("cifar100-224", "kd"),
    "flower_base_acc": ("flowers", ""),
    "flower_kd_acc": ("flowers", "kd"),
    "chaoyang_base_acc": ("chaoyang", ""),
    "chaoyang_kd_acc": ("chaoyang", "kd"),
    "imagenet_super_acc": ("imagenet", "super"),
}


def read(path: Path) -> Iterator[Row]:
    """Yield what the file says about every architecture and task.

    Raises:
        ZcBenchError: if the file has another form.
    """
    trainings: dict[str, dict[tuple[str, str], list[float]]] = defaultdict(
        lambda: defaultdict(list)
    )
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        lines = csv.DictReader(file, strict=True)
        try:
            for cells in lines:
                measured = trainings[_architecture(cells)]
                for name in _COLUMNS.keys() & cells.keys():
                    if cells[name]:
                        measured[_COLUMNS[name]].append(_number(cells[name]))
        except (ValueError, KeyError, TypeError, csv.Error) as error:
            message = (
                f"{path}, line {lines.line_num}, is of another form ({error!r}): get the file anew."
            )
            raise ZcBenchError(message) from error
    for architecture, measured in trainings.items():
        yield from _rows(architecture, measured)


def _architecture(cells: Mapping[str, str]) -> str:
    return cells["arch"] if "arch" in cells else f"{cells['hidden_size']}|{cells['layers']}"


def _rows(architecture: str, measured: Mapping[tuple[str, str], list[float]]) -> Iterator[Row]:
    """Yield a row per task, with its own metric and the others."""
    means = {where: math.fsum(values) / len(values) for where, values in measured.items()}
    for task in dict.fromkeys(task for task, _ in means):
        others = {name: value for (of, name), value in means.items() if of == task and name}
        yield Row(task, architecture, means.get((task, ""), math.nan), others)


def _number(cell: str) -> float:
    value = float(cell)
    if not math.isfinite(value):
        message = f"{cell} is no finite number"
        raise ValueError(message)
    return value


readers.register("transformers_csv", read)
