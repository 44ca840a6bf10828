"""`zc-bench list`: what there is."""

from typing import Annotated, Literal

import typer

from zc_bench.catalogue import list_measurements, list_spaces, list_tasks
from zc_bench.cli import console
from zc_bench.cli.application import new_app
from zc_bench.engine.declare import proxy_registry as known_proxies
from zc_bench.paper.catalogue import reproductions
from zc_bench.spaces import space_registry
from zc_bench.tables import describe_tables, known_truths

app = new_app()


@app.command()
def listing(
    kind: Annotated[
        Literal["proxies", "spaces", "tasks", "tables", "figures"],
        typer.Argument(help="What to list."),
    ],
) -> None:
    """List what there is."""
    {
        "proxies": _list_proxies,
        "spaces": _list_spaces,
        "tasks": _list_tasks,
        "tables": _list_tables,
        "figures": _list_figures,
    }[kind]()


def _list_proxies() -> None:
    console.show_proxies(known_proxies.values())


def _list_spaces() -> None:
    rows = [
        (str(name), f"{row['architectures']:,}", str(row["tasks"]))
        for name, row in list_spaces().iterrows()
    ]
    console.show_table({"space": "left", "architectures": "right", "tasks": "left"}, rows)


def _list_tasks() -> None:
    inputs = [
        (
            str(name),
            f"{row['dataset']}, {row['input']}",
            f"{row['target']} of {row['outputs']}" if row["outputs"] else str(row["target"]),
            str(row["loss"]),
            f"{row['metric']}; higher is better",
        )
        for name, row in list_tasks().iterrows()
    ]
    headings = ("task", "inputs", "target", "loss", "ground truth")
    console.show_table(dict.fromkeys(headings, "left"), inputs)
    measured = [
        tuple("not stated" if value is None else str(value) for value in row)
        for row in list_measurements().itertuples(index=False)
    ]
    columns = dict.fromkeys(("space", "task", "split"), "left")
    columns |= dict.fromkeys(("epochs", "runs averaged"), "right")
    console.show_table(columns, measured, "How the ground truth was measured")


def _list_tables() -> None:
    rows = [
        (
            table.space,
            table.file,
            table.place or "no",
            ", ".join(table.tasks),
            table.licence,
            table.url,
        )
        for table in describe_tables()
    ]
    console.show_table(
        dict.fromkeys(("space", "file", "here", "tasks", "licence", "from"), "left"), rows
    )
    named = [
        (space, name, meaning)
        for space in space_registry
        for name, meaning in known_truths(space).items()
    ]
    title = "Other metrics to correlate with: --truth NAME"
    console.show_table(dict.fromkeys(("space", "name", "what it is"), "left"), named, title)


def _list_figures() -> None:
    rows = [(name, figure.shows) for name, figure in reproductions().items()]
    console.show_table(dict.fromkeys(("figure or table", "what it shows"), "left"), rows)
