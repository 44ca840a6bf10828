"""The time to count activation patterns, beside the authors' formulation and a copy in memory.

First over the numbers of units V and of images N: every way to count is timed in turn on the same
values, so that a machine whose speed drifts does so for all alike. Then on NAS-Bench-201 networks:
what counting adds to the forward pass, and SWAP from images to score. Run it with nothing else
going on:

    python benchmarks/speed/pattern_count.py --units 1e4 1e5 1e6 1e7 --images 16 32 64 256
    --networks 10

Times are the least of some repeats. "limit" is the time that moving the bytes alone would take, at
the speed at which this machine reads memory; what fits the cache can be faster.
"""

import argparse
import copy
import resource
import time
from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import Tensor, nn

from zc_bench.engine.execute import execute
from zc_bench.engine.plan import plan
from zc_bench.kernels import pattern_count
from zc_bench.kernels.pattern_count import cpu, reference
from zc_bench.passes.running import hooked
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.seeding import numpy_generator
from zc_bench.spaces import space_registry
from zc_bench.tasks import task_registry

TASK = task_registry["cifar10"]
LAYER = (
    2**26
)  # bytes of a layer: values come in layers, as from a network, and out of memory, not out of the cache
COPIES = 5  # that the authors' formulation makes of all values: joined, signed, transposed, sorted, compared


def least_seconds(
    calls: dict[str, Callable[[], object]], repeats: int, device: torch.device
) -> dict[str, float]:
    """Time calls in turn, and return the shortest time of each."""
    times = dict.fromkeys(calls, float("inf"))
    for _ in range(repeats):
        for name, call in calls.items():
            synchronise(device)
            start = time.perf_counter()
            call()
            synchronise(device)
            times[name] = min(times[name], time.perf_counter() - start)
    return times


def synchronise(device: torch.device) -> None:
    """Wait until a device is idle."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def read_speed(device: torch.device) -> float:
    """Measure bytes per second of a sum over half a gigabyte."""
    buffer = torch.ones(2**27, device=device)
    return 4 * len(buffer) / least_seconds({"read": buffer.sum}, 5, device)["read"]


def draw_layers(images: int, units: int, device: torch.device) -> Iterator[Tensor]:
    """Draw rectified values (N, v), layer by layer.

    Units differ in how often they are active, so patterns repeat.
    """
    generator = torch.Generator(device).manual_seed(images)
    per_layer = max(1, LAYER // (4 * images))
    for start in range(0, units, per_layer):
        size = min(per_layer, units - start)
        shares = torch.rand(size, generator=generator, device=device)
        values = torch.rand(images, size, generator=generator, device=device)
        yield values.sub_(1 - shares).clamp_(min=0)


def authors(layers: list[Tensor]) -> int:
    """Count as the published code does.

    Join the layers, take signs, transpose, and sort the rows.
    """
    joined = torch.cat([layer.flatten(1) for layer in layers], dim=1)
    return len(torch.unique(torch.sign(joined).T, dim=0))


def measure(
    images: int, units: int, arguments: argparse.Namespace, device: torch.device, speed: float
) -> None:
    """Print one line: this N and this V."""
    fits = COPIES * 4 * images * units <= arguments.memory * 1e9
    layers, packed, pack_seconds = [], [], 0.0
    for layer in draw_layers(images, units, device):
        packed.append(pattern_count.pack(layer))
        packing: dict[str, Callable[[], object]] = {"pack": partial(pattern_count.pack, layer)}
        pack_seconds += least_seconds(packing, arguments.repeats, device)["pack"]
        if fits:
            layers.append(layer)
    words = torch.cat(packed)
    del packed
    calls: dict[str, Callable[[], object]] = {"count": lambda: pattern_count.count_distinct(words)}
    if fits:
        calls["authors"] = lambda: authors(layers)
        calls["reference"] = lambda: reference.count_distinct(
            torch.cat([reference.pack(layer) for layer in layers])
        )
    if COPIES * 8 * words.numel() <= arguments.memory * 1e9:
        calls["unique"] = lambda: torch.unique(words, dim=0)
    counts = {name: call() for name, call in calls.items() if name != "unique"}
    assert len(set(counts.values())) == 1, counts
    times = least_seconds(calls, 1 if units > 10**6 else arguments.repeats, device)
    moved = 4 * images * units + 8 * words.numel()
    limit = (moved + count_bytes(words)) / speed
    total = pack_seconds + times["count"]
    row = [f"{units:10.0e}{images:6}{counts['count']:11}"]
    row += [f"{1e3 * seconds:10.3f}" for seconds in (pack_seconds, times["count"], limit)]
    row += [
        f"{moved / pack_seconds / 1e9:8.1f}{1e9 * times['count'] / units:8.1f}{total / limit:8.1f}"
    ]
    for name, own in (("authors", total), ("reference", total), ("unique", times["count"])):
        row.append(
            f"{1e3 * times[name]:11.1f}{times[name] / own:8.1f}"
            if name in times
            else f"{'-':>11}{'-':>8}"
        )
    print("".join(row) + f"{peak_bytes() / 1e9:8.2f}", flush=True)


def count_bytes(words: Tensor) -> int:
    """Say how many bytes counting moves to and from memory: see `cpu`."""
    size = 8 * words.numel()
    if words.device.type == "cuda":
        # A table of two to four times as many slots is zeroed, and every pattern costs a random
        # access to it, which moves a sector of 32 bytes.
        return size + (32 + 8 * 3) * len(words)
    # Read twice, written once (which reads as well), and read again part by part; a few stay in the
    # cache.
    return size if len(words) <= cpu._FEW else 5 * size


def peak_bytes() -> int:
    """Return the most memory that this process has had so far."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def measure_networks(arguments: argparse.Namespace, device: torch.device) -> None:
    """Print what counting adds to the forward pass of networks, and SWAP as a whole."""
    generator = numpy_generator(0, "pattern counting")
    images = torch.randn(32, 3, 32, 32).to(device)
    networks = [
        space_registry["nb201"].build(space_registry["nb201"].sample(generator), TASK)
        for _ in range(arguments.networks)
    ]
    measured = [
        time_network(network.to(device).train(), images, arguments.repeats) for network in networks
    ]
    units = sum(units for units, _ in measured) / len(measured)
    print(f"\nmean over {len(measured)} NAS-Bench-201 networks, N = {len(images)}, V = {units:.0f}")
    mean = {
        name: sum(times[name] for _, times in measured) / len(measured) for name in measured[0][1]
    }
    for name, seconds in mean.items():
        print(f"{name:16}{1e3 * seconds:10.2f} ms{seconds / mean['forward']:8.3f} x forward")
    print(f"(pack + count) / forward: {(mean['pack'] + mean['count']) / mean['forward']:.3f}")
    print(f"(swap - forward) / forward: {mean['swap'] / mean['forward'] - 1:.3f}")
    print(f"authors / swap: {mean['authors'] / mean['swap']:.1f}")


