"""What a run is asked for: a frozen dataclass, to and from TOML, with a fingerprint of what a score depends on."""

import dataclasses
import hashlib
import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from zc_bench.errors import ZcBenchError, unknown_name


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
        mu: centre of the regularisation, in the size unit; None takes the documented rule.
        sigma: width of the regularisation, in the size unit; None takes the documented rule.
    """

    batch_size: int = 32
    inputs: str = "auto"
    augment: bool = True
    weights: str = "space"
    repeats: int = 1
    size_unit: str = "M"
    mu: float | None = None
    sigma: float | None = None

    def __post_init__(self) -> None:
        """Refuse values that no run could use."""
        _expect(self.batch_size >= 1, "batch_size", self.batch_size, "a whole number from 1 up")
        _expect(self.weights in ("space", "normal"), "weights", self.weights, "'space' or 'normal'")
        _expect(self.repeats >= 1, "repeats", self.repeats, "a whole number from 1 up")
        _expect(self.size_unit in ("M", "K"), "size_unit", self.size_unit, "'M' or 'K'")
        _expect(self.mu is None or math.isfinite(self.mu), "mu", self.mu, "a finite number")
        _expect(self.sigma is None or 0 < self.sigma < math.inf, "sigma", self.sigma, "a number above 0")


@dataclass(frozen=True)
class Spec:
    """One run.

    Attributes:
        space: the search space.
        tasks: the tasks, by name; empty means all with ground truth.
        proxies: the proxies, by name; empty means all.
        samples: architectures per seed.
        seeds: number of independent runs, r = 0 .. seeds - 1, each with its own architectures, batch and weights.
        protocol: what a score depends on.
    """

    space: str
    tasks: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    samples: int = 1000
    seeds: int = 5
    protocol: Protocol = field(default_factory=Protocol)

    def __post_init__(self) -> None:
        """Refuse values that no run could use."""
        _expect(self.samples >= 1, "samples", self.samples, "a whole number from 1 up")
        _expect(self.seeds >= 1, "seeds", self.seeds, "a whole number from 1 up")

    def to_toml(self) -> str:
        """Write the spec as TOML; `from_toml` reads it back equal."""
        return "\n".join(_toml_lines(dataclasses.asdict(self))) + "\n"

    @classmethod
    def from_toml(cls, text: str) -> "Spec":
        """Read a spec.

        Raises:
            ZcBenchError: if the text is no TOML, a key is unknown, or a value has the wrong type.
        """
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            message = f"The spec is not valid TOML: {error}."
            raise ZcBenchError(message) from error
        spec: Spec = _read(cls, values)
        return spec

    def fingerprint(self) -> str:
        """Return a short digest of what a score depends on: the space and the protocol, nothing else."""
        text = json.dumps({"space": self.space, **dataclasses.asdict(self.protocol)}, sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _expect(holds: bool, name: str, value: object, expected: str) -> None:
    if not holds:
        message = f"{name} = {value!r} will not do: expected {expected}."
        raise ZcBenchError(message)


def _toml_lines(values: Mapping[str, Any]) -> list[str]:
    """Write scalars, lists of strings and one level of tables; None is left out, as TOML has no word for it."""
    plain = {name: value for name, value in values.items() if value is not None and not isinstance(value, dict)}
    # A JSON string, number or list of strings is a TOML value too, but for the one control character that JSON allows.
    lines = [
        f"{name} = {json.dumps(value, ensure_ascii=False)}".replace("\x7f", "\\u007f") for name, value in plain.items()
    ]
    for name, value in values.items():
        if isinstance(value, dict):
            lines += ["", f"[{name}]", *_toml_lines(value)]
    return lines


def _read(kind: Any, values: Mapping[str, Any], where: str = "") -> Any:
    """Build a dataclass from a parsed TOML table, refusing what it does not know."""
    hints = get_type_hints(kind)
    arguments = {}
    for name, value in values.items():
        if name not in hints:
            raise unknown_name(kind="key", name=f"{where}{name}", known=[f"{where}{known}" for known in hints])
        arguments[name] = _convert(hints[name], value, f"{where}{name}")
    required = {i.name for i in dataclasses.fields(kind) if i.default is MISSING and i.default_factory is MISSING}
    missing = sorted(required - arguments.keys())
    if missing:
        message = f"The spec lacks {', '.join(missing)}: add it."
        raise ZcBenchError(message)
    return kind(**arguments)


_SCALARS = {str: "a string", bool: "true or false", int: "a whole number", float: "a number"}


def _convert(annotation: Any, value: Any, name: str) -> Any:
    """Hold a value to its annotation: a table, a list of strings, or a scalar that may be optional."""
    if dataclasses.is_dataclass(annotation):
        if isinstance(value, dict):
            return _read(annotation, value, f"{name}.")
        expected = f"a table, [{name}]"
    elif get_origin(annotation) is tuple:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        expected = "a list of strings"
    else:
        (kind,) = (member for member in get_args(annotation) or (annotation,) if member is not NoneType)
        # Not isinstance: to Python, true is a whole number.
        if type(value) is kind or (kind is float and type(value) is int):
            return kind(value)
        expected = _SCALARS[kind]
    message = f"{name} = {value!r} has the wrong type: expected {expected}."
    raise ZcBenchError(message)
