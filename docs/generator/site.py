"""The whole site: generated pages, generated tables, navigation."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from generator import api, commands, figures, presets, proxies, spaces, tables, tasks

# What pages ask for by a comment, <!-- generated: NAME -->.
TABLES: Mapping[str, Callable[[], str]] = {
    "differences": figures.differences,
    "figure4": figures.measured,
    "files": tables.files,
    "groups": proxies.groups,
    "passes": proxies.passes,
    "presets": presets.settings,
    "recipes": presets.trainings,
    "reproductions": figures.reproductions,
}

_ASKED = re.compile(r"<!-- generated: (\w+) -->")


def pages() -> dict[str, str | bytes]:
    """Return what is generated, by path in the documentation."""
    return {
        **dict(proxies.pages()),
        **dict(spaces.pages()),
        **dict(tasks.pages()),
        **dict(api.pages()),
        **dict(figures.pages()),
        "commands.md": commands.text(),
    }


def fill(markdown: str) -> str:
    """Put tables where a page asks for them."""
    return _ASKED.sub(lambda found: TABLES[found[1]](), markdown)


def expand(entries: Sequence[Any], paths: Sequence[str]) -> list[Any]:
    """Replace a folder in the navigation by the pages in it, its index first.

    Args:
        entries: titles with paths; one that ends in / is a folder.
        paths: of all files.
    """
    return [{title: _place(path, paths)} for entry in entries for title, path in entry.items()]


def _place(path: str, paths: Sequence[str]) -> str | list[str]:
    """Return the path of a page, or the pages below a folder, its index first."""
    if not path.endswith("/"):
        return path
    found = {page for page in paths if page.startswith(path) and page.endswith(".md")}
    return sorted(found, key=lambda page: (not page.endswith("/index.md"), page))
