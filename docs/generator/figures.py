"""The figures and tables of the paper that can be reproduced."""

from generator.markdown import plain, table
from zc_bench.cli.paper import FIGURES
from zc_bench.cli.request import find_experiment


def reproductions() -> str:
    """Write a table of what `zc-bench reproduce` knows."""
    rows = [
        (f"`{name}`", plain(figure.shows), f"`{file.name}`" if file.is_file() else "")
        for name, figure in FIGURES.items()
        for file in [find_experiment(figure.experiment)]
    ]
    return table(("figure or table", "what it shows", "experiment in `benchmarks/specs`"), rows)
