"""`zc-bench list` and `zc-bench explain`: what there is, and how a run would go."""

from typing import Annotated, Literal

import typer

from zc_bench.cli import console
from zc_bench.cli.app import app
from zc_bench.cli.options import ProxiesOption, names_in
from zc_bench.cli.paper import reproductions
from zc_bench.engine.declare import proxy_registry as known_proxies
from zc_bench.engine.plan import plan
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.proxies.reg_swap import Regularisation
from zc_bench.spaces import space_registry
from zc_bench.tables import describe_tables, facts, known_truths
from zc_bench.tasks import task_registry


@app.command(name="list")
def listnames_in(
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
        (space.name, f"{space.size:,}", ", ".join(space.tasks)) for space in space_registry.values()
    ]
    console.show_table({"space": "left", "architectures": "right", "tasks": "left"}, rows)


def _list_tasks() -> None:
    images = [
        (
            task.name,
            f"{task.dataset}, 3 x {task.image_size} x {task.image_size}",
            f"{task.target} of {task.outputs}",
            task.objective,
            f"{task.metric}; higher is better",
        )
        for task in task_registry.values()
    ]
    console.show_table(
        dict.fromkeys(("task", "images", "target", "loss", "ground truth"), "left"), images
    )
    measured = [
        (space.name, task, known.split, _or_unknown(known.epochs), _or_unknown(known.runs))
        for space in space_registry.values()
        for task in space.tasks
        if (known := facts(space.name, task))
    ]
    columns = {
        "space": "left",
        "task": "left",
        "split": "left",
        "epochs": "right",
        "runs averaged": "right",
    }
    console.show_table(columns, measured, "How the ground truth was measured")


def _or_unknown(number: int | None) -> str:
    return "not stated" if number is None else str(number)


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


@app.command()
def explain(proxies: ProxiesOption = "") -> None:
    """Show which passes over the network run, each once, and which proxies they serve."""
    console.show_plan(plan(names_in(proxies) or known_proxies, (TrialInputs, Regularisation)))
