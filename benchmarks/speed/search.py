"""The cost of a search for a DARTS cell, by part, and a projection to a GPU.

SWAP-NAS searches with the preset swap-nas, some architectures long: once per repeat and task, in
turn, so that a machine whose speed drifts does so for all alike. Three tables. First: seconds per
architecture, part by part. Second: the operations and bytes of a score, beside what this machine
can do at most. Third: a whole search, and its projection to a GPU. No GPU is measured. Run it with
nothing else going on:

    python benchmarks/speed/search.py                                                         #
    minutes python benchmarks/speed/search.py --tasks cifar10 --timed 4 --repeats 1 --matrix 512
    # seconds
"""

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import mean
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from zc_bench._internal.memory import keep_freed_memory
from zc_bench.cli import console
from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.engine.execute import JobResult
from zc_bench.execution import Job, LocalExecutor
from zc_bench.images import find_images
from zc_bench.searches import Guide, Settings, algorithms, search
from zc_bench.spaces import space_registry
from zc_bench.spec import Protocol, preset_registry
from zc_bench.store import Store, TrialKey
from zc_bench.tasks import task_registry, with_image_size

SPACE, ALGORITHM, GUIDE = "darts_search", "swap_nas", "reg_swap"
# Minutes of one Tesla V100 (abstract of arXiv:2403.04161); which of its forms, and how many scores,
# it does not say.
PUBLISHED = {"cifar10": 6, "imagenet": 9}
# What a score consists of, by the name under which the scorer times it.
PARTS = {
    "build": "build networks",
    "forward": "forward passes",
    "distinct_patterns": "count patterns",
}
REST, AROUND = "rest of the score", "search around it: draw, mutate, store"
SHOWN = (*PARTS, REST, AROUND)


@dataclass(frozen=True)
class Keeping(LocalExecutor):
    """This process; it keeps the jobs that it has run, with their results.

    Attributes:
        finished: in order.
    """

    finished: list[tuple[Job, JobResult]] = field(default_factory=list)

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, JobResult]]:
        """Run jobs, and yield each with its result when it is finished."""
        for job, result in super().run(jobs):
            self.finished.append((job, result))
            yield job, result


@dataclass(frozen=True)
class Cost:
    """What one architecture of a search costs, on average.

    Attributes:
        seconds: by part of the score, and around it.
        slowest: seconds, all parts, in the slowest repeat.
        launch: seconds of the forward passes that stay where the images are next to nothing.
        multiply_adds: of all its forward passes.
        moved: bytes that these read and write, every operation its own.
    """

    seconds: Mapping[str, float]
    slowest: float
    launch: float
    multiply_adds: float
    moved: float

    @property
    def together(self) -> float:
        """Seconds of all parts."""
        return sum(self.seconds.values())

    @property
    def device(self) -> float:
        """Seconds of what a GPU would do."""
        return self.seconds["forward"] + self.seconds["distinct_patterns"]

    @property
    def host(self) -> float:
        """Seconds of what a GPU would leave to the processor beside it."""
        return self.together - self.device + self.launch

    @property
    def rate(self) -> float:
        """Floating-point operations per second: a multiply-add is two."""
        return 2 * self.multiply_adds / self.device


@dataclass(frozen=True)
class Peak:
    """What a machine does at most.

    Attributes:
        rate: floating-point operations per second, float32.
        speed: bytes per second from and to memory.
    """

    rate: float
    speed: float


