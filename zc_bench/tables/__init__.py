"""Benchmark tables: ground truth of a space, by task and architecture.

`registry.toml` lists the public files. A new source is an entry there and, if its form is new, a file here that
registers a reader for it.
"""

from zc_bench.tables import analog, darts_csv, suite_zero_zip
from zc_bench.tables.base import Table
from zc_bench.tables.load import TableDescription, describe_tables, load_table

__all__ = ["Table", "TableDescription", "analog", "darts_csv", "describe_tables", "load_table", "suite_zero_zip"]
