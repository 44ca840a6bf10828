"""Which statements of SWAP-NAS (Peng et al. 2024, arXiv:2403.04161) hold in our stores: writes docs/statements.md.

Every statement is a number that is above a bound if the statement is true. The number is computed from rank
correlations that are averaged over seeds, and once more in every resample of the architectures; a verdict is what the
interval says.

    python benchmarks/statements.py STORE.h5 ... [--out docs/statements.md] [--resamples 2000]

Stores of the same space are joined, and must not contradict each other. Ground truth is read from `$ZC_BENCH_DATA`.
"""

import argparse
import sys
from pathlib import Path

import pandas as pd

from zc_bench._internal.files import replacing
from zc_bench.engine.declare import proxy_registry
from zc_bench.errors import ZcBenchError
from zc_bench.paper.claims.columns import figure_4_columns
from zc_bench.paper.claims.finding import count, judge
from zc_bench.paper.claims.page import page
from zc_bench.paper.claims.paper import statements
from zc_bench.paper.claims.ranking import ranking
from zc_bench.report import read_sources


def main() -> None:
    """Judge every statement and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stores", nargs="+", type=Path, help="the .h5 files of runs")
    parser.add_argument("--out", type=Path, default=Path("docs") / "statements.md")
    parser.add_argument("--resamples", type=int, default=2000)
    arguments = parser.parse_args()
    try:
        sources = read_sources(arguments.stores)
        columns = figure_4_columns()
        rows = pd.concat([source.rows() for source in sources], ignore_index=True)
        rows = rows[
            rows["proxy"].isin(list(proxy_registry))
        ]  # those of plug-ins that are not installed have no direction
        findings = [
            judge(statement, rows, arguments.resamples) for statement in statements(columns)
        ]
        ranked = ranking(rows, columns, arguments.resamples)
    except ZcBenchError as error:
        sys.exit(str(error))
    with replacing(arguments.out) as path:
        path.write_text(page(findings, ranked, rows, columns, sources), encoding="utf-8")
    print(
        f"Written to {arguments.out}: {', '.join(f'{number} {name}' for name, number in count(findings).items())}."
    )


if __name__ == "__main__":
    main()
