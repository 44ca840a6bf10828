"""`zc-bench list` and `zc-bench explain`: what there is, and how a run would go."""

from typing import Annotated, Literal

import typer

from zc_bench import console
from zc_bench.cli.app import app
from zc_bench.cli.options import ProxiesOption, names_in
from zc_bench.observe import plan
from zc_bench.observe import proxies as known_proxies
from zc_bench.passes.trial import Trial
from zc_bench.proxies.reg_swap import Regularisation
from zc_bench.spaces import spaces
from zc_bench.tables import describe_tables
from zc_bench.tasks import tasks


@app.command(name="list")
def listnames_in(
    kind: Annotated[Literal["proxies", "spaces", "tasks", "tables"], typer.Argument(help="What to list.")],
) -> None:
    """List what there is."""
    {"proxies": _list_proxies, "spaces": _list_spaces, "tasks": _list_tasks, "tables": _list_tables}[kind]()


def _list_proxies() -> None:
    console.show_proxies(known_proxies.values())


def _list_spaces() -> None:
    rows = [(space.name, f"{space.size:,}", ", ".join(space.tasks)) for space in spaces.values()]
    console.show_table({"space": "left", "architectures": "right", "tasks": "left"}, rows)


def _list_tasks() -> None:
    rows = [
        (task.name, str(task.outputs), f"3 x {task.image_size} x {task.image_size}", task.metric)
        for task in tasks.values()
    ]
    console.show_table({"task": "left", "classes": "right", "images": "left", "ground truth": "left"}, rows)


def _list_tables() -> None:
    rows = [
        (table.space, table.file, "yes" if table.present else "no", ", ".join(table.tasks), table.licence, table.url)
        for table in describe_tables()
    ]
    console.show_table(dict.fromkeys(("space", "file", "here", "tasks", "licence", "from"), "left"), rows)


@app.command()
def explain(proxies: ProxiesOption = "") -> None:
    """Show which passes over the network run, each once, and which proxies they serve."""
    console.show_plan(plan(names_in(proxies) or known_proxies, (Trial, Regularisation)))
