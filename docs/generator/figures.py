"""The figures and tables of the paper that can be reproduced."""

from generator.markdown import table
from zc_bench.cli.paper import FIGURES


def reproductions() -> str:
    """Write a table of what `zc-bench reproduce` knows."""
    rows = [(f"`{name}`", f"`benchmarks/specs/{figure.experiment}.toml`") for name, figure in FIGURES.items()]
    return table(("figure or table", "experiment"), rows)
