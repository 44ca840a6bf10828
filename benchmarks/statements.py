"""Test the statements of SWAP-NAS (arXiv:2403.04161) on stores: writes docs/statements.md.

    python benchmarks/statements.py STORE.h5 ... [--out docs/statements.md] [--resamples 2000]

`zc_bench.paper.claims` holds the statements and how they are tested.
"""

import argparse
import sys
from pathlib import Path

from zc_bench._internal.files import replacing
from zc_bench.errors import ZcBenchError
from zc_bench.paper.claims.page import page_about


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stores", nargs="+", type=Path, help="the .h5 files of runs")
    parser.add_argument("--out", type=Path, default=Path("docs") / "statements.md")
    parser.add_argument("--resamples", type=int, default=2000)
    arguments = parser.parse_args()
    try:
        text, counts = page_about(arguments.stores, arguments.resamples)
    except ZcBenchError as error:
        sys.exit(str(error))
    with replacing(arguments.out) as path:
        path.write_text(text, encoding="utf-8")
    found = ", ".join(f"{number} {name}" for name, number in counts.items())
    print(f"Written to {arguments.out}: {found}.")


if __name__ == "__main__":
    main()
