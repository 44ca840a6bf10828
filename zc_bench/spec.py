"""What a run is asked for: a frozen dataclass, to and from TOML, with a fingerprint of what a score depends on."""

import dataclasses
import hashlib
import json
import math
from dataclasses import dataclass, field

from zc_bench._internal import toml
from zc_bench.errors import ZcBenchError


@dataclass(frozen=True)
class Protocol:
    """What a score depends on, besides the trial itself.

    Attributes:
        batch_size: N, images per batch.
        inputs: "auto", "noise", or a path to images.
        augment: whether images are cropped and flipped at random, as for training.
        weights: "space", as the benchmark initialises its networks, or "normal": N(0, 1) in every Conv2d and Linear
            layer, biases 0, normalisation neither scaling nor shifting.
        repeats: networks per architecture and seed, each with its own weights; the score is their mean.
        size_unit: parameters are counted in "M" (millions) or "K" (thousands) where reg_swap reads them.
        mu: centre of the regularisation, in the size unit; None takes the largest of 1000 sizes, see
            `zc_bench.engine.architectures.ArchitectureScorer.regularisation`.
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
        _expect(self.batch_size >= 1, "batch_size", self.batch_size, "a whole number from 1 up")
        _expect(self.weights in ("space", "normal"), "weights", self.weights, "'space' or 'normal'")
        _expect(self.repeats >= 1, "repeats", self.repeats, "a whole number from 1 up")
        _expect(self.size_unit in ("M", "K"), "size_unit", self.size_unit, "'M' or 'K'")
        _expect(self.mu is None or math.isfinite(self.mu), "mu", self.mu, "a finite number")
        _expect(
            self.sigma is None or 0 < self.sigma < math.inf, "sigma", self.sigma, "a number above 0"
        )
        if self.sigma is None and self.mu is not None:
            possible = 0 < self.mu * self.mu < math.inf
            _expect(possible, "mu", self.mu, "a number whose square can be sigma, or sigma as well")
        _expect(
            self.image_size is None or self.image_size >= 1,
            "image_size",
            self.image_size,
            "a whole number from 1 up",
        )


@dataclass(frozen=True)
class Spec:
    """One run.

    Attributes:
        space: the search space.
        tasks: the tasks, by name; empty means all with ground truth.
        proxies: the proxies, by name; empty means all.
        samples: architectures per seed.
        seeds: number of independent runs, r = 0 .. seeds - 1, each with its own architectures, batch and weights.
        dedup: whether only one of the architectures with the same canonical form is drawn.
        truth: what scores are correlated with, see `zc_bench.load_table`; the task's own metric unless given. Scores do
            not depend on it.
        protocol: what a score depends on.

    Examples:
        >>> spec = Spec("nb201", ("cifar10",), samples=50)
        >>> Spec.from_toml(spec.to_toml()) == spec
        True
        >>> spec.fingerprint() == Spec("nb201", samples=9).fingerprint()  # scores do not depend on how many there are
        True
    """

    space: str
    tasks: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    samples: int = 1000
    seeds: int = 5
    dedup: bool = False
    truth: str = ""
    protocol: Protocol = field(default_factory=Protocol)

    def __post_init__(self) -> None:
        """Refuse values that no run could use."""
        _expect(self.samples >= 1, "samples", self.samples, "a whole number from 1 up")
        _expect(self.seeds >= 1, "seeds", self.seeds, "a whole number from 1 up")

    def to_toml(self) -> str:
        """Write the spec as TOML; `from_toml` reads it back equal."""
        return "\n".join(toml.lines(dataclasses.asdict(self))) + "\n"

    @classmethod
    def from_toml(cls, text: str) -> "Spec":
        """Read a spec.

        Raises:
            ZcBenchError: if the text is no TOML, a key is unknown, or a value has the wrong type.
        """
        return toml.read(cls, toml.parse(text, "spec"))

    def fingerprint(self) -> str:
        """Return a short digest of what a score depends on: the space and the protocol, nothing else."""
        text = json.dumps(
            {"space": self.space, **dataclasses.asdict(self.protocol)}, sort_keys=True
        )
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _expect(holds: bool, name: str, value: object, expected: str) -> None:
    if not holds:
        message = f"{name} = {value!r} will not do: expected {expected}."
        raise ZcBenchError(message)
