"""Make the shipped files: tables of ground truth, and stores of scores.

    python benchmarks/ship.py --truth FOLDER ...
    python benchmarks/ship.py NAME=STORE.h5 ... [--out results/shipped]

The first writes a compact table to `zc_bench/tables/shipped/` of every public file in the folders
that may be redistributed. The original files stay out; the same files give the same bytes.

The second packs stores. A packed store keeps every score as it is, and two digits of every
duration. It leaves out what only its run needs. `zc-bench` reads the stores in the folder before it
computes anything.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from zc_bench.errors import ZcBenchError
from zc_bench.store import Contents, Row, hdf5, read_store
from zc_bench.tables import compact
from zc_bench.tables.catalogue import table_files
from zc_bench.tables.load import parse

LIMIT = 20_000_000  # bytes of the folder
LICENCES = ("Apache-2.0", "MIT", "CC-BY-4.0")  # that allow to pass numbers on


def packed(contents: Contents) -> Contents:
    """Leave out the drawn architectures, peaks of memory, and all but two digits of times."""
    trials = {
        key: Row(
            {
                column: replace(score, seconds=_short(score.seconds))
                for column, score in trial.scores.items()
            },
            {name: _short(seconds) for name, seconds in trial.pass_seconds.items()},
        )
        for key, trial in contents.trials.items()
    }
    return replace(contents, trials=trials, drawn={})


def _short(seconds: float) -> float:
    return float(f"{seconds:.2g}")


def ship(contents: Contents, path: Path) -> int:
    """Write a packed store; return its size in bytes."""
    hdf5.write(path, packed(contents))
    return path.stat().st_size


def ship_truth(folders: Sequence[Path]) -> None:
    """Write a compact table of every public file that is in some folders and may be redistributed.

    Raises:
        ZcBenchError: if a file is not the published one.
    """
    for entry in table_files():
        raw = next(
            (folder / entry.file for folder in folders if (folder / entry.file).is_file()), None
        )
        if raw is not None and entry.licence in LICENCES:
            found = parse(entry, raw)
            compact.write_columns(entry.shipped, found)
            extent = f"{len(found.keys):,} architectures, {len(found.values)} columns"
            print(f"{entry.shipped}: {extent}, {entry.shipped.stat().st_size / 1e6:.2f} MB")


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("stores", nargs="*", metavar="NAME=STORE.h5")
    parser.add_argument("--truth", nargs="+", type=Path, default=[], metavar="FOLDER")
    parser.add_argument("--out", type=Path, default=Path("results/shipped"))
    options = parser.parse_args()
    stores = {
        name: Path(path) for name, _, path in (word.partition("=") for word in options.stores)
    }
    try:
        ship_truth(options.truth)
        if not stores:
            return 0
        for name, path in stores.items():
            contents = read_store(path)
            size = ship(contents, options.out / f"{name}.h5")
            print(f"{name}: {len(contents.trials):,} trials, {size / 1e6:.2f} MB")
    except ZcBenchError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    whole = sum(path.stat().st_size for path in options.out.glob("*.h5"))
    print(f"{options.out}: {whole / 1e6:.2f} MB")
    if whole > LIMIT:
        print(f"That is more than {LIMIT / 1e6:g} MB: ship fewer trials.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
