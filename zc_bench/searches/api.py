"""One call that runs searches in a search space."""

import json
import logging
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from zc_bench import figures
from zc_bench._internal.durations import parse_duration
from zc_bench._internal.files import data_folder, explaining, replacing
from zc_bench._internal.interrupts import sigterm_as_ctrl_c
from zc_bench._internal.progress import Progress, progress_bar
from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.errors import ZcBenchError
from zc_bench.execution import ExecutionOptions, Executor, open_executor
from zc_bench.images import find_images
from zc_bench.proxies.groups import named_proxies
from zc_bench.registry import warn_of_broken_plugins
from zc_bench.searches.base import Settings
from zc_bench.searches.guide import Limits
from zc_bench.searches.history import History
from zc_bench.searches.run import SearchSpec, run_searches
from zc_bench.searches.stacked import searched_space, stack
from zc_bench.seeds import read_seeds, seed_numbers
from zc_bench.spaces import Architecture, space_registry
from zc_bench.spec import Protocol, names_of, preset_registry
from zc_bench.store import Store
from zc_bench.tables import Table, load_table
from zc_bench.tasks import task_registry

_log = logging.getLogger(__name__)

# Sizes of one cell are counted in thousands.
_PRESETS = {"darts_search": "swap-nas"}


@dataclass(frozen=True, eq=False)
class SearchResult:
    """What searches found.

    Attributes:
        history: one row per evaluation: algorithm, seed, evaluation, architecture, parameters, a
            column per guide (higher is better), best (the best architecture so far), truth_of_best.
        found: one row per search: algorithm, seed, scored, architecture, native, parameters,
            stacked (parameters of the network that is trained afterwards, if it is another),
            values, truth, regret (best known truth minus truth) and rank (1 is the best known
            architecture).
        space: the search space that was searched.
        task: the task.
        provenance: the spec, environment, and images of the searches.
        store: the file of the scores.
        interrupted: whether Ctrl-C ended the searches.
    """

    history: pd.DataFrame
    found: pd.DataFrame
    space: str
    task: str
    provenance: Mapping[str, Any]
    store: Path
    interrupted: bool
    table: Table | None = field(default=None, repr=False)

    @property
    def best(self) -> Architecture:
        """What the first search found."""
        return space_registry[self.space].parse(str(self.found["architecture"].iloc[0]))

    @cached_property
    def regret(self) -> figures.RegretData | None:
        """Regret by evaluation; None without ground truth."""
        if self.table is None or not self.history["truth_of_best"].notna().any():
            return None
        most = float(pd.Series(self.table.metrics[self.task]).max())
        metric = task_registry[self.task].metric
        return figures.regret_data(self.history, most, metric, f"{self.space}, {self.task}")

    def save(self, folder: str | Path) -> Path:
        """Write history.csv, found.json, a drawing of the best cells and, with ground truth, the regret.

        Args:
            folder: where to.

        Returns:
            The folder.

        Raises:
            ZcBenchError: if something cannot be written.
        """
        home = Path(folder)
        facts = {**self.provenance, "found": json.loads(self.found.to_json(orient="records"))}
        graphs = space_registry[self.space].graphs(self.best)
        with explaining(home):
            with replacing(home / "history.csv") as path:
                self.history.to_csv(path, index=False)
            with replacing(home / "found.json") as path:
                text = json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
                path.write_text(text, encoding="utf-8", errors="backslashreplace")
            figures.save(figures.draw_cells(graphs, f"{self.space}, {self.task}"), home, "cells")
            if self.regret is not None:
                figures.save(figures.draw_regret(self.regret), home, "regret")
                with replacing(home / "regret.csv") as path:
                    self.regret.table().to_csv(path, index=False)
        return home


