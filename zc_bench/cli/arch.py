"""`zc-bench arch`: what an architecture is, in every encoding, in numbers and as a picture."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from zc_bench import figures
from zc_bench._internal.files import explaining
from zc_bench.cli import console
from zc_bench.cli.application import new_group
from zc_bench.errors import ZcBenchError
from zc_bench.scoring import architecture_facts, number_of
from zc_bench.spaces import Architecture, space_registry
from zc_bench.spaces.encodings import encodings, read_architecture

app = new_group("Explain architectures: every encoding, sizes, a drawing.")

ArchitectureArgument = Annotated[
    str,
    typer.Argument(
        help="Its key, its authors' string, or, on nb201, its number in the authors' API (0 to 15624)."
    ),
]
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
    """Show every encoding of an architecture, and by task its accuracy, parameters, multiply-adds."""
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
            **number_of(found),
        }
    )
    rows = [_row(row) for row in architecture_facts(found).to_dict("records")]
    columns = {"task": "left", "truth": "right", "parameters": "right", "multiply-adds": "right"}
    console.show_table({**columns, "the truth is": "left"}, rows)
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


def _row(facts: Mapping[Hashable, Any]) -> tuple[str, ...]:
    """Write what is known of an architecture for one task."""
    known = {name: not pd.isna(facts[name]) for name in ("truth", "multiply_adds")}
    return (
        str(facts["task"]),
        f"{facts['truth']:.2f}" if known["truth"] else "unknown",
        f"{facts['parameters']:,}",
        f"{int(facts['multiply_adds']):,}" if known["multiply_adds"] else "unknown",
        str(facts["metric"]),
    )


def _read(text: str, space: str | None) -> Architecture:
    """Read an architecture of a named space, or of the only space that can read it."""
    if space is not None:
        return read_architecture(space_registry[space], text)
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
        return read_architecture(space_registry[space], text)
    except ZcBenchError:
        return None


def _shortened(text: str, width: int = 60) -> str:
    return text if len(text) <= width else f"{text[:width]}..."
