"""`zc-bench score`: one architecture of a space, or any network."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from zc_bench.cli import console
from zc_bench.cli.app import app
from zc_bench.cli.factory import (
    build_network,
    count_classes,
    draw_classes,
    draw_images,
    parse_shape,
)
from zc_bench.cli.options import (
    BatchOption,
    DeviceOption,
    InputsOption,
    MuOption,
    PresetOption,
    ProxiesOption,
    SigmaOption,
    names_in,
    protocol_from,
)
from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.engine.declare import proxy_registry as known_proxies
from zc_bench.engine.networks import score as score_network
from zc_bench.engine.scores import Score, Status
from zc_bench.errors import ZcBenchError
from zc_bench.execution import find_device
from zc_bench.images import Batch, find_images
from zc_bench.passes.activations import Activations
from zc_bench.proxies.reg_swap import Regularisation
from zc_bench.spaces import space_registry
from zc_bench.spec import Protocol
from zc_bench.store import TrialKey
from zc_bench.tasks import task_registry


@app.command()
def score(
    space: Annotated[str, typer.Option(help="Search space: see `zc-bench list spaces`.")] = "",
    arch: Annotated[str, typer.Option(help="Architecture: its key, or its authors' string.")] = "",
    task: Annotated[str, typer.Option(help="Task: see `zc-bench list tasks`.")] = "",
    model: Annotated[
        str,
        typer.Option(
            help="Instead of an architecture: package.module:factory, from the current folder too."
        ),
    ] = "",
    input_: Annotated[
        str, typer.Option("--input", help="With --model: shape of an image, e.g. 3x224x224.")
    ] = "",
    classes: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="With --model: how many classes labels are drawn from.",
            show_default="outputs",
        ),
    ] = None,
    activations: Annotated[
        Activations,
        typer.Option(help="With --model: patterns of ReLU alone, or also of GELU and its like."),
    ] = "relu",
    seed: Annotated[int, typer.Option(help="Seed of weights and batch.")] = 0,
    proxies: ProxiesOption = "",
    preset: PresetOption = "swap-paper",
    batch_size: BatchOption = None,
    inputs: InputsOption = "auto",
    mu: MuOption = None,
    sigma: SigmaOption = None,
    device: DeviceOption = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score one architecture, with the same numbers as in a run with that seed; or any network, on N(0, 1) images."""
    subject: _Model | _Architecture
    if _is_model(
        {"--space": space, "--arch": arch, "--task": task}, {"--model": model, "--input": input_}
    ):
        subject = _Model(model, parse_shape(input_), classes, activations)
    else:
        subject = _Architecture(space, arch, task)
    names = names_in(proxies) or tuple(known_proxies)
    setting = _Setting(protocol_from(preset, batch_size, inputs, mu, sigma), seed, names, device)
    scored = subject.score(setting)
    if as_json:
        scores = {name: _json_score(scored.scores[name]) for name in names}
        typer.echo(json.dumps({**scored.about, "scores": scores}, indent=2, ensure_ascii=False))
        return
    console.say(scored.heading)
    console.show_scores({name: scored.scores[name] for name in names})


def _is_model(of_architecture: Mapping[str, str], of_model: Mapping[str, str]) -> bool:
    """Tell which of the two was asked for, by the options that were given."""
    if any(of_model.values()):
        wrong = [option for option, value in of_architecture.items() if value]
        missing = [option for option, value in of_model.items() if not value]
    else:
        wrong, missing = [], [option for option, value in of_architecture.items() if not value]
    if wrong or missing:
        what = f"{', '.join(missing)} missing" if missing else f"{', '.join(wrong)} beside --model"
        message = (
            f"Nothing to score ({what}): give --space, --arch and --task, or --model and --input."
        )
        raise ZcBenchError(message)
    return any(of_model.values())


@dataclass(frozen=True)
class _Setting:
    """How it is scored."""

    protocol: Protocol
    seed: int
    names: tuple[str, ...]
    device: str


@dataclass(frozen=True)
class _Scored:
    """What came of it: a line above the table, the same as JSON, the scores."""

    heading: str
    about: dict[str, Any]
    scores: Mapping[str, Score]


@dataclass(frozen=True)
class _Architecture:
    """An architecture of a space, as its options name it."""

    space: str
    arch: str
    task: str

    def score(self, how: _Setting) -> _Scored:
        """Score it as a run would."""
        architecture = space_registry[self.space].parse(self.arch)
        pool = find_images(task_registry[self.task], how.protocol.inputs)
        scorer = ArchitectureScorer(
            self.space, how.protocol, {self.task: pool}, find_device(how.device)
        )
        scores = scorer.observe(TrialKey(self.task, architecture.key, how.seed), how.names).scores
        heading = f"{architecture} = {space_registry[self.space].native(architecture)}; seed {how.seed}; images: {pool.source}"
        trial = {
            "space": self.space,
            "task": self.task,
            "architecture": architecture.key,
            "seed": how.seed,
        }
        return _Scored(heading, {**trial, "images": pool.source}, scores)


@dataclass(frozen=True)
class _Model:
    """Any network, as its options name it."""

    factory: str
    shape: tuple[int, ...]
    classes: int | None
    activations: Activations

    def score(self, how: _Setting) -> _Scored:
        """Score it on N(0, 1) images with random classes."""
        protocol = how.protocol
        if (protocol.weights, protocol.repeats, protocol.inputs) != ("space", 1, "auto"):
            message = "A network of --model keeps its weights and sees N(0, 1) images: leave out --preset and --inputs."
            raise ZcBenchError(message)
        device = find_device(how.device)
        network = build_network(self.factory, how.seed).to(device)
        first, other = (
            draw_images(self.shape, protocol.batch_size, how.seed, purpose).to(device)
            for purpose in ("batch", "second batch")
        )
        found = count_classes(self.factory, network, first)
        classes = self.classes or found
        labels, others = (
            draw_classes(classes, protocol.batch_size, how.seed, purpose).to(device)
            for purpose in ("labels", "second labels")
        )
        scores = score_network(
            network,
            first,
            labels,
            proxies=how.names,
            second=Batch(other, others),
            regularisation=_regularisation(protocol),
            activations=self.activations,
            seed=how.seed,
        )
        size = f"{protocol.batch_size} x {' x '.join(map(str, self.shape))}"
        heading = f"{self.factory}; seed {how.seed}; images: {size}, standard normal noise; {classes} classes"
        about = {
            "model": self.factory,
            "input": list(self.shape),
            "batch_size": protocol.batch_size,
        }
        return _Scored(heading, {**about, "classes": classes, "seed": how.seed}, scores)


def _regularisation(protocol: Protocol) -> Regularisation | None:
    """Return what reg_swap needs, if both numbers were given: for a stranger's network there is no rule."""
    if protocol.mu is None or protocol.sigma is None:
        return None
    return Regularisation(protocol.mu, protocol.sigma, protocol.size_unit)


def _json_score(score: Score) -> dict[str, object]:
    """NaN is no JSON: where there is no value there is none."""
    value = score.value if score.status is Status.DONE else None
    return {"value": value, "status": str(score.status), "reason": score.reason}