def search(
    space: str,
    *,
    task: str = "cifar10",
    guide: str | Iterable[str] = "reg_swap",
    algorithm: str | Iterable[str] = "swap_nas",
    evaluations: int = 300,
    seeds: int | str | Sequence[int] = 1,
    population: int = 20,
    cycles: int | None = None,
    sample: int | None = None,
    mutations: int = 5,
    max_params: int | None = None,
    max_flops: int | None = None,
    protocol: str | Protocol | None = None,
    batch_size: int | None = None,
    inputs: str | None = None,
    mu: float | None = None,
    sigma: float | None = None,
    store: str | Path | None = None,
    device: str = "auto",
    workers: int = 1,
    threads: int | None = None,
    scheduler: str | None = None,
    budget: str | float | None = None,
    progress: bool | None = None,
) -> SearchResult:
    """Search for good architectures, guided by proxies; no network is trained.

    Args:
        space: a search space; "darts" searches one cell and stacks what it finds.
        task: the task.
        guide: the guiding proxy; several guide by the sum of their ranks.
        algorithm: one or several, see `zc_bench.searches.algorithms`.
        evaluations: architectures scored per search, at most.
        seeds: independent searches per algorithm, or which: `range(3, 5)` or "3:5".
        population: P, candidates at a time.
        cycles: C, cycles of SWAP-NAS; as many as there are evaluations unless given.
        sample: S, size of a tournament; half of P unless given.
        mutations: children per cycle of SWAP-NAS.
        max_params: larger networks are not considered.
        max_flops: networks with more multiply-adds per image are not considered.
        protocol: a preset by name, or a protocol; "swap-nas" for darts, else "swap-paper".
        batch_size: N, images per batch.
        inputs: "auto", "noise", or the path of images.
        mu: centre of reg_swap's bell.
        sigma: width of reg_swap's bell.
        store: the file of the scores; one in the data folder unless given.
        device: "auto", or a torch device.
        workers: processes on this machine.
        threads: torch's threads per worker.
        scheduler: the address of a scheduler of Dask, or the file that it wrote.
        budget: seconds, or a duration such as "10m"; none unless given.
        progress: whether to show a progress bar; None shows it in terminals and notebooks.

    Returns:
        What was found.

    Raises:
        ZcBenchError: if a name is unknown, a number is out of range, or images are missing.
    """
    warn_of_broken_plugins()
    seconds = parse_duration(budget) if isinstance(budget, str) else budget
    seconds = math.inf if seconds is None else seconds
    searched = searched_space(space)
    spec = SearchSpec(
        searched,
        task,
        named_proxies(guide),
        names_of(algorithm),
        Settings(population, cycles, sample, mutations),
        evaluations,
        read_seeds(seeds),
        Limits(max_params, max_flops),
    )
    base = protocol or _PRESETS.get(searched, "swap-paper")
    chosen = (preset_registry[base] if isinstance(base, str) else base).changed(
        batch_size=batch_size, inputs=inputs, mu=mu, sigma=sigma
    )
    pool = find_images(task_registry[task], chosen.inputs)
    _log.info("Images for %s: %s", task, pool.source)
    name = f"search-{searched}-{task}-{chosen.digest()}.h5"
    path = Path(store) if store else data_folder() / "scores" / name
    with open_executor(ExecutionOptions(device, workers, threads, scheduler)) as executor:
        scorer = ArchitectureScorer(searched, chosen, {task: pool}, executor.device)
        provenance: dict[str, Any] = {
            "search": asdict(spec),
            "environment": dict(executor.environment()),
            "images": {task: pool.source},
        }
        bells = scorer.regularisations(spec.proxies, (task,))
        if bells:
            provenance["regularisation"] = {name: asdict(bell) for name, bell in bells.items()}
        with Store(path, scorer.fingerprints(spec.scored), provenance) as opened:
            history, interrupted = _run(spec, scorer, opened, executor, seconds, progress)
    table = _table(searched)
    frame = history.frame(table)
    found = pd.DataFrame(_found(history, frame, table))
    return SearchResult(frame, found, searched, task, provenance, path, interrupted, table)


def _run(
    spec: SearchSpec,
    scorer: ArchitectureScorer,
    store: Store,
    executor: Executor,
    budget: float,
    progress: bool | None,
) -> tuple[History, bool]:
    """Search under a progress bar; return what was found, and whether Ctrl-C ended it."""
    history = History(spec.space, spec.task, spec.proxies)
    start, known = time.monotonic(), len(store.contents.trials)
    total = len(seed_numbers(spec.seeds)) * len(spec.algorithms) * spec.evaluations
    with sigterm_as_ctrl_c(), progress_bar(progress) as bar:
        try:
            for done, (name, seed, evaluation) in enumerate(
                run_searches(spec, scorer, store, executor), start=1
            ):
                history.add(name, seed, evaluation)
                seconds = time.monotonic() - start
                # Scores from the store took no time: the estimate counts computed ones alone.
                computed = len(store.contents.trials) - known
                left = (total - done) * seconds / computed if computed else None
                allowed = max(0.0, budget - seconds)
                bar.show(Progress(done, total, computed, 0, seconds, left, allowed))
                if seconds > budget:
                    _log.info("The budget is used up: run the same command again to go on.")
                    break
        except KeyboardInterrupt:
            _log.info("Stopped: run the same command again to go on.")
            if not history.evaluations:
                raise
            return history, True
    return history, False


def _table(space: str) -> Table | None:
    """Load ground truth if there is any: a search needs none."""
    try:
        return load_table(space)
    except ZcBenchError:
        return None


def _found(history: History, frame: pd.DataFrame, table: Table | None) -> Sequence[dict[str, Any]]:
    """List what every search found."""
    owner, task = space_registry[history.space], task_registry[history.task]
    known = pd.Series(dtype=float)
    if table is not None and history.task in table.tasks:
        known = pd.Series(table.metrics[history.task]).dropna()
    rows = []
    for (name, seed), last in history.found().items():
        architecture = last.best.architecture
        chosen = (frame["algorithm"] == name) & (frame["seed"] == seed)
        truth = float(frame.loc[chosen, "truth_of_best"].iloc[-1])
        has_truth = not math.isnan(truth)
        rows.append(
            {
                "algorithm": name,
                "seed": seed,
                "scored": last.number,
                "architecture": architecture.key,
                "native": owner.native(architecture),
                "parameters": owner.parameters(architecture, task),
                "stacked": _stacked_size(architecture, history.task),
                "values": list(last.best.values),
                "truth": truth if has_truth else None,
                "regret": float(known.max() - truth) if has_truth else None,
                "rank": int((known > truth).sum()) + 1 if has_truth else None,
            }
        )
    return rows


def _stacked_size(architecture: Architecture, task: str) -> int | None:
    """Count the parameters of the network that stacks what was found, if there is one."""
    stacked = stack(architecture)
    if stacked is architecture:
        return None
    return space_registry[stacked.space].parameters(stacked, task_registry[task])
