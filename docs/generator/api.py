"""Pages of the API: what each public package names as its own."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

import zc_bench
from generator.markdown import page
from zc_bench.engine.declare import pass_registry

# Proxies have pages of their own, and so have the commands.
ELSEWHERE = {"_internal", "cli", "kernels", "passes", "proxies"}
MODULES = ("registry", "sampling", "seeding")


def pages() -> Iterator[tuple[str, str]]:
    """Yield a page per public package, and one of all passes with their observations."""
    yield "api/index.md", _page("zc_bench")
    packages = [found.name for found in pkgutil.iter_modules(zc_bench.__path__) if found.ispkg]
    for name in sorted({*packages, *MODULES} - ELSEWHERE):
        yield f"api/{name}.md", _page(f"zc_bench.{name}")
    modules = sorted({entry.function.__module__ for entry in pass_registry.values()})
    ours = [name for name in modules if name.startswith("zc_bench.passes.")]
    blocks = [
        f"## {name.rpartition('.')[2]}\n\n::: {name}\n    options:\n{_NO_HEADING}" for name in ours
    ]
    yield (
        "api/passes.md",
        page("# zc_bench.passes", "Passes, and the observations that they produce.", *blocks),
    )


_NO_HEADING = "      show_root_heading: false"


def _page(name: str) -> str:
    return page(f"# {name}", f"::: {name}\n    options:\n{_options(name)}")


def _options(name: str) -> str:
    """Show what a package exports, and of a module whatever is public."""
    module = import_module(name)
    exported = getattr(module, "__all__", ())
    members = [member for member in exported if not isinstance(getattr(module, member), ModuleType)]
    return _NO_HEADING + (f"\n      members: [{', '.join(members)}]" if members else "")
