"""From a spec to scores: resolve a run, queue its jobs, run them here or on workers."""

from zc_bench._internal.progress import Progress
from zc_bench.execution.job import ExecutionOptions, Executor, Job
from zc_bench.execution.local import LocalExecutor, open_executor
from zc_bench.execution.queue import JobQueue
from zc_bench.execution.resolve import (
    ResolvedRun,
    find_device,
    load_truth,
    resolve,
    with_truth,
)
from zc_bench.execution.scheduler import run_jobs
from zc_bench.execution.shipped import read_shipped
from zc_bench.execution.verify import verify

__all__ = [
    "ExecutionOptions",
    "Executor",
    "Job",
    "JobQueue",
    "LocalExecutor",
    "Progress",
    "ResolvedRun",
    "find_device",
    "load_truth",
    "open_executor",
    "read_shipped",
    "resolve",
    "run_jobs",
    "verify",
    "with_truth",
]
