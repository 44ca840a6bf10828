"""The time to open tables and to draw from them, and the memory of an import.

A table as large as NAS-Bench-101's is made up in a temporary folder: 423,624 keys of 56 digits.
Imports run in a process of their own, whose peak memory is printed beside that of a process that
imports the package and does nothing (Linux only). With the real zip of NAS-Bench-201 in a folder,
`--data FOLDER` takes that instead of a made-up one:

    python benchmarks/speed/tables.py --data data
"""

import argparse
import base64
import itertools
import json
import random
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from zc_bench.sampling import draw_architectures
from zc_bench.tables import Keys, Table, compact, nasbench101_tfrecord
from zc_bench.tables.compact import Columns
from zc_bench.tables.crc32c import crc32c, masked_crc32c

ARCHITECTURES = 423_624
NB201 = [str(digits) for digits in itertools.product(range(5), repeat=6)]
NB201_TASKS = ("cifar10", "cifar100", "ImageNet16-120")
# Not getrusage: its peak counts what the parent process had, too.
PEAK = "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"


def seconds(call: Callable[[], object]) -> float:
    """Time a call, in CPU seconds of this process: other processes do not count."""
    start = time.process_time()
    call()
    return time.process_time() - start


def peak_megabytes(statement: str) -> float:
    """Run a statement in a process of its own, and return its peak memory."""
    code = f"from pathlib import Path; from zc_bench.tables import import_file; {statement}; {PEAK}"
    result = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    return int(result.stdout) / 1e3


def show(what: str, value: float, unit: str) -> None:
    """Print a line."""
    print(f"{what:<72}{value:10.3f} {unit}", flush=True)


def large_table(path: Path) -> None:
    """Write and open a table of made-up keys, and draw from it."""
    bits = np.random.default_rng(0).integers(0, 2, (ARCHITECTURES + 1000, 56)).tolist()
    keys = sorted({str(tuple(row)) for row in bits})[:ARCHITECTURES]
    columns = Columns(
        Keys.of(keys), {"cifar10": np.linspace(0, 95, len(keys))}, {"file": "made up"}
    )
    show(
        "write a table of 423,624 architectures",
        seconds(lambda: compact.write_columns(path, columns)),
        "s",
    )
    show("its size", path.stat().st_size / 1e6, "MB")
    opened = compact.read_columns(path)
    assert opened is not None
    assert opened.keys == keys
    show("open it", seconds(lambda: compact.read_columns(path)), "s")
    known = Table("nb101", opened.keys, opened.values, opened.facts).keys_with("cifar10")
    show("draw 1,000 from it", seconds(lambda: draw_architectures(known, 1000, 1)), "s")
    assert draw_architectures(known, 1000, 1) == draw_architectures(keys, 1000, 1)
    show(
        "draw 1,000 from as many strings, whose hashes are not known",
        seconds(lambda: draw_architectures(keys, 1000, 1)),
        "s",
    )


def records() -> Iterator[bytes]:
    """Make up records like those of NAS-Bench-101: four evaluations, three runs."""
    evaluation = (
        b"".join(bytes([number << 3 | 1]) + struct.pack("<d", 0.9) for number in range(1, 6))
        + b"\x32\x00"
    )
    message = b"".join(b"\x0a" + bytes([len(evaluation)]) + evaluation for _ in range(4))
    metrics = base64.b64encode(message).decode()
    for number, _ in itertools.product(range(10_000), range(3)):
        row = [
            "0" * 32,
            108,
            f"{number:049b}",
            "input,conv3x3-bn-relu,maxpool3x3,conv1x1-bn-relu,output",
            metrics,
        ]
        data = json.dumps(row).encode()
        length = struct.pack("<Q", len(data))
        yield (
            length
            + struct.pack("<I", masked_crc32c(length))
            + data
            + struct.pack("<I", masked_crc32c(data))
        )


def tfrecord(path: Path) -> None:
    """Read a made-up TFRecord of 30,000 runs."""
    path.write_bytes(b"".join(records()))
    block = random.Random(0).randbytes(2**26)
    show("CRC-32C", 2**26 / 1e6 / seconds(lambda: crc32c(block)), "MB/s")
    took = seconds(lambda: sum(1 for _ in nasbench101_tfrecord.read(path)))
    show("read a TFRecord of runs, checksums and all", path.stat().st_size / 1e6 / took, "MB/s")
    show("of runs per second", 30_000 / took / 1e3, "thousand")


def entry(*proxies: str) -> dict[str, object]:
    """Make up what NAS-Bench-Suite-Zero says about an architecture."""
    draw = random.random
    return {
        "id": "1",
        "val_accuracy": 90 * draw(),
        **{name: {"score": draw(), "time": draw()} for name in proxies},
    }


def imports(folder: Path, data: Path | None) -> None:
    """Import NAS-Bench-201's zip, and a JSON as large as the full one."""
    archive = folder / "nb201.zip" if data is None else data / "nb201_zen.zip"
    if data is None:
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            for task, start in itertools.product(NB201_TASKS, range(0, len(NB201), 250)):
                rows = [{"arch": key, **entry("zen")} for key in NB201[start : start + 250]]
                file.writestr(f"zen/benchmark--nasbench201--{task}--{start}.json", json.dumps(rows))
    full = folder / "zc_nasbench201.json"
    proxies = [f"proxy_{number}" for number in range(13)]
    full.write_text(
        json.dumps({task: {key: entry(*proxies) for key in NB201} for task in NB201_TASKS})
    )
    show("peak memory of a process that imports the package", peak_megabytes("pass"), "MB")
    for what, path in (("the zip of NAS-Bench-201", archive), ("a JSON of 13 proxies", full)):
        size = f"{path.stat().st_size / 1e6:.0f} MB"
        statement = f"import_file(Path({str(path)!r}), 'nb201', folder=Path({str(folder)!r}))"
        show(f"peak memory of importing {what} ({size})", peak_megabytes(statement), "MB")


def main() -> None:
    """Measure everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="a folder with nb201_zen.zip")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        large_table(Path(name, "large.table.gz"))
        tfrecord(Path(name, "runs.tfrecord"))
        imports(Path(name), arguments.data)


if __name__ == "__main__":
    main()
