"""Trials become scores: what a run is, which trials it has, where they run, in what order, and when they stop."""

from zc_bench.execution.crew import open_workers
from zc_bench.execution.evaluate import evaluate, with_truth
from zc_bench.execution.local import Workers
from zc_bench.execution.queue import JobQueue
from zc_bench.execution.run import Run, expect_known, find_device, prepare
from zc_bench.execution.scheduler import Progress, run_trials
from zc_bench.execution.shipped import LOOKED_AT, contradiction, find_shipped, shipped_folder
from zc_bench.execution.verify import verify

__all__ = [
    "LOOKED_AT",
    "JobQueue",
    "Progress",
    "Run",
    "Workers",
    "contradiction",
    "evaluate",
    "expect_known",
    "find_device",
    "find_shipped",
    "open_workers",
    "prepare",
    "run_trials",
    "shipped_folder",
    "verify",
    "with_truth",
]
