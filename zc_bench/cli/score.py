"""`zc-bench score`: one architecture of a space, or any network."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

import typer

from zc_bench.cli import console
from zc_bench.cli.application import new_app
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
from zc_bench.engine.factory import parse_shape
from zc_bench.engine.scores import Score, Status
from zc_bench.errors import ZcBenchError
from zc_bench.execution.percentile import Percentile
from zc_bench.passes.activations import Activations
from zc_bench.scoring import score_architecture, score_factory

app = new_app()


@app.command()
def score(
    space: Annotated[str, typer.Option(help="Search space: see `zc-bench list spaces`.")] = "",
    arch: Annotated[
        str, typer.Option(help="Architecture: its key, authors' string, or, on nb201, number.")
    ] = "",
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
            max=1_000_000,
            help="With --model: how many classes labels are drawn from.",
            show_default="outputs",
        ),
    ] = None,
    activations: Annotated[
        Activations,
        typer.Option(help="With --model: patterns of ReLU alone, or also of GELU and its like."),
    ] = "relu",
    seed: Annotated[int, typer.Option(help="Seed of weights and batch.")] = 0,
    proxies: ProxiesOption = None,
    preset: PresetOption = "swap-paper",
    batch_size: BatchOption = None,
    inputs: InputsOption = "auto",
    mu: MuOption = None,
    sigma: SigmaOption = None,
    device: DeviceOption = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score one architecture, with the same numbers as in a run with that seed.

    Or any network, on N(0, 1) images.
    """
    console.silence(as_json)
    protocol = protocol_from(preset, batch_size, inputs, mu, sigma)
    names = names_in(proxies)
    if _is_model(
        {"--space": space, "--arch": arch, "--task": task}, {"--model": model, "--input": input_}
    ):
        scored = score_factory(
            model,
            parse_shape(input_),
            classes=classes,
            activations=activations,
            proxies=names,
            protocol=protocol,
            seed=seed,
            device=device,
        )
    else:
        scored = score_architecture(
            space, arch, task, proxies=names, protocol=protocol, seed=seed, device=device
        )
    if as_json:
        scores = {
            name: _json_score(score, scored.percentiles.get(name))
            for name, score in scored.scores.items()
        }
        typer.echo(json.dumps({**scored.facts, "scores": scores}, indent=2, ensure_ascii=False))
        return
    console.say(scored.heading)
    console.show_scores(scored.scores, scored.percentiles)


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


def _json_score(score: Score, percentile: Percentile | None) -> dict[str, object]:
    """NaN is no JSON: where there is no value there is none."""
    value = score.value if score.status is Status.DONE else None
    place = {} if percentile is None else asdict(percentile)
    return {
        "value": value,
        "status": str(score.status),
        "reason": score.reason,
        **({"percentile": place["value"], "among": place["among"]} if place else {}),
    }
