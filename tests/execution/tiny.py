"""A run of a second, and the exact bits of its scores."""

import math

from zc_bench.execution import (
    ExecutionOptions,
    JobQueue,
    open_executor,
    resolve,
    run_jobs,
    with_truth,
)
from zc_bench.spec import Protocol, Spec

CHEAP = ("params", "grad_norm", "swap")


def tiny(*proxies, samples=3, seeds=2, **protocol):
    """Two seeds, three architectures, four images of noise."""
    fixed = {"batch_size": 4, "inputs": "noise"} | protocol
    return Spec("nb201", ("cifar10",), proxies or CHEAP, samples, seeds, protocol=Protocol(**fixed))


def compute(spec, path, budget=math.inf, **options):
    """Compute a run, going on where an earlier one stopped; return its rows."""
    with open_executor(ExecutionOptions(**options)) as executor:
        run = resolve(spec, executor.device)
        with run.open_store(path, executor.environment()) as store:
            for _ in run_jobs([JobQueue(run, store)], executor, budget):
                pass
            return with_truth(store.contents, run)


def bits(frame):
    """Write every score to the last bit, by trial and proxy."""
    columns = ["task", "architecture", "seed", "proxy"]
    return {
        tuple(row[name] for name in columns): row["score"].hex() for row in frame.to_dict("records")
    }
