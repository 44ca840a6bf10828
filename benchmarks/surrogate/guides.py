"""Published scores of a table's architectures.

They tell where a search that a proxy guides would end in the table.
"""

import math

import numpy as np

from zc_bench._internal.files import data_folder
from zc_bench.engine.declare import proxy_registry
from zc_bench.errors import ZcBenchError
from zc_bench.statistics.rank import Floats
from zc_bench.tables import Table
from zc_bench.tables.rows import gather, readers


def published_scores(table: Table, task: str) -> dict[str, Floats]:
    """Read the scores that NAS-Bench-Suite-Zero publishes beside a table's ground truth.

    Args:
        table: loaded from a file in the data folder.
        task: the task.

    Returns:
        Per proxy, scores of the table's architectures, higher is better, (n,); NaN where there is
        none.

    Raises:
        ZcBenchError: if the file cannot be read, or is none of theirs.
    """
    rows = readers["suite_zero_json"](data_folder() / str(table.provenance["file"]))
    published = gather(table.space, (task,), rows, ZcBenchError).scores
    return {
        proxy: np.array([column.get(key, math.nan) for key in table.keys])
        * (1 if proxy_registry[proxy].higher_is_better else -1)
        for (_, proxy), column in published.items()
    }
