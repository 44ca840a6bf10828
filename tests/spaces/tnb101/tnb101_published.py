"""What NAS-Bench-Suite-Zero published about the networks of TransNAS-Bench-101."""

import csv
import gzip
import json
import zipfile
from pathlib import Path

ARCHIVES = {"tnb101_micro": "all_benchmarks_zen.zip", "tnb101_macro": "tnb101_macro_zen.zip"}

# What stands for a score that could not be computed.
FAILED = -1e8


def proxy_rows(shared: Path, space: str) -> list[dict[str, str]]:
    """Read the early scores: some 700 architectures per task, with sizes in millions."""
    name = f"early_zc_transbench101_{space.removeprefix('tnb101_')}__e5a821c2da.csv.gz"
    with gzip.open(shared / "reference" / name, "rt") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def zen_scores(shared: Path, space: str) -> dict[str, dict[str, float]]:
    """Read the zen score of every architecture, task by task.

    The keys as they stand in the files.
    """
    scores: dict[str, dict[str, float]] = {}
    with zipfile.ZipFile(shared / "data" / "raw" / ARCHIVES[space]) as archive:
        for name in archive.namelist():
            if name.endswith(".json"):
                task = name.split("--")[2]
                entries = json.loads(archive.read(name))
                scores.setdefault(task, {}).update(
                    {entry["arch"]: entry["zen"]["score"] for entry in entries}
                )
    return scores
