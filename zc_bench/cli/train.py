"""`zc-bench train`: train what a search found, as the authors of DARTS do."""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Annotated, Any

import torch
import typer

from zc_bench import figures
from zc_bench._internal.durations import format_duration, parse_duration
from zc_bench._internal.environment import environment
from zc_bench._internal.files import explaining, replacing
from zc_bench._internal.interrupts import sigterm_as_ctrl_c
from zc_bench._internal.progress import Bar, Progress, progress_bar
from zc_bench.cli import console
from zc_bench.cli.application import new_app
from zc_bench.cli.options import DeviceOption, QuietOption
from zc_bench.errors import ZcBenchError
from zc_bench.execution import find_device
from zc_bench.spaces import space_registry
from zc_bench.spaces.darts.network import network_size
from zc_bench.spaces.darts.space import cells_of
from zc_bench.tasks import task_registry
from zc_bench.train import Data, Epoch, Plan, Recipe, find_data, recipes, train
from zc_bench.train.run import CHECKPOINT, LOG, Tick, log

RESULT = "result.json"


app = new_app()


@app.command()
def train_command(
    genotype: Annotated[
        str,
        typer.Argument(help="Genotype(...) or key of the space darts, or a file that holds it."),
    ],
    task: Annotated[
        str, typer.Option("--dataset", "--task", help="cifar10 or imagenet.")
    ] = "cifar10",
    preset: Annotated[str, typer.Option(help=f"Protocol by name: {', '.join(recipes)}.")] = "darts",
    inputs: Annotated[
        str,
        typer.Option(
            help="Images: auto for the data folder, or the path of a folder like it or of an .npz file."
        ),
    ] = "auto",
    epochs: Annotated[
        int | None, typer.Option(help="Times every image is seen.", show_default="the preset's")
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(help="N, images per step.", show_default="the preset's")
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="In the first epoch.", show_default="the preset's")
    ] = None,
    width: Annotated[
        int | None,
        typer.Option(help="C, channels of the first cells.", show_default="the preset's"),
    ] = None,
    cells: Annotated[
        int | None, typer.Option(help="Cells of the network.", show_default="the preset's")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of weights, order and views.")] = 0,
    smoke: Annotated[
        bool, typer.Option("--smoke", help="A try: two epochs of a small network with 512 images.")
    ] = False,
    device: DeviceOption = "auto",
    budget: Annotated[
        str, typer.Option(help="Begin no epoch after so long, e.g. 10m, 2h, none.")
    ] = "none",
    out: Annotated[
        Path | None,
        typer.Option(help="Folder of the results.", show_default="results/train-<task>-<digest>"),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start over; the old checkpoint is replaced.")
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Train a network of DARTS cells, and measure what it is worth.

    Stopped by Ctrl-C, SIGTERM or worse, the same command goes on after the last whole epoch.
    """
    seconds = parse_duration(budget)
    recipe = _recipe(preset, task, smoke)
    skeleton = replace(recipe.skeleton, **_given(width=width, cells=cells))
    changes = _given(epochs=epochs, batch_size=batch_size, learning_rate=learning_rate)
    plan = Plan(
        space_registry["darts"].parse(_text(genotype)),
        task,
        replace(recipe, skeleton=skeleton, **changes),
        seed,
    )
    data = find_data(task_registry[task], inputs)
    found = find_device(device)
    digest = hashlib.blake2b(plan.architecture.key.encode(), digest_size=4).hexdigest()
    folder = out or Path("results") / f"train-{task}-{digest}"
    if fresh:
        (folder / CHECKPOINT).unlink(missing_ok=True)
    if not quiet:
        console.say(f"Images for training: {data.training.source}")
        console.say(f"Images for validation: {_validation_source(data)}")
    done, interrupted = _run(plan, data, found, folder, seconds, quiet)
    if done:
        images = {"training": data.training.source, "validation": _validation_source(data)}
        _report(
            plan,
            done,
            folder,
            {"plan": plan.identity(data), "images": images, "environment": environment(found)},
        )
        console.say(f"Written to {folder}: {RESULT}, {LOG}, training.png and {CHECKPOINT}.")
    if interrupted:
        raise typer.Exit(130)


def _recipe(preset: str, task: str, smoke: bool) -> Recipe:
    known = recipes[preset]
    if task_registry[task].name not in known:
        message = (
            f"The training preset {preset!r} is for the tasks {', '.join(known)}, not for {task!r}."
        )
        raise ZcBenchError(message)
    return known[task].smoke() if smoke else known[task]


def _given(**options: float | None) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _text(genotype: str) -> str:
    """Return what was typed, or what stands in the file of that name."""
    # A genotype is longer than the name of a file can be.
    if len(genotype.encode(errors="replace")) >= 256 or not (path := Path(genotype)).is_file():
        return genotype
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        message = f"{path} is no text: give a file that holds a genotype."
        raise ZcBenchError(message) from error


def _validation_source(data: Data) -> str:
    held_out = data.validation is data.training
    return (
        f"every tenth of those, {len(data.validation_places):,}"
        if held_out
        else data.validation.source
    )


def _run(
    plan: Plan, data: Data, device: torch.device, folder: Path, budget: float, quiet: bool
) -> tuple[list[Epoch], bool]:
    """Train under a progress bar; return the epochs, and whether Ctrl-C ended it."""
    epochs: list[Epoch] = []
    start = time.monotonic()
    with sigterm_as_ctrl_c(), progress_bar(not quiet, "batches") as bar:
        try:
            for epoch in train(plan, data, device, folder, tick=_shown(bar)):
                epochs.append(epoch)
                if time.monotonic() - start > budget and epoch.epoch < plan.recipe.epochs:
                    console.say("The budget is used up: run the same command again to go on.")
                    break
        except KeyboardInterrupt:
            console.say("Stopped: run the same command again to go on after the last whole epoch.")
            return epochs, True
    return epochs, False


def _shown(bar: Bar) -> Tick:
    """Return what shows every batch on a progress bar, with the time that is left."""
    start = time.monotonic()
    computed = count(1)

    def tick(done: int, total: int) -> None:
        here, seconds = next(computed), time.monotonic() - start
        bar.show(Progress(done, total, here, 0, seconds, seconds / here * (total - done)))

    return tick


def _report(plan: Plan, epochs: Sequence[Epoch], folder: Path, about: Mapping[str, object]) -> None:
    parameters = network_size(
        cells_of(plan.architecture), task_registry[plan.task].outputs, plan.recipe.skeleton
    )
    seconds = sum(epoch.seconds for epoch in epochs)
    result = {
        "genotype": space_registry["darts"].native(plan.architecture),
        "parameters": parameters,
        "epochs": len(epochs),
        "whole": len(epochs) == plan.recipe.epochs,
        "validation_accuracy": epochs[-1].validation_accuracy,
        "validation_top5": epochs[-1].validation_top5,
        "best_validation_accuracy": max(epoch.validation_accuracy for epoch in epochs),
        "seconds": seconds,
    }
    with explaining(folder):
        with replacing(folder / RESULT) as path:
            path.write_text(
                json.dumps({**result, **about}, indent=2, ensure_ascii=False) + "\n",
                encoding="utf-8",
                errors="backslashreplace",
            )
        title = f"{plan.task}, {parameters:,} parameters"
        figures.save(figures.draw_training(log(epochs), title), folder, "training")
    shown = {
        "epochs": f"{len(epochs)} of {plan.recipe.epochs}",
        "parameters": f"{parameters:,}",
        "validation accuracy": f"{epochs[-1].validation_accuracy:.2f} %",
        "among the first five": f"{epochs[-1].validation_top5:.2f} %",
        "training loss": f"{epochs[-1].training_loss:.4f}",
        "time": format_duration(seconds),
    }
    console.show_facts(shown)