def time_network(plain: nn.Module, images: Tensor, repeats: int) -> tuple[int, dict[str, float]]:
    """Return V, and the times of one network: ours runs channels last, the authors' as it is."""
    network = copy.deepcopy(plain).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    last = images.to(memory_format=torch.channels_last)
    trial = TrialInputs(
        network, last, torch.zeros(len(images), dtype=torch.int64), TASK.loss, 0, None
    )
    swap = plan(["swap"], (TrialInputs,))
    kept = keep_activations(network, last)
    words = torch.cat([pattern_count.pack(layer) for layer in kept])
    calls: dict[str, Callable[[], object]] = {
        "forward": lambda: run(network, last),
        "pack": lambda: [pattern_count.pack(layer) for layer in kept],
        "count": lambda: pattern_count.count_distinct(words),
        "swap": lambda: execute(swap, trial),
        "authors": lambda: authors(keep_activations(plain, images)),
    }
    return len(words), least_seconds(calls, repeats, images.device)


def run(network: nn.Module, images: Tensor) -> None:
    """Run a network without a graph."""
    with torch.inference_mode():
        network(images)


def keep_activations(network: nn.Module, images: Tensor) -> list[Tensor]:
    """Keep what all rectifiers give, as the published code does."""
    kept: list[Tensor] = []
    relus = [module for module in network.modules() if isinstance(module, nn.ReLU)]
    with (
        torch.no_grad(),
        hooked(relus, lambda _module, _inputs, output: kept.append(output.detach())),
    ):
        network(images)
    return kept


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--units",
        type=lambda text: int(float(text)),
        nargs="*",
        default=[10**4, 10**5, 10**6, 10**7],
    )
    parser.add_argument("--images", type=int, nargs="*", default=[16, 32, 64, 256])
    parser.add_argument("--networks", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--memory", type=float, default=8, help="gigabytes; who needs more sits out"
    )
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    device = torch.device(arguments.device)
    speed = read_speed(device)
    where = f"{device}, {pattern_count.backend(device)}, {arguments.threads} threads"
    print(f"{where}; memory is read at {speed / 1e9:.1f} GB/s")
    print("times in ms; GB/s of packing; ns per unit of counting; x: in multiples of ours")
    print(
        f"{'V':>10}{'N':>6}{'distinct':>11}{'pack':>10}{'count':>10}{'limit':>10}{'GB/s':>8}{'ns':>8}{'x limit':>8}"
        f"{'authors':>11}{'x':>8}{'reference':>11}{'x':>8}{'unique':>11}{'x':>8}{'peak GB':>8}"
    )
    for units in arguments.units:
        for images in arguments.images:
            measure(images, units, arguments, device, speed)
    if arguments.networks:
        measure_networks(arguments, device)


if __name__ == "__main__":
    main()
