"""Scores for other programs.

CSV, Parquet, and the JSON of NAS-Bench-Suite-Zero; one writer per format.
"""

import importlib.util
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from zc_bench._internal.files import replacing
from zc_bench.errors import ZcBenchError
from zc_bench.registry import Registry
from zc_bench.store.contents import Contents
from zc_bench.store.suite_zero import suite_zero
from zc_bench.store.truth import known_truth
from zc_bench.tables import Table


@dataclass(frozen=True, eq=False)
class Exported:
    """What is written.

    Attributes:
        contents: of a store.
        table: the ground truth of its space, if it was found.
        seed: the only seed that counts; all of them unless given.
    """

    contents: Contents
    table: Table | None = None
    seed: int | None = None

    def rows(self) -> pd.DataFrame:
        """Return one row per trial and score, in alphabetical order.

        Returns:
            The columns of `Contents.frame`, with space in front and truth (NaN if unknown) behind.
        """
        rows = self.contents.frame()
        rows = rows if self.seed is None else rows[rows["seed"] == self.seed]
        rows = rows.sort_values(
            ["task", "architecture", "seed", "proxy", "version"], ignore_index=True
        )
        truth = {
            task: known_truth(self.table, task, set(of["architecture"]))
            for task, of in rows.groupby(rows["task"])
        }
        pairs = zip(rows["task"], rows["architecture"], strict=True)
        rows.insert(0, "space", self.contents.space)
        return rows.assign(
            truth=[truth[task].get(architecture, math.nan) for task, architecture in pairs]
        )


formats: Registry[Callable[[Exported, Path], None]] = Registry("format")


# The formats of files by the ending of their names.
_ENDINGS = {".csv": "csv", ".parquet": "parquet", ".json": "suite-zero"}


def export(exported: Exported, name: str | None, path: Path) -> None:
    """Write the scores of a store for other programs.

    Args:
        exported: what is written.
        name: the format: csv, parquet or suite-zero; that of the ending of the path unless given.
        path: the file to write or replace.

    Raises:
        ZcBenchError: if the format is unknown, is not that of the ending, or needs a package that
            is not installed.
        OSError: if the file cannot be written.
    """
    write = formats[format_of(path, name)]
    with replacing(path) as temporary:
        write(exported, temporary)


def format_of(path: Path, name: str | None = None) -> str:
    """Return the format of a file.

    Args:
        path: the file.
        name: the format that was asked for.

    Raises:
        ZcBenchError: if the ending of the path names another format, or none and none is asked for.

    Examples:
        >>> format_of(Path("rows.parquet")), format_of(Path("rows.txt"), "csv")
        ('parquet', 'csv')
    """
    by_ending = _ENDINGS.get(path.suffix.lower())
    if name is None and by_ending is None:
        message = (
            f"The ending of {path.name} names no format: call it {', '.join(f'*{end}' for end in _ENDINGS)}, "
            f"or choose one with --format: {', '.join(formats)}."
        )
        raise ZcBenchError(message)
    if name in formats and by_ending not in (None, name):
        message = (
            f"{path.name} is the name of a file of the format {by_ending}, not {name}: change the name or "
            "--format."
        )
        raise ZcBenchError(message)
    return name or str(by_ending)


def _csv(exported: Exported, path: Path) -> None:
    # Bytes, so that the file is the same on every system. A float64 is written so that it reads
    # back the same.
    path.write_bytes(
        exported.rows().to_csv(index=False, lineterminator="\n").encode(errors="backslashreplace")
    )


def _parquet(exported: Exported, path: Path) -> None:
    if importlib.util.find_spec("pyarrow") is None:
        message = (
            "Parquet needs pyarrow, which is not installed: pip install 'zc-bench[parquet]', or "
            "--format csv."
        )
        raise ZcBenchError(message)
    exported.rows().to_parquet(path, engine="pyarrow", index=False)


def _suite_zero(exported: Exported, path: Path) -> None:
    scores = suite_zero(exported.contents, exported.table, exported.seed)
    path.write_text(json.dumps(scores) + "\n")


formats.register("csv", _csv)
formats.register("parquet", _parquet)
formats.register("suite-zero", _suite_zero)
