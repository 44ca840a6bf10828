"""`zc-bench data`: the files that ground truth comes from."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Annotated

import typer

from zc_bench._internal.files import data_folder, explaining, sha256
from zc_bench.cli import console
from zc_bench.cli.application import new_group
from zc_bench.errors import ZcBenchError
from zc_bench.images import find_images
from zc_bench.spaces import space_registry
from zc_bench.tables import Table, TableDescription, describe_tables, fetch, import_file, load_table
from zc_bench.tables.catalogue import COMES_WITH, table_files
from zc_bench.tables.imported import scores_path, truth_path
from zc_bench.tasks import task_registry

app = new_group("Ground truth: what is here, where the rest comes from, and files of your own.")

SpaceArgument = Annotated[str, typer.Argument(help="Search space: see `zc-bench list spaces`.")]


@app.command(name="list")
def list_files() -> None:
    """List every known file of ground truth.

    Whether it is here, from where it comes, its licence and its rows.
    """
    public = [
        (
            entry.space,
            entry.file,
            _place(entry),
            f"{entry.rows:,}" if entry.rows else "",
            ", ".join(entry.tasks),
            entry.licence,
            entry.url,
        )
        for entry in describe_tables()
    ]
    own = [(space, path.name, "imported", "", "", "your own", "") for space, path in _imports()]
    headings = ("space", "file", "here", "rows", "tasks", "licence", "from")
    console.show_table(
        {name: "right" if name == "rows" else "left" for name in headings}, public + own
    )
    console.say(f"The data folder is {data_folder()}; set ZC_BENCH_DATA to use another.")


@app.command(name="fetch")
def fetch_file(
    space: SpaceArgument,
    file: Annotated[
        str,
        typer.Option(help="Which of the space's files.", show_default="the best that can be had"),
    ] = "",
) -> None:
    """Download a public file of a space into the data folder; a download that broke off goes on."""
    with explaining(data_folder()):
        console.out.print(console.plain(str(fetch(space, file))), soft_wrap=True)


@app.command(name="import")
def import_files(
    file: Annotated[Path, typer.Argument(help="A .zip, .json, .tfrecord or .csv file.")],
    space: Annotated[str, typer.Option(help="Search space: see `zc-bench list spaces`.")],
    task: Annotated[
        str,
        typer.Option(help="The task, where the file does not say it; of others, only this one."),
    ] = "",
    scores: Annotated[
        bool, typer.Option("--scores", help="Import published scores, and leave ground truth.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Import ground truth, and published scores of proxies, from a file of your own.

    Ground truth replaces the official numbers of the space in every later run, so the command asks
    first; --truth of `zc-bench correlate` takes a file for one run.

    It may be a zip or JSON of NAS-Bench-Suite-Zero, nasbench_only108.tfrecord, the DARTS file of
    SWAP's authors, or a CSV file: a column `arch` of architectures, as keys or quoted native
    strings; a column of ground truth called like its task, or `metric`, with the task in a column
    `task` or in --task; and a column per published proxy.
    """
    agree = (lambda _: True) if yes else _agree
    if not import_file(file, space, task, only_scores=scores, agree=agree):
        console.say("Nothing was imported.")
        raise typer.Exit(1)
    console.say(f"Imported from {file}: `zc-bench data doctor` shows what {space} has now.")


@app.command()
def verify() -> None:
    """Hash every known file in the data folder; exit with status 2 if one is not as published."""
    folder = data_folder()
    rows, wrong = [], []
    for entry in table_files():
        path = entry.find(folder)
        if path is None:
            continue
        actual = sha256(path)
        state = (
            ("as published" if actual == entry.sha256 else "WRONG")
            if entry.sha256
            else "no hash is published"
        )
        rows.append((str(path), state, actual))
        if state == "WRONG":
            wrong.append(f"{path} (get it anew from {entry.url})")
    console.show_table(dict.fromkeys(("file", "state", "sha256"), "left"), rows)
    if wrong:
        message = f"Not the published file: {', '.join(wrong)}."
        raise ZcBenchError(message)


