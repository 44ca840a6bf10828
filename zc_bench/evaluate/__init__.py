"""Trials become scores: what a run is, which trials it has, where they run, in what order, and when they stop."""

from zc_bench.evaluate.agenda import Agenda
from zc_bench.evaluate.crew import open_workers
from zc_bench.evaluate.evaluate import evaluate, with_truth
from zc_bench.evaluate.run import Run, expect_known, find_device, prepare
from zc_bench.evaluate.shipped import LOOKED_AT, contradiction, find_shipped, shipped_folder
from zc_bench.evaluate.timetable import Progress, run_trials
from zc_bench.evaluate.workers import Workers

__all__ = [
    "LOOKED_AT",
    "Agenda",
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
    "with_truth",
]
