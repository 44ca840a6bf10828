"""From a spec to rows: scores beside the ground truth."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from zc_bench.engine.declare import proxy_registry
from zc_bench.execution.crew import open_workers
from zc_bench.execution.queue import JobQueue
from zc_bench.execution.run import Run, expect_known, prepare
from zc_bench.execution.scheduler import run_trials
from zc_bench.registry import warn_of_broken_plugins
from zc_bench.spec import Spec
from zc_bench.store import Contents, Row, Store, TrialKey, column_name
from zc_bench.tables import REMARKS


def with_truth(contents: Contents, run: Run) -> pd.DataFrame:
    """Put scores beside the ground truth.

    Args:
        contents: of a store.
        run: which trials and proxies count; what else the store holds is left out.

    Returns:
        One row per trial and proxy: space, task, architecture, seed, proxy, version, score, status, reason, seconds,
        truth; in the order in which the architectures were drawn. What a reader of correlations must know of the
        ground truth is in `attrs`.
    """
    columns = [column_name(name, proxy_registry[name].version) for name in run.spec.proxies]
    asked = (TrialKey(task, key, seed) for (task, seed), keys in run.drawn.items() for key in keys)
    # In the order in which they were asked for: that in which they were finished depends on the workers.
    trials = {key: _only(contents.trials[key], columns) for key in asked if key in contents.trials}
    frame = replace(contents, trials=trials).frame()
    truth = pd.Series(np.nan, index=frame.index)
    for task, rows in frame.groupby("task"):
        truth.loc[rows.index] = run.table.lookup(str(task), rows["architecture"].tolist())
    frame.insert(0, "space", run.spec.space)
    rows = frame.assign(truth=truth).reset_index(drop=True)
    rows.attrs[REMARKS] = (run.table.remark(),) if run.table.remark() else ()
    return rows


def _only(trial: Row, columns: Sequence[str]) -> Row:
    """Leave out of a trial what is not in some columns, and put the rest in their order."""
    return replace(
        trial, scores={column: trial.scores[column] for column in columns if column in trial.scores}
    )


def evaluate(
    spec: Spec,
    store: Path,
    *,
    device: str = "auto",
    budget: float = math.inf,
    workers: int = 1,
    threads: int | None = None,
    scheduler: str | None = None,
) -> pd.DataFrame:
    """Compute the scores of a run, going on where an earlier one stopped.

    Args:
        spec: the run.
        store: the HDF5 file that holds its scores.
        device: "auto", or a torch device.
        budget: seconds after which it stops.
        workers: processes on this machine; with more than one, the calling script needs the guard
            `if __name__ == "__main__":`, as always where processes are started.
        threads: torch's threads per worker.
        scheduler: the address of a scheduler of Dask, or the file that it wrote, whose workers take the trials.

    Returns:
        One row per trial and proxy, with the ground truth; see `with_truth`.

    Raises:
        ZcBenchError: if something that the spec names is not to be had, or the store holds other scores.
    """
    warn_of_broken_plugins()
    expect_known(spec)
    with open_workers(workers, device=device, threads=threads, scheduler=scheduler) as crew:
        run = prepare(spec, device=crew.device)
        with Store(store, run.scorer.identity(), run.about(crew.environment())) as opened:
            for _ in run_trials([JobQueue(run, opened, crew.count)], crew, budget):
                pass
            return with_truth(opened.contents, run)
