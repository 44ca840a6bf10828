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
    "shipped": tables.shipped,
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
        entries: paths, or titles with a path or with entries; a path that ends in / is a folder.
        paths: of all files.
    """
    return [
        {title: _place(below, paths) for title, below in entry.items()}
        if isinstance(entry, dict)
        else entry
        for entry in entries
    ]


def _place(below: str | Sequence[Any], paths: Sequence[str]) -> str | list[Any]:
    """Return the path of a page, the pages below a folder, or the entries of a group."""
    if not isinstance(below, str):
        return expand(below, paths)
    if not below.endswith("/"):
        return below
    found = {page for page in paths if page.startswith(below) and page.endswith(".md")}
    return sorted(found, key=lambda page: (not page.endswith("/index.md"), page))
