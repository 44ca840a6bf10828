"""Several searches for one task, each with its own seed."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.derived import compares_a_set, computed_names
from zc_bench.errors import ZcBenchError, expect_whole
from zc_bench.execution import Executor
from zc_bench.searches.base import Settings, algorithms
from zc_bench.searches.driver import Evaluation, search
from zc_bench.searches.guide import Guide, Limits
from zc_bench.seeds import Seeds, read_seeds, seed_numbers
from zc_bench.spaces import space_registry
from zc_bench.store import Store
from zc_bench.tasks import task_registry


@dataclass(frozen=True)
class SearchSpec:
    """The specification of searches.

    Attributes:
        space: the search space.
        task: the task.
        proxies: the guiding proxies.
        algorithms: the algorithms, by name.
        settings: the settings of the algorithms.
        evaluations: the largest number of scored architectures per search.
        seeds: the number n of independent searches per algorithm, with the seeds 0 .. n - 1, or
            the seeds themselves.
        limits: the largest size of a network.
    """

    space: str
    task: str
    proxies: tuple[str, ...] = ("reg_swap",)
    algorithms: tuple[str, ...] = ("swap_nas",)
    settings: Settings = field(default_factory=Settings)
    evaluations: int = 300
    seeds: Seeds = 1
    limits: Limits = field(default_factory=Limits)

    @property
    def scored(self) -> tuple[str, ...]:
        """The proxies whose scores a search needs.

        The guides, and flops where operations have a limit.
        """
        limited = self.limits.multiply_adds is not None
        return (*self.proxies, *(("flops",) if limited else ()))

    def __post_init__(self) -> None:
        """Refuse unknown names and numbers out of range."""
        known = space_registry[self.space].tasks
        if task_registry[self.task].name not in known:
            message = (
                f"{self.space} has no networks for the task {self.task!r}: its tasks are "
                f"{', '.join(known)}."
            )
            raise ZcBenchError(message)
        for registry, names in ((proxy_registry, self.proxies), (algorithms, self.algorithms)):
            if not names:
                message = f"No {registry.kind} is named: choose from {', '.join(registry)}."
                raise ZcBenchError(message)
            for name in names:
                registry[name]
        for name in self.proxies:
            _expect_one_by_one(name)
        expect_whole("evaluations", self.evaluations, most=10**7)
        object.__setattr__(self, "seeds", read_seeds(self.seeds))


def _expect_one_by_one(name: str) -> None:
    """Refuse a proxy whose scores depend on a set of architectures."""
    if compares_a_set(name):
        message = (
            f"{name} compares the architectures of a set, and a search scores them one by one: "
            f"choose from {', '.join(computed_names([name]))} instead."
        )
        raise ZcBenchError(message)


def run_searches(
    spec: SearchSpec, scorer: ArchitectureScorer, store: Store, executor: Executor | None = None
) -> Iterator[tuple[str, int, Evaluation]]:
    """Run every search of a spec, seed by seed.

    Searches of one seed use the same batch and weights, so they share their scores through the
    store.

    Args:
        spec: the searches.
        scorer: the scorer of its space, with images of its task.
        store: open for writing.
        executor: computes scores; this process unless given. What is found does not depend on it.

    Yields:
        The algorithm, the seed and the evaluation.
    """
    for seed in seed_numbers(spec.seeds):
        guide = Guide(scorer, store, spec.task, spec.proxies, seed, spec.limits, executor)
        for name in spec.algorithms:
            for evaluation in search(
                algorithms[name],
                space_registry[spec.space],
                spec.settings,
                seed,
                guide,
                spec.evaluations,
            ):
                yield name, seed, evaluation
