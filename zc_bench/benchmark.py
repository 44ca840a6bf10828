"""One call from a spec to results: the only place that puts a run together."""

import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from zc_bench._internal.durations import format_duration, parse_duration
from zc_bench._internal.environment import differences
from zc_bench._internal.files import data_folder
from zc_bench._internal.progress import progress_bar
from zc_bench.errors import ZcBenchError
from zc_bench.execution import (
    ExecutionOptions,
    Executor,
    JobQueue,
    ResolvedRun,
    load_truth,
    open_executor,
    read_shipped,
    resolve,
    run_jobs,
    with_truth,
)
from zc_bench.registry import warn_of_broken_plugins
from zc_bench.result import Result
from zc_bench.spec import Experiment, Protocol, Spec, preset_registry, read_experiment
from zc_bench.statistics.correlate import InvalidPolicy
from zc_bench.store import Store
from zc_bench.tables import REMARKS, Table

_log = logging.getLogger(__name__)

ENOUGH = 10  # architectures from which on a correlation says something
_BUDGET_ON_CPU = 600.0  # seconds of a run that has no budget


def run(
    what: str | Path | Spec | Sequence[Spec],
    *,
    tasks: str | Iterable[str] | None = None,
    proxies: str | Iterable[str] | None = None,
    samples: int | None = None,
    seeds: int | None = None,
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
        seeds: independent runs, each with its own architectures, batch and weights; 5 unless given.
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
        budget: seconds, or a duration such as "90s", "10m", "2h", "none". Unless given: none on a
            GPU; on a CPU ten minutes, and nothing is computed where enough scores are shipped.
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
    warn_of_broken_plugins()
    seconds = parse_duration(budget) if isinstance(budget, str) else budget
    changes = {
        "tasks": tasks,
        "proxies": proxies,
        "samples": samples,
        "seeds": seeds,
        "dedup": dedup,
        "truth": None if truth is None else str(truth),
        "protocol": preset_registry[protocol] if isinstance(protocol, str) else protocol,
    }
    of_protocol = {"batch_size": batch_size, "inputs": inputs, "mu": mu, "sigma": sigma}
    options = ExecutionOptions(device, workers, threads, scheduler)
    specs = [_changed(spec, changes, of_protocol) for spec in _specs(what)]
    found: list[tuple[Spec, Table | None]] = [(spec, None) for spec in specs]
    if len(specs) > 1:
        found = with_ground_truth(specs)
    stores = _stores([spec for spec, _ in found], store, folder)
    with ExitStack() as stack:
        executor = stack.enter_context(open_executor(options))
        runs = [resolve(spec, executor.device, table) for spec, table in found]
        opened = [
            stack.enter_context(_open(path, resolved, executor.environment(), fresh))
            for path, resolved in zip(stores, runs, strict=True)
        ]
        pairs = list(zip(runs, opened, strict=True))
        shipped = sum(read_shipped(*pair, executor) for pair in pairs)
        queues = [JobQueue(*pair) for pair in pairs]
        interrupted = _compute(queues, executor, seconds, shipped > 0, progress)
        frames = [with_truth(opened_store.contents, resolved) for resolved, opened_store in pairs]
        scores = pd.concat(frames)
        scores.attrs[REMARKS] = tuple(filter(None, (one.table.remark() for one in runs)))
    if interrupted and scores.empty:
        raise KeyboardInterrupt
    experiment = Experiment(tuple(resolved.spec for resolved in runs))
    provenance = tuple(store.contents.provenance for store in opened)
    return Result(experiment, scores, stores, provenance, invalid, interrupted)


def _specs(what: str | Path | Spec | Sequence[Spec]) -> Sequence[Spec]:
    """Return the specs that a name, a path or a sequence stands for."""
    if isinstance(what, Spec):
        return [what]
    if isinstance(what, Path) or (isinstance(what, str) and what.endswith(".toml")):
        return read_experiment(Path(what)).runs
    return [Spec(what)] if isinstance(what, str) else Experiment(tuple(what)).runs


def _changed(spec: Spec, changes: Mapping[str, Any], of_protocol: Mapping[str, Any]) -> Spec:
    """Let arguments override what a spec says; None overrides nothing."""
    spec = replace(spec, **{name: value for name, value in changes.items() if value is not None})
    return replace(spec, protocol=spec.protocol.changed(**of_protocol))


def with_ground_truth(specs: Sequence[Spec]) -> list[tuple[Spec, Table | None]]:
    """Leave out the specs and tasks that have no ground truth here, with a remark for each.

    Returns:
        The others, with their ground truth.

    Raises:
        ZcBenchError: if nothing is left.
    """
    found: list[tuple[Spec, Table | None]] = []
    reasons = []
    for spec in specs:
        try:
            table = load_truth(spec)
        except ZcBenchError as error:
            reasons.append(str(error))
            _log.info("%s is left out: %s", spec.space, error)
            continue
        kept = tuple(task for task in spec.tasks if task in table.tasks)
        if lacking := [task for task in spec.tasks if task not in table.tasks]:
            _log.info(
                "%s: %s left out for lack of ground truth: see `zc-bench data doctor`.",
                spec.space,
                ", ".join(lacking),
            )
        if kept or not spec.tasks:
            found.append((replace(spec, tasks=kept), table))
    if not found:
        message = " ".join(reasons) or "No task of this experiment has ground truth here."
        raise ZcBenchError(message)
    return found


def _stores(
    specs: Sequence[Spec], store: str | Path | None, folder: str | Path | None
) -> tuple[Path, ...]:
    """Name the file of the scores of every spec."""
    if store is not None and len(specs) > 1:
        message = (
            f"store = {store} is one file for {len(specs)} search spaces: give a folder instead."
        )
        raise ZcBenchError(message)
    if store is not None:
        return (Path(store),)
    if folder is not None:
        return tuple(Path(folder) / spec.space / "scores.h5" for spec in specs)
    home = data_folder() / "scores"
    return tuple(home / f"{spec.space}-{spec.protocol.digest()}.h5" for spec in specs)


def _open(path: Path, resolved: ResolvedRun, where: Mapping[str, Any], fresh: bool) -> Store:
    store = resolved.open_store(path, where, fresh=fresh)
    if changed := differences(store.provenance_before.get("environment", {}), where):
        _log.info(
            "%s was begun under other conditions (%s): the last digits of scores may differ.",
            path,
            changed,
        )
    return store


def _compute(
    queues: Sequence[JobQueue],
    executor: Executor,
    budget: float | None,
    shipped: bool,
    progress: bool | None,
) -> bool:
    """Compute what is left, within the budget; return whether Ctrl-C ended it."""
    if budget is None and shipped and all(map(_enough, queues)):
        _tell(queues, "Nothing was computed")
        return False
    if budget is None:
        budget = math.inf if executor.device.type == "cuda" else _BUDGET_ON_CPU
    interrupted = False
    with progress_bar(progress) as bar:
        try:
            for state in run_jobs(queues, executor, budget):
                bar.show(state)
        except KeyboardInterrupt:
            interrupted = True
    _tell(
        queues, "Stopped" if interrupted else f"The budget of {format_duration(budget)} is used up"
    )
    return interrupted


def _enough(queue: JobQueue) -> bool:
    """Return whether every task has a seed with enough trials for a correlation."""
    tasks = {task for task, _ in queue.finished}
    known = {task for (task, _), count in queue.finished.items() if count >= ENOUGH}
    return tasks == known


def _tell(queues: Sequence[JobQueue], why: str) -> None:
    """Say how far the run is, if something is left."""
    total = sum(queue.total for queue in queues)
    counts = [count for queue in queues for count in queue.finished.values()]
    if sum(counts) < total:
        _log.info(
            "%s: %d of %d trials are complete, %s. Run the same command again to go on; "
            "--budget none goes to the end.",
            why,
            sum(counts),
            total,
            _spread(counts),
        )


def _spread(counts: Sequence[int]) -> str:
    """Say how many architectures the pairs of task and seed have."""
    fewest, most = min(counts), max(counts)
    if fewest >= ENOUGH or fewest == most:
        n = f"{fewest}" if fewest == most else f"{fewest} to {most}"
        return f"{n} for each of {len(counts)} pairs of task and seed"
    enough = sum(count >= ENOUGH for count in counts)
    return f"{ENOUGH} or more for {enough} of {len(counts)} pairs of task and seed"
