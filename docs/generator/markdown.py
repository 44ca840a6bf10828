"""Text and tables in Markdown."""

import re
from collections.abc import Iterable, Mapping, Sequence


def plain(text: object) -> str:
    """Write text so that it is read as it stands; what is between backticks stays code."""
    parts = str(text).split("`")
    parts[::2] = [re.sub(r"([\\*_<>\[\]|#])", r"\\\1", part) for part in parts[::2]]
    parts[1::2] = [part.replace("|", "\\|") for part in parts[1::2]]
    return " ".join("`".join(parts).split())


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table; cells are Markdown."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def facts(values: Mapping[str, object]) -> str:
    """Write a list of facts by name; they are Markdown."""
    return "\n".join(f"- **{name}**: {value}" for name, value in values.items())


def page(*parts: str) -> str:
    """Join paragraphs, leaving out empty ones."""
    return "\n\n".join(part for part in parts if part) + "\n"
