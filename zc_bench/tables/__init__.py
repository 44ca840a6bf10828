"""Benchmark tables: ground truth of a space, by task and architecture.

`registry.toml` lists the public files. `shipped/` holds the numbers of some in compact form.
A new source is an entry there and, if its form is new, a file here that registers a reader for it.
`imported` keeps the files of users.
"""

from zc_bench.tables import (
    analog,
    darts_csv,
    nasbench101_tfrecord,
    own_csv,
    suite_zero_json,
    suite_zero_zip,
    transformers_csv,
)
from zc_bench.tables.base import REMARKS, Table
from zc_bench.tables.catalogue import Facts, facts, known_truths
from zc_bench.tables.imported import PublishedScores, import_file, load_published
from zc_bench.tables.load import TableDescription, describe_tables, load_table
from zc_bench.tables.public import fetch
from zc_bench.tables.string_index import Keys

__all__ = [
    "REMARKS",
    "Facts",
    "Keys",
    "PublishedScores",
    "Table",
    "TableDescription",
    "analog",
    "darts_csv",
    "describe_tables",
    "facts",
    "fetch",
    "import_file",
    "known_truths",
    "load_published",
    "load_table",
    "nasbench101_tfrecord",
    "own_csv",
    "suite_zero_json",
    "suite_zero_zip",
    "transformers_csv",
]
