"""A run with everything that its spec names: ground truth, images, device, architectures."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from zc_bench._internal.environment import environment
from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.engine.declare import proxy_registry
from zc_bench.errors import ZcBenchError
from zc_bench.images import find_images
from zc_bench.proxies.groups import default_proxies
from zc_bench.sampling import draw_architectures
from zc_bench.seeds import seed_numbers
from zc_bench.spaces import space_registry
from zc_bench.spec import Spec
from zc_bench.store import Contents, Row, Store, TrialKey, column_name, with_derived
from zc_bench.tables import REMARKS, Table, load_table
from zc_bench.tasks import task_registry, with_image_size

_log = logging.getLogger(__name__)

Drawn = Mapping[tuple[str, int], list[str]]  # architectures by task and seed


@dataclass(frozen=True)
class ResolvedRun:
    """A run of which everything was found.

    Attributes:
        spec: with tasks and proxies by name.
        table: the ground truth.
        scorer: computes the scores.
    """

    spec: Spec
    table: Table
    scorer: ArchitectureScorer

    @cached_property
    def drawn(self) -> Drawn:
        """The architectures of the run, by task and seed."""
        return draw(self.spec, self.table)

    def provenance(self, where: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return where the scores of the run come from: spec, environment, table and images.

        Args:
            where: the environment of the workers; that of this process unless given.
        """
        found = self.scorer.regularisations(self.spec.proxies, self.spec.tasks)
        recorded = {task: asdict(bell) for task, bell in found.items()}
        return {
            "spec": asdict(self.spec),
            "environment": environment(self.scorer.device) if where is None else dict(where),
            "table": dict(self.table.provenance),
            "images": {task: images.source for task, images in self.scorer.images.items()},
            **({"regularisation": recorded} if recorded else {}),
        }

    def open_store(
        self, path: Path, where: Mapping[str, Any] | None = None, *, fresh: bool = False
    ) -> Store:
        """Open the store of the run for writing.

        Args:
            path: the HDF5 file.
            where: the environment of the workers; that of this process unless given.
            fresh: start over.

        Returns:
            The store, a context manager.

        Raises:
            ZcBenchError: see `zc_bench.store.Store`.
        """
        fingerprints = self.scorer.fingerprints(self.spec.proxies)
        return Store(path, fingerprints, self.provenance(where), fresh=fresh)


def resolve(
    spec: Spec, device: str | torch.device = "auto", table: Table | None = None
) -> ResolvedRun:
    """Find everything that a spec names.

    Args:
        spec: the run.
        device: "auto", a torch device by name, or a device of the workers, which is taken as it is.
        table: the ground truth, if it is loaded already.

    Returns:
        The run.

    Raises:
        ZcBenchError: if ground truth or images are not to be had.

    Examples:
        >>> run = resolve(Spec("nb201", ("cifar10",), ("params",), samples=3, seeds=2), "cpu")
        >>> {draw: len(architectures) for draw, architectures in run.drawn.items()}
        {('cifar10', 0): 3, ('cifar10', 1): 3}
    """
    space = space_registry[spec.space]
    table = load_truth(spec) if table is None else table
    tasks = tuple(dict.fromkeys(spec.tasks)) or tuple(
        task for task in space.tasks if task in table.tasks
    )
    for task in tasks:
        table.lookup(task, [])
    proxies = tuple(dict.fromkeys(spec.proxies or default_proxies()))
    inputs, size = spec.protocol.inputs, spec.protocol.image_size
    images = {
        task: find_images(with_image_size(task_registry[task], size), inputs) for task in tasks
    }
    for task, found in images.items():
        _log.info("Images for %s: %s", task, found.source)
    place = find_device(device) if isinstance(device, str) else device
    scorer = ArchitectureScorer(spec.space, spec.protocol, images, place)
    return ResolvedRun(replace(spec, tasks=tasks, proxies=proxies), table, scorer)


def load_truth(spec: Spec) -> Table:
    """Load the ground truth of a spec; a single task is that of a file that names none."""
    return load_table(spec.space, spec.truth, task=spec.tasks[0] if len(spec.tasks) == 1 else "")


def find_device(name: str) -> torch.device:
    """Find a device.

    Args:
        name: "auto", which takes a GPU if there is one, or a torch device.

    Returns:
        The device.

    Raises:
        ZcBenchError: if there is no such device.

    Examples:
        >>> find_device("cpu")
        device(type='cpu')
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        message = (
            f"The device {name!r} cannot be used ({reason}): "
            "take auto, cpu, or cuda where there is a GPU."
        )
        raise ZcBenchError(message) from error
    return device


def draw(spec: Spec, table: Table) -> Drawn:
    """Draw the architectures of a run.

    Args:
        spec: with tasks by name.
        table: the ground truth; only architectures that have one are drawn.

    Returns:
        Architectures by task and seed. Every seed has its own; tasks with the same ground truth
        share those of a seed.
    """
    drawn: dict[tuple[str, int], list[str]] = {}
    space = space_registry[spec.space]
    canonical = (lambda key: space.canonical(space.parse(key))) if spec.dedup else None
    for task in spec.tasks:
        known = np.isfinite(table.metrics[task])
        keys = [key for key, has_truth in zip(table.keys, known, strict=True) if has_truth]
        for seed in seed_numbers(spec.seeds):
            drawn[task, seed] = draw_architectures(keys, spec.samples, seed, canonical=canonical)
    return drawn


def with_truth(contents: Contents, run: ResolvedRun) -> pd.DataFrame:
    """Put scores beside the ground truth.

    Args:
        contents: of a store.
        run: its trials and proxies count; what else the store holds is left out.

    Returns:
        One row per trial and proxy: space, task, architecture, seed, proxy, version, score, status,
        reason, seconds, truth; in the order in which the architectures were drawn.
    """
    columns = [column_name(name, proxy_registry[name].version) for name in run.spec.proxies]
    # The order in which trials were finished depends on the workers.
    asked = (TrialKey(task, key, seed) for (task, seed), keys in run.drawn.items() for key in keys)
    trials = {key: contents.trials[key] for key in asked if key in contents.trials}
    bells = run.scorer.regularisations(run.spec.proxies, run.spec.tasks)
    whole = with_derived(replace(contents, trials=trials), run.spec.proxies, bells)
    trials = {key: _only(row, columns) for key, row in whole.trials.items()}
    frame = replace(contents, trials=trials).frame()
    truth = pd.Series(np.nan, index=frame.index)
    for task, rows in frame.groupby("task"):
        truth.loc[rows.index] = run.table.lookup(str(task), rows["architecture"].tolist())
    frame.insert(0, "space", run.spec.space)
    rows = frame.assign(truth=truth).reset_index(drop=True)
    rows.attrs[REMARKS] = tuple(filter(None, [run.table.remark()]))
    return rows


def _only(row: Row, columns: Sequence[str]) -> Row:
    """Keep some columns of a trial, in their order."""
    return replace(row, scores={name: row.scores[name] for name in columns if name in row.scores})
