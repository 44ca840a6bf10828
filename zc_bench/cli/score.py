"""`zc-bench score`: one architecture."""

import json
from typing import Annotated

import typer

from zc_bench import console
from zc_bench.cli.app import app
from zc_bench.cli.options import (
    BatchOption,
    DeviceOption,
    InputsOption,
    MuOption,
    PresetOption,
    ProxiesOption,
    SigmaOption,
    SpaceOption,
    names_in,
    protocol_from,
)
from zc_bench.evaluate import find_device
from zc_bench.inputs import find_images
from zc_bench.lab import Lab
from zc_bench.observe import Score, Status
from zc_bench.observe import proxies as known_proxies
from zc_bench.spaces import spaces
from zc_bench.store import TrialKey
from zc_bench.tasks import tasks


@app.command()
def score(
    space: SpaceOption,
    arch: Annotated[str, typer.Option(help="Architecture: its key, or its authors' string.")],
    task: Annotated[str, typer.Option(help="Task: see `zc-bench list tasks`.")],
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
    """Score one architecture: the same numbers as in a run with that seed."""
    architecture = spaces[space].parse(arch)
    pool = find_images(tasks[task], inputs)
    lab = Lab(space, protocol_from(preset, batch_size, inputs, mu, sigma), {task: pool}, find_device(device))
    names = names_in(proxies) or tuple(known_proxies)
    scores = lab.observe(TrialKey(task, architecture.key, seed), names).scores
    if as_json:
        trial = {"space": space, "task": task, "architecture": architecture.key, "seed": seed, "images": pool.source}
        document = {**trial, "scores": {name: _json_score(scores[name]) for name in names}}
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    console.say(f"{architecture} = {spaces[space].native(architecture)}; seed {seed}; images: {pool.source}")
    console.show_scores({name: scores[name] for name in names})


def _json_score(score: Score) -> dict[str, object]:
    """NaN is no JSON: where there is no value there is none."""
    value = score.value if score.status is Status.DONE else None
    return {"value": value, "status": str(score.status), "reason": score.reason}
