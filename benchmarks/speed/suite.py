"""The time of a trial, by pass and proxy, in multiples of a forward and a forward-backward pass.

Every network is timed in turn with everything that is compared, so that a machine whose speed
drifts does so for all alike. Run it with nothing else going on: `make bench`, or `python
benchmarks/speed/suite.py --networks 50`.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
import torch

from zc_bench._internal.memory import keep_freed_memory
from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.engine.execute import JobResult
from zc_bench.images import find_images
from zc_bench.proxies.groups import default_proxies
from zc_bench.sampling import draw_architectures
from zc_bench.seeding import numpy_generator
from zc_bench.spaces import space_registry
from zc_bench.spec import Protocol
from zc_bench.store import TrialKey
from zc_bench.tasks import task_registry


def seconds(call: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def floors(scorer: ArchitectureScorer, key: TrialKey) -> dict[str, float]:
    """Time the network itself: a lower bound of any implementation."""
    task = task_registry[key.task]
    network, batch = scorer.network(key, task), scorer.batch(task, key.seed, "batch")
    weights = list(network.parameters())

    def forward() -> None:
        with torch.inference_mode():
            network(batch.images)

    def forward_backward() -> None:
        torch.autograd.grad(
            task.loss(network(batch.images), batch.targets), weights, allow_unused=True
        )

    forward()
    return {"forward": seconds(forward), "forward + backward": seconds(forward_backward)}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=50)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    keep_freed_memory()
    task = task_registry["cifar10"]
    scorer = ArchitectureScorer(
        "nb201", Protocol(arguments.batch_size), {task.name: find_images(task)}, torch.device("cpu")
    )
    generator = numpy_generator(0, "speed")
    drawn = sorted(
        {space_registry["nb201"].sample(generator).key for _ in range(4 * arguments.networks)}
    )
    keys = [TrialKey(task.name, key, 0) for key in draw_architectures(drawn, arguments.networks, 0)]
    times: dict[str, list[float]] = defaultdict(list)
    scorer.score(keys[0], list(default_proxies()))  # compiles the kernels
    for key in keys:
        for name, value in floors(scorer, key).items():
            times[name].append(value)
        together = observe(scorer, key, list(default_proxies()), times["together"])
        for name, value in together.pass_seconds.items():
            times[f"pass {name}"].append(value)
        times["reduce"].append(sum(score.seconds for score in together.scores.values()))
        for name in default_proxies():
            observe(scorer, key, [name], times[f"alone {name}"])
    report(times, arguments.networks)


def observe(
    scorer: ArchitectureScorer, key: TrialKey, names: Sequence[str], times: list[float]
) -> JobResult:
    """Observe a trial and note its time without the building of the network."""
    start = time.perf_counter()
    result = scorer.score(key, names)
    times.append(time.perf_counter() - start - result.pass_seconds["build"])
    return result


def report(times: dict[str, list[float]], networks: int) -> None:
    """Print means in milliseconds and as multiples."""
    mean = {name: float(np.mean(values)) for name, values in times.items()}
    mean["one by one"] = sum(value for name, value in mean.items() if name.startswith("alone "))
    print(
        f"mean over {networks} NAS-Bench-201 networks, {torch.get_num_threads()} threads, channels last"
    )
    print(f"{'':28}{'ms':>10}{'x forward':>12}{'x f+b':>9}")
    for name, value in mean.items():
        multiples = value / mean["forward"], value / mean["forward + backward"]
        print(f"{name:28}{value * 1e3:10.2f}{multiples[0]:12.2f}{multiples[1]:9.2f}")
    print(f"together / one by one: {mean['together'] / mean['one by one']:.2f}")
    print(f"together / (forward + backward): {mean['together'] / mean['forward + backward']:.2f}")


if __name__ == "__main__":
    main()
