"""What a run computes: protocols, presets, specs and experiments, to and from TOML."""

import dataclasses
import hashlib
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zc_bench.proxies  # noqa: F401 - registers the proxies that come with the package
from zc_bench._internal import toml
from zc_bench.errors import ZcBenchError, expect, expect_whole, shown
from zc_bench.proxies.groups import named_proxies
from zc_bench.registry import Registry, load_plugins
from zc_bench.seeds import Seeds, read_seeds
from zc_bench.spaces import space_registry
from zc_bench.tasks import task_registry


def names_of(names: str | Iterable[str]) -> tuple[str, ...]:
    """Return names as a tuple; a single name may stand alone."""
    return (names,) if isinstance(names, str) else tuple(names)


MOST_SAMPLES = 10**9


@dataclass(frozen=True)
class Protocol:
    """The settings that a score depends on, beside the trial itself.

    Attributes:
        batch_size: N, images per batch.
        inputs: "auto", "noise", or a path to images.
        augment: whether images are cropped and flipped at random, as for training.
        weights: "space", as the benchmark initialises its networks, or "normal": N(0, 1) in every
            Conv2d and Linear layer, biases 0, scale 1 and shift 0 in batch normalisation.
        repeats: networks per architecture and seed, each with its own weights; the score is their
            mean.
        size_unit: the unit of parameters in reg_swap, "M" (millions) or "K" (thousands).
        mu: centre of the regularisation, in the size unit; None takes the largest of 1000 sizes,
            see `zc_bench.engine.architectures.ArchitectureScorer.regularisation`.
        sigma: width of the regularisation, in the size unit; None takes the square of mu.
        image_size: H = W of an image, in pixels; None takes the task's.
    """

    batch_size: int = 32
    inputs: str = "auto"
    augment: bool = True
    weights: str = "space"
    repeats: int = 1
    size_unit: str = "M"
    mu: float | None = None
    sigma: float | None = None
    image_size: int | None = None

    def __post_init__(self) -> None:
        """Refuse values that no run could use."""
        expect_whole("batch_size", self.batch_size, most=1 << 16)
        expect(self.weights in ("space", "normal"), "weights", self.weights, "'space' or 'normal'")
        expect_whole("repeats", self.repeats, most=10_000)
        expect(self.size_unit in ("M", "K"), "size_unit", self.size_unit, "'M' or 'K'")
        expect(self.mu is None or math.isfinite(self.mu), "mu", self.mu, "a finite number")
        expect(
            self.sigma is None or 0 < self.sigma < math.inf, "sigma", self.sigma, "a number above 0"
        )
        if self.sigma is None and self.mu is not None:
            possible = 0 < self.mu * self.mu < math.inf
            expect(possible, "mu", self.mu, "a number whose square can be sigma, or sigma as well")
        if self.image_size is not None:
            expect_whole("image_size", self.image_size, most=4096)

    def changed(self, **settings: Any) -> "Protocol":
        """Return a protocol with other settings; None leaves a setting as it is."""
        given = {name: value for name, value in settings.items() if value is not None}
        return dataclasses.replace(self, **given)

    def digest(self) -> str:
        """Return a short digest of what stored scores depend on, for the names of stores.

        Mu, sigma and their unit make no difference: derived scores are not stored.
        """
        same = dataclasses.replace(self, mu=None, sigma=None, size_unit="M")
        settings = dataclasses.asdict(same)
        text = json.dumps(settings, sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


# The experiments of the paper that come with the package.
SPECS = Path(__file__).parent / "paper" / "specs"

preset_registry: Registry[Protocol] = Registry("preset")
# The text of the SWAP-NAS paper, which follows NAS-Bench-Suite-Zero but for the size of the batch.
preset_registry.register("swap-paper", Protocol())
# The release of NAS-Bench-Suite-Zero on NAS-Bench-201 and 301.
preset_registry.register("suite-zero", Protocol(batch_size=64))
# The code that the authors of SWAP-NAS published.
preset_registry.register(
    "swap-repo",
    Protocol(batch_size=16, augment=False, weights="normal", repeats=32, size_unit="K"),
)
# A search on the space of one DARTS cell: batch and size unit of the paper, images and weights of
# the published code. It has 8 networks per architecture instead of 32: the spread of a score over
# its networks is then an eighth of the spread over architectures.
preset_registry.register(
    "swap-nas", Protocol(augment=False, weights="normal", repeats=8, size_unit="K")
)


@dataclass(frozen=True)
class Spec:
    """One run.

    Attributes:
        space: the search space.
        tasks: the tasks, by name; empty means all with ground truth. One name may stand alone.
        proxies: the proxies, by name or by group (`zc_bench.proxies.groups`); empty means the seventeen
            of "paper" and those of plug-ins. One name may stand alone.
        samples: architectures per seed.
        seeds: the number n of independent runs, with the seeds 0 .. n - 1, or the seeds themselves
            (`range(3, 5)`); each has its own architectures, batch and weights.
        dedup: whether architectures with equal canonical forms are drawn only once.
        protocol: the settings that a score depends on.

    Examples:
        >>> spec = Spec("nb201", ("cifar10",), samples=50)
        >>> Spec.from_toml(spec.to_toml()) == spec
        True
    """

    space: str
    tasks: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    samples: int = 1000
    seeds: Seeds = 5
    dedup: bool = False
    truth: str = ""
    protocol: Protocol = field(default_factory=Protocol)

    def __post_init__(self) -> None:
        """Refuse unknown names and impossible numbers.

        Raises:
            ZcBenchError: if the space, a task or a proxy is unknown, the space has no networks for
                a task, or a number is out of range.
        """
        load_plugins()
        object.__setattr__(self, "tasks", names_of(self.tasks))
        object.__setattr__(self, "proxies", named_proxies(self.proxies))
        known = space_registry[self.space].tasks
        for task in self.tasks:
            if task_registry[task].name not in known:
                message = (
                    f"{self.space} has no networks for the task {task!r}: "
                    f"its tasks are {', '.join(known)}."
                )
                raise ZcBenchError(message)
        expect_whole("samples", self.samples, most=MOST_SAMPLES)
        object.__setattr__(self, "seeds", read_seeds(self.seeds))

    def to_toml(self) -> str:
        """Write the spec as TOML; `from_toml` reads an equal one back."""
        return "\n".join(toml.lines(dataclasses.asdict(self))) + "\n"

    @classmethod
    def from_toml(cls, text: str) -> "Spec":
        """Read a spec.

        Raises:
            ZcBenchError: if the text is no TOML, a key is unknown, or a value has the wrong type.
        """
        return toml.read(cls, toml.parse(text, "spec"))


@dataclass(frozen=True)
class Experiment:
    """Several runs that belong together.

    Attributes:
        runs: one spec per space.
    """

    runs: tuple[Spec, ...]

    def __post_init__(self) -> None:
        """Refuse what has no run, or two runs that would share a store."""
        if not self.runs:
            message = (
                'The experiment has no run: add a table [[run]] with space = "nb201", for instance.'
            )
            raise ZcBenchError(message)
        names = [spec.space for spec in self.runs]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            message = (
                f"The experiment names the space {twice!r} twice: put all its tasks into one table "
                "[[run]]."
            )
            raise ZcBenchError(message)

    def to_toml(self) -> str:
        """Write the experiment as TOML, every run in full; `from_toml` reads it back equal."""
        tables = []
        for spec in self.runs:
            plain = dataclasses.asdict(spec)
            protocol = plain.pop("protocol")
            tables.append(
                ["[[run]]", *toml.lines(plain), "", "[run.protocol]", *toml.lines(protocol)]
            )
        return "\n\n".join("\n".join(table) for table in tables) + "\n"

    @classmethod
    def from_toml(cls, text: str) -> "Experiment":
        """Read an experiment: a table [[run]] per space.

        What stands above them holds for all that do not differ.

        Raises:
            ZcBenchError: if the text is no TOML, a key is unknown, a value has the wrong type, or
                there is no run.
        """
        common = toml.parse(text, "experiment")
        runs = common.pop("run", [])
        if not isinstance(runs, list) or not all(isinstance(run, dict) for run in runs):
            message = f"run = {shown(runs)} has the wrong type: expected tables, [[run]]."
            raise ZcBenchError(message)
        shared = common.get("protocol", {})
        specs = []
        for run in runs:
            merged = {**common, **run}
            if isinstance(shared, dict) and isinstance(run.get("protocol"), dict):
                merged["protocol"] = {**shared, **run["protocol"]}
            specs.append(toml.read(Spec, merged))
        return cls(tuple(specs))


def read_experiment(path: Path) -> Experiment:
    """Read the file of an experiment.

    Args:
        path: a TOML file such as the `figure4.toml` of this package, or the name of a file in
            `zc_bench/paper/specs` without its ending, such as "figure4".

    Raises:
        ZcBenchError: if there is no such file, or it is no experiment.
    """
    shipped = SPECS / f"{path}.toml"
    found = shipped if not path.exists() and shipped.is_file() else path
    try:
        text = found.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        known = ", ".join(sorted(item.stem for item in SPECS.glob("*.toml")))
        message = (
            f"The experiment {path} cannot be read ({reason}): "
            f"give the path of a TOML file, or one of {known}."
        )
        raise ZcBenchError(message) from error
    return Experiment.from_toml(text)
