"""Everything that a run needs before it computes: specs, ground truth, images, stores, shipped scores."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from zc_bench._internal.environment import differences
from zc_bench._internal.files import data_folder
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
)
from zc_bench.registry import warn_of_broken_plugins
from zc_bench.seeds import read_seeds
from zc_bench.spec import Experiment, Spec, preset_registry, read_experiment
from zc_bench.store import Store, copied
from zc_bench.tables import Table

_log = logging.getLogger(__name__)

_OF_SPEC = ("tasks", "proxies", "samples", "seeds", "dedup", "truth", "protocol")
_OF_PROTOCOL = ("batch_size", "inputs", "mu", "sigma")
_OF_EXECUTION = ("device", "workers", "threads", "scheduler")


@dataclass(frozen=True, eq=False)
class AssembledRun:
    """Runs of which everything is found and every store is open.

    Attributes:
        executor: computes.
        runs: with all that they need.
        paths: of the stores, as they were named.
        stores: one per run.
        queues: what is left of each run.
        shipped: whether scores that come with the package are in a store.
        fresh: whether the runs start over.
    """

    executor: Executor
    runs: Sequence[ResolvedRun]
    paths: tuple[Path, ...]
    stores: Sequence[Store]
    queues: Sequence[JobQueue]
    shipped: bool
    fresh: bool


@contextmanager
def assembled(asked: Mapping[str, Any], scratch: Path | None = None) -> Iterator[AssembledRun]:
    """Find everything that runs need, open their stores, and read shipped scores.

    Args:
        asked: the arguments of `run`, by name.
        scratch: a folder for copies of the stores, which stay as they are; None opens the stores
            themselves.

    Yields:
        The runs; their stores close with the block.

    Raises:
        ZcBenchError: see `run`.
    """
    warn_of_broken_plugins()
    changes = {name: asked[name] for name in _OF_SPEC}
    if (seeds := changes["seeds"]) is not None:
        changes["seeds"] = read_seeds(seeds)
    if (truth := asked["truth"]) is not None:
        changes["truth"] = str(truth)
    if isinstance(protocol := asked["protocol"], str):
        changes["protocol"] = preset_registry[protocol]
    of_protocol = {name: asked[name] for name in _OF_PROTOCOL}
    options = ExecutionOptions(**{name: asked[name] for name in _OF_EXECUTION})
    specs = [_changed(spec, changes, of_protocol) for spec in _specs(asked["what"])]
    found: list[tuple[Spec, Table | None]] = [(spec, None) for spec in specs]
    if len(specs) > 1:
        found = with_ground_truth(specs)
    paths = _stores([spec for spec, _ in found], asked["store"], asked["folder"])
    if scratch is not None:
        paths = tuple(copied(path, scratch / str(place)) for place, path in enumerate(paths))
    with ExitStack() as stack:
        executor = stack.enter_context(open_executor(options))
        runs = [resolve(spec, executor.device, table) for spec, table in found]
        _tell_of_small_spaces(runs)
        where = executor.environment()
        stores = [
            stack.enter_context(_open(path, resolved, where, asked["fresh"]))
            for path, resolved in zip(paths, runs, strict=True)
        ]
        pairs = list(zip(runs, stores, strict=True))
        shipped = [read_shipped(*pair, executor) for pair in pairs]
        queues = [JobQueue(*pair) for pair in pairs]
        yield AssembledRun(executor, runs, paths, stores, queues, any(shipped), asked["fresh"])


def _tell_of_small_spaces(runs: Sequence[ResolvedRun]) -> None:
    """Say where fewer architectures are drawn than were asked for."""
    for resolved in runs:
        most = max(map(len, resolved.drawn.values()))
        if most < resolved.spec.samples:
            _log.info(
                "%s has %s %sarchitectures with ground truth: each seed gets all of them, "
                "not %s samples.",
                resolved.spec.space,
                f"{most:,}",
                "different " if resolved.spec.dedup else "",
                f"{resolved.spec.samples:,}",
            )


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
