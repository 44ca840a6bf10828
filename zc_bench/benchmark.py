"""One call from a spec to results: the only place that puts a run together."""

import logging
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from zc_bench._internal.durations import format_duration, parse_duration
from zc_bench._internal.interrupts import sigterm_as_ctrl_c
from zc_bench._internal.progress import progress_bar
from zc_bench.assembly import AssembledRun, assembled
from zc_bench.execution import JobQueue, run_jobs, with_truth
from zc_bench.result import Result
from zc_bench.spec import Experiment, Protocol, Spec
from zc_bench.statistics.correlate import InvalidPolicy
from zc_bench.tables import REMARKS

_log = logging.getLogger(__name__)

ENOUGH = 10  # architectures from which on a correlation says something
_BUDGET_ON_CPU = 600.0  # seconds of a run that has no budget


def run(
    what: str | Path | Spec | Sequence[Spec],
    *,
    tasks: str | Iterable[str] | None = None,
    proxies: str | Iterable[str] | None = None,
    samples: int | None = None,
    seeds: int | str | Sequence[int] | None = None,
    dedup: bool | None = None,
    protocol: str | Protocol | None = None,
    batch_size: int | None = None,
    inputs: str | None = None,
    mu: float | None = None,
    sigma: float | None = None,
    truth: str | Path | None = None,
    store: str | Path | None = None,
    folder: str | Path | None = None,
    fresh: bool = False,
    device: str = "auto",
    workers: int = 1,
    threads: int | None = None,
    scheduler: str | None = None,
    budget: str | float | None = None,
    invalid: InvalidPolicy = "worst",
    progress: bool | None = None,
) -> Result:
    """Score architectures with proxies, beside the ground truth.

    Scores that come with the package are read first. Every finished trial is kept: the same call
    goes on where an earlier one stopped.

    Args:
        what: a search space by name, a spec, several specs, or the path of an experiment (TOML).
        tasks: names; all with ground truth unless given.
        proxies: names, or groups: "paper" (unless given), "recent", "trivial", "all".
        samples: architectures per seed; 1000 unless given.
        seeds: independent runs, each with its own architectures, batch and weights: how many, or
            which, such as `range(3, 5)` or "3:5"; 5 unless given.
        dedup: whether only one of the architectures that compute the same function is drawn.
        protocol: a preset by name, or a protocol; "swap-paper" unless given.
        batch_size: N, images per batch.
        inputs: "auto", "noise", or the path of images.
        mu: centre of reg_swap's bell, in the size unit of the protocol.
        sigma: width of reg_swap's bell, in the size unit of the protocol.
        truth: the ground truth: a metric by name or a file, see `zc_bench.load_table`; the task's
            own metric unless given. Scores do not depend on it.
        store: the file of the scores, for one spec.
        folder: the folder of the scores, `<space>/scores.h5` per spec. Without store and folder, a
            file in the data folder holds them, one per space and protocol.
        fresh: start over: old scores are kept under another name, shipped ones are not read.
        device: "auto", or a torch device.
        workers: processes on this machine. With more than one, a script needs the guard
            `if __name__ == "__main__":`.
        threads: torch's threads per worker; the last digits of scores depend on them.
        scheduler: the address of a scheduler of Dask, or the file that it wrote.
        budget: seconds, or a duration such as "90s", "10m", "2h", "none". Unless given, nothing is
            computed where every task has a seed with ten architectures and some scores are shipped,
            however often that is asked; else there is no limit on a GPU, and one of ten minutes on a
            CPU.
        invalid: what becomes of invalid scores in correlations: "worst" ranks them last, "drop"
            leaves them out.
        progress: whether to show a progress bar; None shows it in terminals and notebooks.

    Returns:
        The result.

    Raises:
        ZcBenchError: if a name is unknown, ground truth or images are not to be had, or a store
            holds scores of another kind.

    Examples:
        >>> import zc_bench as zb
        >>> result = zb.run("nb201", tasks="cifar10", proxies=["params", "flops"], samples=20, seeds=2,
        ...                 inputs="noise", progress=False)
        >>> sorted(result.spearman().index)
        ['flops', 'params']
    """
    asked = dict(locals())  # the arguments, by name
    seconds = parse_duration(budget) if isinstance(budget, str) else budget
    with assembled(asked) as ready:
        interrupted = _compute(ready, seconds, progress)
        frames = [
            with_truth(store.contents, resolved)
            for resolved, store in zip(ready.runs, ready.stores, strict=True)
        ]
        scores = pd.concat(frames)
        scores.attrs[REMARKS] = tuple(filter(None, (one.table.remark() for one in ready.runs)))
    if interrupted and scores.empty:
        raise KeyboardInterrupt
    experiment = Experiment(tuple(resolved.spec for resolved in ready.runs))
    provenance = tuple(store.contents.provenance for store in ready.stores)
    return Result(experiment, scores, ready.paths, provenance, invalid, interrupted)


def _compute(ready: AssembledRun, given: float | None, progress: bool | None) -> bool:
    """Compute what is left, within the budget; return whether Ctrl-C or SIGTERM ended it."""
    if given is None and _suffices(ready):
        _tell(ready, given, "Nothing was computed")
        return False
    budget = given
    if budget is None:
        budget = math.inf if ready.executor.device.type == "cuda" else _BUDGET_ON_CPU
    interrupted = False
    with sigterm_as_ctrl_c(), progress_bar(progress) as bar:
        try:
            for state in run_jobs(ready.queues, ready.executor, budget):
                bar.show(state)
        except KeyboardInterrupt:
            interrupted = True
    stopped = f"The budget of {format_duration(budget)} is used up"
    _tell(ready, given, "Stopped" if interrupted else stopped)
    return interrupted


def _suffices(ready: AssembledRun) -> bool:
    """Return whether nothing is computed unless a budget is given."""
    return ready.shipped and all(map(_enough, ready.queues))


def _enough(queue: JobQueue) -> bool:
    """Return whether every task has a seed with enough trials for a correlation."""
    tasks = {task for task, _ in queue.finished}
    known = {task for (task, _), count in queue.finished.items() if count >= ENOUGH}
    return tasks == known


def _tell(ready: AssembledRun, budget: float | None, why: str) -> None:
    """Say how far the run is and how it goes on, if something is left."""
    total = sum(queue.total for queue in ready.queues)
    counts = [count for queue in ready.queues for count in queue.finished.values()]
    if sum(counts) < total:
        _log.info(
            "%s: %d of %d trials are complete, %s. %s",
            why,
            sum(counts),
            total,
            _spread(counts),
            _how_to_go_on(ready, budget),
        )


def _how_to_go_on(ready: AssembledRun, budget: float | None) -> str:
    if budget is None and _suffices(ready):
        return "--budget 10m computes for ten minutes more; --budget none goes to the end."
    again = "the same command without --fresh" if ready.fresh else "the same command again"
    return f"Run {again} to go on; --budget none goes to the end."


def _spread(counts: Sequence[int]) -> str:
    """Say how many architectures the pairs of task and seed have."""
    fewest, most = min(counts), max(counts)
    if fewest >= ENOUGH or fewest == most:
        n = f"{fewest}" if fewest == most else f"{fewest} to {most}"
        return f"{n} for each of {len(counts)} pairs of task and seed"
    enough = sum(count >= ENOUGH for count in counts)
    return f"{ENOUGH} or more for {enough} of {len(counts)} pairs of task and seed"
