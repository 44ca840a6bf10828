"""`zc-bench arch`: what an architecture is, in every encoding, in numbers and as a picture."""

from pathlib import Path
from typing import Annotated

import typer

from zc_bench import figures
from zc_bench._internal.files import explaining
from zc_bench.cli import console
from zc_bench.cli.application import new_group
from zc_bench.errors import ZcBenchError
from zc_bench.spaces import Architecture, space_registry
from zc_bench.spaces.encodings import encodings
from zc_bench.tasks import task_registry

app = new_group("Explain architectures: every encoding, sizes, a drawing.")

ArchitectureArgument = Annotated[str, typer.Argument(help="Its key, or its authors' string.")]
SpaceOption = Annotated[
    str | None, typer.Option(help="Search space.", show_default="the only one that it can be of")
]


@app.command()
def show(
    architecture: ArchitectureArgument,
    space: SpaceOption = None,
    out: Annotated[
        Path | None, typer.Option(help="Draw its cells: a .png; a .pdf is put beside it.")
    ] = None,
) -> None:
    """Show every encoding of an architecture, its parameters for every task, and its cells."""
    found = _read(architecture, space)
    owner = space_registry[found.space]
    # Drawn first: a picture that cannot be written is told before anything else is.
    if out is not None:
        picture = figures.draw_cells(owner.graphs(found), f"{owner.name}  {_shortened(found.key)}")
        with explaining(out):
            figures.save(picture, out.parent, out.stem)
    console.show_facts(
        {
            "space": owner.name,
            **{name: write(owner, found) for name, write in encodings.items()},
            **{
                f"parameters, {task}": f"{owner.parameters(found, task_registry[task]):,}"
                for task in owner.tasks
            },
        }
    )
    if out is not None:
        console.say(f"Drawn to {out.with_suffix('.png')} and {out.with_suffix('.pdf')}.")


@app.command()
def convert(
    architecture: ArchitectureArgument,
    to: Annotated[str, typer.Option(help=f"One of {', '.join(encodings)}.")] = "native",
    space: SpaceOption = None,
) -> None:
    """Write an architecture in another encoding."""
    write = encodings[to]
    found = _read(architecture, space)
    typer.echo(write(space_registry[found.space], found))


def _read(text: str, space: str | None) -> Architecture:
    """Read an architecture of a named space, or of the only space that can read it."""
    if space is not None:
        return space_registry[space].parse(text)
    found = [
        architecture
        for owner in space_registry.values()
        if (architecture := _try(owner.name, text))
    ]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(architecture.space for architecture in found)
        message = f"{text!r} is an architecture of {names}: choose one with --space."
    else:
        message = (
            f"{text!r} is no architecture of {', '.join(space_registry)}: name its --space to hear "
            "what is wrong with it."
        )
    raise ZcBenchError(message)


def _try(space: str, text: str) -> Architecture | None:
    try:
        return space_registry[space].parse(text)
    except ZcBenchError:
        return None


def _shortened(text: str, width: int = 60) -> str:
    return text if len(text) <= width else f"{text[:width]}..."