@app.command()
def doctor() -> None:
    """Tell what is missing for which command, and what to type."""
    columns = {
        "space": "left",
        "task": "left",
        "architectures": "right",
        "ground truth": "left",
        "type": "left",
    }
    console.show_table(columns, [row for space in space_registry for row in _truth_health(space)])
    console.show_table(
        {"images of": "left", "here": "left"},
        [(name, _images_here(name)) for name in task_registry],
    )
    console.say(f"For other images, put the official files, or <task>.npz, into {data_folder()}.")
    columns = dict.fromkeys(("for", "needs", "here", "type"), "left")
    console.show_table(columns, [*_extras()])


def _imports() -> Iterator[tuple[str, Path]]:
    """Yield the space and the file of everything that was imported."""
    folder = data_folder()
    for space in space_registry:
        for path in (truth_path(folder, space), scores_path(folder, space)):
            if path.exists():
                yield space, path


def _place(entry: TableDescription) -> str:
    return entry.place if entry.place == COMES_WITH else "yes" if entry.place else "no"


def _agree(new: Table) -> bool:
    """Ask whether a table may become the ground truth of its space."""
    try:
        old = load_table(new.space).counts()
    except ZcBenchError:
        old = {}
    counts = new.counts()
    changes = [
        f"{task}: {counts.get(task, 0):,}"
        + (f" in place of {old[task]:,}" if task in old else "")
        + " architectures"
        for task in dict.fromkeys((*old, *counts))
    ]
    console.say(
        f"From now on, every run on {new.space} would rest on {new.provenance['file']}. {'; '.join(changes)}. "
        "For one run only, name the file there: --truth."
    )
    try:
        return typer.confirm("Import it?", err=True)
    except typer.Abort as error:
        message = "Nobody answered, so nothing was imported: in a script, say --yes."
        raise ZcBenchError(message) from error


def _truth_health(space: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield per task which ground truth a run would take, of how many architectures, and what to type if there is none.

    A damaged file is named, and hides nothing of the other spaces.
    """
    try:
        table = load_table(space)
    except ZcBenchError as error:
        known = any(entry.space == space and entry.downloadable for entry in table_files())
        remedy = (
            f"zc-bench data fetch {space}"
            if known
            else f"zc-bench data import <file> --space {space}"
        )
        yield (
            space,
            "",
            "0",
            str(error) if truth_path(data_folder(), space).exists() else "none",
            remedy,
        )
        return
    counts = table.counts()
    for task in space_registry[space].tasks:
        count = counts.get(task, 0)
        source = f"{table.provenance['source']}; {table.place}" if count else "none"
        remedy = "" if count else f"zc-bench data import <file> --space {space} --task {task}"
        yield space, task, f"{count:,}", source, remedy


def _images_here(task: str) -> str:
    try:
        return find_images(task_registry[task]).source
    except ZcBenchError as error:
        return str(error)


def _extras() -> Iterator[tuple[str, str, str, str]]:
    extras = {
        "triton": ("triton", "counting patterns on a CUDA device"),
        "dask": ("distributed", "runs on several machines"),
        "gdown": ("gdown", "files on Google Drive"),
        "analog": ("analognasbench", "a second training of all of nb201: --truth analog"),
    }
    for extra, (package, purpose) in extras.items():
        here = find_spec(package) is not None
        yield (
            purpose,
            package,
            "yes" if here else "no",
            "" if here else f"pip install 'zc-bench[{extra}]'",
        )
    browsers = ("chromium", "chromium-browser", "google-chrome")
    here = any(map(which, browsers))
    yield (
        "pictures of the report",
        "chromium",
        "yes" if here else "no",
        "" if here else "apt install chromium",
    )
