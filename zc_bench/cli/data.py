"""`zc-bench data`: the files that ground truth comes from."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Annotated

import typer

from zc_bench._internal.files import data_folder, explaining, sha256
from zc_bench.cli import console
from zc_bench.cli.app import group
from zc_bench.errors import ZcBenchError
from zc_bench.images import find_images
from zc_bench.spaces import space_registry
from zc_bench.tables import describe_tables, fetch, import_file
from zc_bench.tables.catalogue import table_files
from zc_bench.tables.imported import scores_path, truth_path
from zc_bench.tasks import task_registry

data = group(
    "data", "Ground truth: what is here, where the rest comes from, and files of your own."
)

SpaceArgument = Annotated[str, typer.Argument(help="Search space: see `zc-bench list spaces`.")]


@data.command(name="list")
def list_files() -> None:
    """List every known file of ground truth: whether it is here, from where it comes, its licence and its rows."""
    public = [
        (
            entry.space,
            entry.file,
            "yes" if entry.present else "no",
            f"{entry.rows:,}" if entry.rows else "",
            ", ".join(entry.tasks),
            entry.licence,
            entry.url,
        )
        for entry in describe_tables()
    ]
    own = [(space, path.name, "yes", "", "", "your own", "imported") for space, path in _imports()]
    headings = ("space", "file", "here", "rows", "tasks", "licence", "from")
    console.show_table(
        {name: "right" if name == "rows" else "left" for name in headings}, public + own
    )
    console.say(f"The data folder is {data_folder()}; set ZC_BENCH_DATA to use another.")


@data.command(name="fetch")
def fetch_file(
    space: SpaceArgument,
    file: Annotated[
        str,
        typer.Option(help="Which of the space's files.", show_default="the best that can be had"),
    ] = "",
) -> None:
    """Download a space's ground truth into the data folder; a download that broke off goes on."""
    with explaining(data_folder()):
        console.out.print(console.plain(str(fetch(space, file, say=console.say))), soft_wrap=True)


@data.command(name="import")
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
) -> None:
    """Import ground truth, and published scores of proxies, from a file of your own.

    It may be a zip or JSON of NAS-Bench-Suite-Zero, nasbench_only108.tfrecord, the DARTS file of SWAP's authors, or a
    CSV file: a column `arch` of architectures, as keys or quoted native strings; a column of ground truth called like
    its task, or `metric`, with the task in a column `task` or in --task; and a column per published proxy.
    """
    import_file(file, space, task, only_scores=scores, say=console.say)


@data.command()
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


@data.command()
def doctor() -> None:
    """Tell what is missing for which command, and what to type."""
    columns = {"ground truth of": "left", "here": "left", "type": "left"}
    console.show_table(columns, [(space, *_truth_health(space)) for space in space_registry])
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


def _truth_health(space: str) -> tuple[str, str]:
    """Return which file of ground truth a run would take, and what to type for a better one."""
    folder = data_folder()
    imported = truth_path(folder, space)
    if imported.exists():
        return str(imported), ""
    known = [entry for entry in table_files() if entry.space == space]
    if not known:
        return "none", f"zc-bench data import <file> --space {space}"
    best, here = known[0], next((path for entry in known if (path := entry.find(folder))), None)
    return str(
        here or "none"
    ), "" if here and here.name == best.file else f"zc-bench data fetch {space}"


def _images_here(task: str) -> str:
    try:
        return find_images(task_registry[task]).source
    except ZcBenchError as error:
        return str(error)


def _extras() -> Iterator[tuple[str, str, str, str]]:
    packages = {
        "triton": "counting patterns on a CUDA device",
        "distributed": "runs on several machines",
        "gdown": "files on Google Drive",
    }
    for package, purpose in packages.items():
        here = find_spec(package) is not None
        yield purpose, package, "yes" if here else "no", "" if here else f"pip install {package}"
    browsers = ("chromium", "chromium-browser", "google-chrome")
    here = any(map(which, browsers))
    yield (
        "pictures of the report",
        "chromium",
        "yes" if here else "no",
        "" if here else "apt install chromium",
    )
