"""A page for every task."""

from collections.abc import Iterator

from generator.markdown import facts, page, plain, table
from zc_bench.spaces import space_registry
from zc_bench.tables.catalogue import table_files
from zc_bench.tasks import Task, task_registry


def pages() -> Iterator[tuple[str, str]]:
    """Yield the pages of all tasks."""
    rows = [
        (
            f"[{task.name}]({task.name}.md)",
            plain(task.dataset),
            _target(task),
            plain(task.metric),
        )
        for task in task_registry.values()
    ]
    columns = ("task", "inputs", "target", "ground truth; higher is better")
    yield (
        "tasks/index.md",
        page("# Tasks", table(columns, rows), _IMAGES, "```bash\nzc-bench list tasks\n```"),
    )
    for task in task_registry.values():
        yield f"tasks/{task.name}.md", _page(task)


_IMAGES = """\
## Images

::: zc_bench.images
    options:
      members: false
      show_root_heading: false"""


def _page(task: Task) -> str:
    channels = {
        "mean, per channel": ", ".join(f"{value:.4g}" for value in task.mean),
        "standard deviation": ", ".join(f"{value:.4g}" for value in task.std),
    }
    return page(
        f"# {task.name}",
        facts(
            {
                "inputs": f"{plain(task.dataset)}, {task.input}",
                **({} if task.vocabulary else channels),
                "target": _target(task),
                "loss": plain(task.objective),
                "ground truth": f"{plain(task.metric)}; higher is better",
            }
        ),
        "## Spaces\n\nWhich number the ground truth is, by file:",
        table(("space", "file", "split", "epochs", "trainings averaged", "licence"), _rows(task)),
        "[The page of all tasks](index.md#images) says where images are found, and how to use your own.",
    )


def _target(task: Task) -> str:
    return f"{task.target} of {task.outputs}" if task.outputs else task.target


def _rows(task: Task) -> Iterator[tuple[object, ...]]:
    for space in sorted(name for name in space_registry if task.name in space_registry[name].tasks):
        link = f"[{space}](../spaces/{space}.md)"
        entries = [
            entry
            for entry in table_files()
            if space in entry.spaces and task.name in entry.tasks and not entry.metrics
        ]
        for entry in entries:
            known = entry.facts(task.name)
            numbers = (
                "not stated" if value is None else value for value in (known.epochs, known.runs)
            )
            yield link, plain(entry.file), plain(known.split), *numbers, plain(entry.licence)
        if not entries:
            yield link, "none is known", "", "", "", ""
