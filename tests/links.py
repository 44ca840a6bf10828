"""Links of a built site: which of them lead nowhere."""

from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class _Page(HTMLParser):
    """What a page links to, and what can be linked to in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value is not None:
                self.links.append(value)
            elif name == "id" or (tag == "a" and name == "name"):
                self.anchors.add(value or "")


_read = cache(_Page)


def internal_links(site: Path) -> Iterator[tuple[Path, str]]:
    """List the links of all pages, pictures, scripts and style sheets among them, that stay within the site."""
    for page in sorted(site.rglob("*.html")):
        for link in _read(page).links:
            parts = urlsplit(link)
            if not parts.scheme and not parts.netloc:
                yield page, link


def leads_somewhere(site: Path, page: Path, link: str) -> bool:
    """Return whether there is such a file in the site, and in it such an anchor."""
    parts = urlsplit(link)
    # 404.html is shown in any folder, so only its links begin at the root.
    path = parts.path.removeprefix("/") if page.name == "404.html" else parts.path
    target = (page.parent / unquote(path)).resolve() if path else page.resolve()
    if not target.is_relative_to(site.resolve()) or not target.is_file():
        return False
    return not parts.fragment or unquote(parts.fragment) in _read(target).anchors


def broken_links(site: Path) -> list[str]:
    """List the internal links that lead nowhere, as "page: link"."""
    return [
        f"{page.relative_to(site)}: {link}"
        for page, link in internal_links(site)
        if not leads_somewhere(site, page, link)
    ]
