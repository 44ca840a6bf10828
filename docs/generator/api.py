"""Pages of the API: what each public package names as its own."""

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

from generator.markdown import page
from zc_bench.observe import passes

# In the order of the design: from what everybody uses to what those need who add something.
PACKAGES = (
    "zc_bench",
    "zc_bench.correlate",
    "zc_bench.evaluate",
    "zc_bench.figures",
    "zc_bench.inputs",
    "zc_bench.observe",
    "zc_bench.search",
    "zc_bench.seeding",
    "zc_bench.spaces",
    "zc_bench.statistics",
    "zc_bench.store",
    "zc_bench.tables",
    "zc_bench.tasks",
    "zc_bench.testing",
)


def pages() -> Iterator[tuple[str, str]]:
    """Yield a page per package, and one of all passes with what they give."""
    for name in PACKAGES:
        yield f"api/{name}.md", page(f"# {name}", f"::: {name}\n    options:\n{_options(name)}")
    modules = sorted({entry.function.__module__ for entry in passes.values()})
    ours = [name for name in modules if name.startswith("zc_bench.passes.")]
    blocks = [
        f"## {name.rpartition('.')[2]}\n\n::: {name}\n    options:\n      show_root_heading: false" for name in ours
    ]
    yield "api/zc_bench.passes.md", page("# zc_bench.passes", "Passes, and the observations that they give.", *blocks)


def _options(name: str) -> str:
    """Show what a package exports, and of a module whatever is public."""
    module = import_module(name)
    exported = getattr(module, "__all__", ())
    members = [member for member in exported if not isinstance(getattr(module, member), ModuleType)]
    return "      show_root_heading: false" + (f"\n      members: [{', '.join(members)}]" if members else "")