class Moved(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the bytes of all tensors that operations read and write; views move none.

    Attributes:
        total: so far.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.total = 0

    def __torch_dispatch__(
        self, function: Any, _types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Run an operation and count."""
        result = function(*args, **(kwargs or {}))
        if not function.is_view:
            self.total += sum(
                item.nbytes
                for item in tree_leaves((args, kwargs, result))
                if isinstance(item, Tensor)
            )
        return result


def run_search(
    scorer: ArchitectureScorer, task: str, count: int
) -> tuple[float, list[tuple[TrialKey, JobResult]]]:
    """Search until so many architectures are scored.

    Return its seconds, store and all, and every result.
    """
    executor, start = Keeping(scorer.device), time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as folder,
        Store(Path(folder, "scores.h5"), scorer.fingerprints([GUIDE]), {}) as store,
    ):
        guide = Guide(scorer, store, task, [GUIDE], 0, executor=executor)
        list(
            search(
                algorithms[ALGORITHM],
                space_registry[SPACE],
                Settings(cycles=None),
                0,
                guide,
                count,
            )
        )
    seconds = time.perf_counter() - start
    return seconds, [(job.key, result) for job, result in executor.finished]


def split(runs: Sequence[tuple[float, Sequence[JobResult]]]) -> dict[str, float]:
    """Return seconds per architecture, part by part.

    Args:
        runs: the same search, several times; every architecture counts as in its fastest run.
    """
    fastest = [
        min(same, key=seconds_of) for same in zip(*(results for _, results in runs), strict=True)
    ]
    parts = {name: mean(result.pass_seconds[name] for result in fastest) for name in PARTS}
    rest = mean(map(seconds_of, fastest)) - sum(parts.values())
    around = min(wall - sum(map(seconds_of, results)) for wall, results in runs) / len(fastest)
    return parts | {REST: rest, AROUND: around}


def seconds_of(result: JobResult) -> float:
    """Return how long a score took."""
    return result.seconds or 0.0


def work(scorer: ArchitectureScorer, keys: Sequence[TrialKey]) -> tuple[float, float]:
    """Count the multiply-adds and the bytes of a score, on average, over all its networks and images."""
    once = replace(scorer, protocol=replace(scorer.protocol, repeats=1))
    passes = scorer.protocol.repeats * scorer.protocol.batch_size
    flops = mean(once.score(key, ["flops"]).scores["flops"].value for key in keys)
    return passes * 1e6 * flops, passes * mean(moved_per_image(once, key) for key in keys)


def moved_per_image(scorer: ArchitectureScorer, key: TrialKey) -> float:
    """Count the bytes that the operations of a network read and write for one image."""
    task, moved = task_registry[key.task], Moved()
    network, images = scorer.network(key, task), scorer.batch(task, key.seed, "batch").images[:2]
    with torch.no_grad(), moved:
        network(images)
    return moved.total / len(images)


def launch_seconds(scorer: ArchitectureScorer, keys: Sequence[TrialKey]) -> float:
    """Time the forward passes of a score over two images of 8 x 8 pixels.

    What is left is Python's and torch's own.
    """
    images = {
        task: find_images(with_image_size(task_registry[task], 8), "noise")
        for task in scorer.images
    }
    tiny = replace(
        scorer, images=images, protocol=replace(scorer.protocol, batch_size=2, image_size=8)
    )
    return mean(
        min(tiny.score(key, [GUIDE]).pass_seconds["forward"] for _ in range(2)) for key in keys
    )


def measure(scorers: Mapping[str, ArchitectureScorer], count: int, repeats: int) -> dict[str, Cost]:
    """Run the searches, in turn, and return what an architecture costs, by task."""
    runs = defaultdict(list)
    for task, scorer in scorers.items():
        run_search(scorer, task, 1)  # compiles the kernels
    for _ in range(repeats):
        for task, scorer in scorers.items():
            runs[task].append(run_search(scorer, task, count))
    keys = {task: [key for key, _ in runs[task][0][1]] for task in scorers}
    return {
        task: Cost(
            split([(wall, [result for _, result in found]) for wall, found in runs[task]]),
            max(wall for wall, _ in runs[task]) / len(keys[task]),
            launch_seconds(scorer, keys[task]),
            *work(scorer, keys[task]),
        )
        for task, scorer in scorers.items()
    }


def measure_peak(size: int) -> Peak:
    """Multiply two square matrices, and add up an eighth of a gigabyte; take the fastest of 30."""
    left, right, buffer = torch.rand(size, size), torch.rand(size, size), torch.ones(2**25)
    return Peak(
        2 * size**3 / least_seconds(lambda: left @ right), buffer.nbytes / least_seconds(buffer.sum)
    )


def least_seconds(call: Callable[[], object]) -> float:
    """Time a call 30 times: the fastest of short calls has little interference from other processes."""
    times = []
    for _ in range(30):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def project(cost: Cost, here: Peak, gpu: Peak) -> dict[str, float]:
    """Project the seconds of an architecture to a GPU, whose processor is taken to be as fast as this one.

    Args:
        cost: of the architecture, here.
        here: what this machine does at most.
        gpu: what the GPU does at most.

    Returns:
        Seconds of the GPU at the share of its peak that is reached here, of the GPU at the limit of
        its memory, and of the processor beside it: the GPU and the processor work at the same time,
        so the larger one decides.
    """
    return {
        "GPU at our share of its peak": 2 * cost.multiply_adds / (cost.rate / here.rate * gpu.rate),
        "GPU at the limit of its memory": cost.moved / gpu.speed,
        "processor beside the GPU": cost.host,
    }


def show(title: str, costs: Mapping[str, Cost], rows: Mapping[str, Sequence[str]]) -> None:
    """Print a table with a column for every task."""
    console.show_table(
        {"": "left", **dict.fromkeys(costs, "right")},
        [(name, *of) for name, of in rows.items()],
        title,
    )


def show_seconds(costs: Mapping[str, Cost]) -> None:
    """Print where the time of an architecture goes."""
    rows = {
        PARTS.get(part, part): [shown(cost, cost.seconds[part]) for cost in costs.values()]
        for part in SHOWN
    }
    rows["together"] = [shown(cost, cost.together) for cost in costs.values()]
    rows["together, slowest repeat"] = [shown(cost, cost.slowest) for cost in costs.values()]
    rows["of the forward passes: launching"] = [shown(cost, cost.launch) for cost in costs.values()]
    show("Seconds per architecture, each in its fastest repeat", costs, rows)
    print(
        "launching: the same passes over two images of 8 x 8 pixels; a GPU leaves it to the processor"
    )


def shown(cost: Cost, seconds: float) -> str:
    """Write seconds, and what share of an architecture's they are."""
    return f"{seconds:.4f} ({seconds / cost.together:6.1%})"


def show_work(costs: Mapping[str, Cost], here: Peak) -> None:
    """Print what the work of a score is, and what this machine can do."""
    rows = {
        "multiply-adds per score, 10^9": [
            f"{cost.multiply_adds / 1e9:.3f}" for cost in costs.values()
        ],
        "GFLOP/s, forward and count": [f"{cost.rate / 1e9:.2f}" for cost in costs.values()],
        "share of this machine's peak": [f"{cost.rate / here.rate:.1%}" for cost in costs.values()],
        "GB read and written per score": [f"{cost.moved / 1e9:.2f}" for cost in costs.values()],
        "GB/s, forward and count": [
            f"{cost.moved / cost.device / 1e9:.1f}" for cost in costs.values()
        ],
        "operations per byte": [
            f"{2 * cost.multiply_adds / cost.moved:.2f}" for cost in costs.values()
        ],
    }
    peak = (
        f"a matrix product reaches {here.rate / 1e9:.0f} GFLOP/s, reading memory "
        f"{here.speed / 1e9:.1f} GB/s"
    )
    show(f"Work of a score; on this machine {peak}", costs, rows)


def show_search(
    costs: Mapping[str, Cost], here: Peak, gpu: Peak, arguments: argparse.Namespace
) -> None:
    """Print what a whole search costs here and would cost on a GPU."""
    projected = {task: project(cost, here, gpu) for task, cost in costs.items()}
    rows = {
        "this machine": [f"{arguments.evaluations * cost.together:.1f}" for cost in costs.values()]
    }
    for name in next(iter(projected.values())):
        rows[f"projected: {name}"] = [
            f"{arguments.evaluations * of[name]:.2f}" for of in projected.values()
        ]
    rows["the paper's, for an unknown number of architectures"] = [
        f"{60 * PUBLISHED[task]}" for task in costs
    ]
    rows["architectures in the paper's, at most"] = [
        f"{60 * PUBLISHED[task] / max(of.values()):,.0f}" for task, of in projected.items()
    ]
    show(
        f"Seconds of a search of {arguments.evaluations} architectures; GPU: {arguments.gpu}",
        costs,
        rows,
    )
    published = (
        f"{arguments.gpu_tflops:g} TFLOPS in float32 and {arguments.gpu_gbps:g} GB/s, as published"
    )
    print(f"No GPU was measured. Assumed: {published}, and a processor")
    print(
        "beside it as fast as this one. Both work at the same time: a search takes at least as long as the largest of"
    )
    print("the projected numbers.")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", nargs="+", choices=list(PUBLISHED), default=list(PUBLISHED))
    parser.add_argument(
        "--timed", type=int, default=30, help="architectures that are scored in a repeat"
    )
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument(
        "--evaluations", type=int, default=300, help="of the whole search, which is extrapolated"
    )
    parser.add_argument("--batch-size", type=int, default=preset_registry["swap-nas"].batch_size)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--matrix",
        type=int,
        default=2048,
        help="rows of the matrices whose product produces the peak",
    )
    parser.add_argument(
        "--gpu", default="Tesla V100 SXM2", help="its name; the paper's is a Tesla V100"
    )
    parser.add_argument(
        "--gpu-tflops", type=float, default=15.7, help="its published peak in float32"
    )
    parser.add_argument("--gpu-gbps", type=float, default=900, help="GB/s of its memory, published")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    keep_freed_memory()
    protocol: Protocol = replace(preset_registry["swap-nas"], batch_size=arguments.batch_size)
    images = {task: find_images(task_registry[task]) for task in arguments.tasks}
    scorers = {
        task: ArchitectureScorer(SPACE, protocol, {task: pool}, torch.device("cpu"))
        for task, pool in images.items()
    }
    here, gpu = (
        measure_peak(arguments.matrix),
        Peak(arguments.gpu_tflops * 1e12, arguments.gpu_gbps * 1e9),
    )
    costs = measure(scorers, arguments.timed, arguments.repeats)
    print(
        f"{arguments.timed} architectures; repeats: {arguments.repeats}; threads: {arguments.threads}"
    )
    print(f"a score is of {protocol.repeats} networks of one cell, N = {protocol.batch_size}")
    show_seconds(costs)
    show_work(costs, here)
    show_search(costs, here, gpu, arguments)


if __name__ == "__main__":
    main()
