"""The file of the authors of SWAP: DARTS architectures and their accuracies on CIFAR-10.

It has no header; a row is `"Genotype(normal=[...], normal_concat=[...], reduce=[...],
reduce_concat=[...])",85.0`.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from zc_bench.errors import ZcBenchError
from zc_bench.tables.rows import Row, readers


def read(path: Path) -> Iterator[Row]:
    """Yield task, architecture and accuracy.

    Raises:
        ZcBenchError: if a line is not of the form above, with an accuracy from 0 to 100.
    """
    # A damaged byte becomes a character that no row holds, so that the row is named.
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        rows = csv.reader(file, strict=True)
        try:
            for row in rows:
                text, accuracy = row
                yield Row("cifar10", text, _percent(accuracy))
        except (ValueError, csv.Error) as error:
            message = (
                f"{path}, line {rows.line_num}, is not a quoted Genotype(...) and an accuracy from 0 to 100 ({error}): "
                "get the file anew."
            )
            raise ZcBenchError(message) from error


def _percent(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 100:
        message = f"{text} is no accuracy"
        raise ValueError(message)
    return value


readers.register("darts_csv", read)
