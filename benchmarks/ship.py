"""Make what comes with the package: tables of ground truth, and stores of scores.

    python benchmarks/ship.py --truth FOLDER ...
    python benchmarks/ship.py NAME=STORE.h5 ... [--out results/shipped]

The first writes a compact table to `zc_bench/tables/shipped/` of every public file in the folders that may be
redistributed. The original files stay out; the same files give the same bytes.

The second packs stores: small, without ground truth, with the rank correlations of figure 4 beside them.

A packed store keeps every score as it is, and of its cost two digits; it leaves out what only its run needs. In
`figure4.csv` stand the correlations with the ground truth in `$ZC_BENCH_DATA`, from which `zc-bench reproduce figure4`
draws the columns whose ground truth cannot be had: of a column that two stores have, those of the first. Who names
stores that are shipped already, `nb101=results/shipped/nb101.h5`, gets the table anew.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from zc_bench._internal.files import replacing
from zc_bench.engine.declare import proxy_registry
from zc_bench.errors import ZcBenchError
from zc_bench.report import read_sources
from zc_bench.spec import Experiment
from zc_bench.statistics.correlate import correlate
from zc_bench.store import Contents, Row, hdf5, read_store
from zc_bench.tables import compact
from zc_bench.tables.catalogue import table_files
from zc_bench.tables.load import parse

SPECS = Path(__file__).parents[1] / "zc_bench" / "paper" / "specs"
LIMIT = 3_000_000  # bytes of a file
LICENCES = ("Apache-2.0", "MIT")  # that allow to pass numbers on


def packed(contents: Contents) -> Contents:
    """Leave out what only the run needs: the list of what was drawn, peaks of memory, all but two digits of times."""
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


def correlations(stores: Mapping[str, Path]) -> pd.DataFrame:
    """Correlate the columns of figure 4, each from the first store that has it.

    Returns:
        As `zc_bench.correlate.Report.correlations`, and the name of the store.
    """
    runs = Experiment.from_toml((SPECS / "figure4.toml").read_text(encoding="utf-8")).runs
    requested = [(run.space, task) for run in runs for task in run.tasks]
    directions = {name: entry.higher_is_better for name, entry in proxy_registry.items()}
    found: dict[tuple[str, str], pd.DataFrame] = {}
    for name, path in stores.items():
        (source,) = read_sources([path])
        rows = source.rows()
        for column, of_column in rows.groupby(["space", "task"]):
            if column in requested and column not in found and of_column["truth"].notna().any():
                report = correlate(of_column, higher_is_better=directions)
                found[column] = report.correlations.assign(store=name)
    return pd.concat([found[column] for column in requested if column in found], ignore_index=True)


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
            size = entry.shipped.stat().st_size / 1e6
            print(
                f"{entry.shipped}: {len(found.keys):,} architectures, {len(found.values)} columns, {size:.2f} MB"
            )


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
            if size > LIMIT:
                print(
                    f"{name} is larger than {LIMIT / 1e6:g} MB: ship fewer trials.", file=sys.stderr
                )
                return 2
        table = correlations(stores)
    except ZcBenchError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    with replacing(options.out / "figure4.csv") as path:
        path.write_bytes(
            table.to_csv(index=False, float_format="%.6g", lineterminator="\n").encode()
        )
    print(f"figure4.csv: {table.groupby(['space', 'task']).ngroups} columns")
    return 0


if __name__ == "__main__":
    sys.exit(main())
