"""A page for every search space: encodings, network, ground truth."""

import inspect
import re
import sys
from collections.abc import Iterator
from importlib import import_module

from generator.markdown import page, plain, table
from generator.measured import png
from generator.tables import files, measurements
from zc_bench.figures import draw_cells
from zc_bench.seeding import numpy_generator
from zc_bench.spaces import Architecture, SearchSpace, space_registry
from zc_bench.spaces.encodings import encodings
from zc_bench.tasks import task_registry

_MEMBERS = "    options:\n      members: [sample, neighbours, build]"


def pages() -> Iterator[tuple[str, str | bytes]]:
    """Yield the pages and pictures of all spaces."""
    yield (
        "spaces/index.md",
        page("# Search spaces", overview(), "```bash\nzc-bench list spaces\n```"),
    )
    for space in _ours():
        example = space.sample(numpy_generator(0, "example of the documentation"))
        yield f"spaces/{space.name}.md", _page(space, example)
        yield f"spaces/{space.name}.png", png(draw_cells(space.graphs(example)))


def overview() -> str:
    """Write a table of all spaces."""
    rows = [
        (
            f"[{space.name}]({space.name}.md)",
            plain(_summary(space)),
            f"{space.size:,}",
            ", ".join(space.tasks),
        )
        for space in _ours()
    ]
    return table(("space", "what it is", "architectures", "tasks"), rows)


def _ours() -> list[SearchSpace]:
    return [
        space_registry[name]
        for name in sorted(space_registry)
        if type(space_registry[name]).__module__.startswith("zc_bench.spaces.")
    ]


def _module(space: SearchSpace) -> str:
    """Return the docstring of the module that registers a space by its name, or of its class."""
    registers = re.compile(rf'register\(\s*"{space.name}"')
    modules = [
        module
        for name, module in sys.modules.items()
        if name.startswith("zc_bench.spaces.") and registers.search(inspect.getsource(module))
    ]
    return inspect.getdoc(modules[0] if modules else import_module(type(space).__module__)) or ""


def _summary(space: SearchSpace) -> str:
    return _module(space).splitlines()[0]


def _page(space: SearchSpace, example: Architecture) -> str:
    kind = type(space)
    return page(
        f"# {space.name}",
        *map(plain, _module(space).split("\n\n")),
        f"{space.size:,} architectures; tasks: {', '.join(f'[{task}](../tasks/{task}.md)' for task in space.tasks)}.",
        f"## Encodings\n\nAn architecture, drawn at random, in every encoding; the key and the native string are read "
        f"everywhere.\n\n![Its cells]({space.name}.png)",
        *(_encoded(name, space, example) for name in encodings),
        f'```bash\nzc-bench arch show --space {space.name} "{_quoted(example.key)}"\n```',
        f"## Network\n\n::: {kind.__module__}.{kind.__qualname__}\n{_MEMBERS}",
        "Parameters of the example, by task:",
        table(
            ("task", "parameters"),
            [(task, f"{space.parameters(example, task_registry[task]):,}") for task in space.tasks],
        ),
        "## Ground truth",
        measurements([space.name])
        or "None is known: proxies can be computed and searches run, correlations not.",
        files([space.name]),
    )


def _encoded(name: str, space: SearchSpace, example: Architecture) -> str:
    meaning = (inspect.getdoc(encodings[name]) or "").splitlines()[0]
    return f"`{name}`: {plain(meaning)}\n\n```text\n{encodings[name](space, example)}\n```"


def _quoted(key: str) -> str:
    return key.replace('"', '\\"')
