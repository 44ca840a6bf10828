"""Findings become a page."""

import base64
import hashlib
import json
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from zc_bench.files import sha256
from zc_bench.report import colours, sheets
from zc_bench.report.cells import Cells
from zc_bench.report.findings import Findings
from zc_bench.report.points import points
from zc_bench.report.sources import Source
from zc_bench.tasks import tasks

POINTS = 2000
"""How many points a scatter plot holds, unless told otherwise."""

# Everything that enters the template is escaped, unless it is marked as markup.
_TEMPLATES = Environment(
    loader=PackageLoader("zc_bench", "report"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(findings: Findings, *, limit: int = POINTS) -> str:
    """Write the page.

    Args:
        findings: what it tells.
        limit: how many points a scatter plot holds at most.

    Returns:
        HTML that needs no other file; the same findings give the same text.
    """
    style, script = _part("report.css") + colours.style_sheet(), _part("report.js")
    data = _data(findings, limit)
    return _TEMPLATES.get_template("page.html").render(
        title=f"Zero-cost proxies on {', '.join(source.contents.space for source in findings.sources)}",
        policy=_policy(style, script),
        style=Markup(style),
        script=Markup(script),
        data=_as_script(data),
        facts=_facts(findings),
        lacking={source.contents.space: source.lacking for source in findings.sources if source.lacking},
        sampled=[column for column in data["columns"] if column["of"] > len(column["seeds"])],
        limit=limit,
        invalid={"worst": "rank behind all others", "drop": "are left out"}[findings.report.invalid],
        sheets={
            sheet.name: sheet
            for sheet in (
                sheets.heat_map(findings.report),
                sheets.numbers(findings),
                sheets.costs(findings),
                sheets.statuses(findings),
                sheets.reasons(findings),
            )
        },
        origins={source.contents.space: _origin(source) for source in findings.sources},
        version=version("zc-bench"),
    )


def _part(name: str) -> str:
    return files("zc_bench.report").joinpath(name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Forbid the page everything but its own style and script: names of a plug-in must not become a program."""
    return f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _as_script(data: dict[str, Any]) -> Markup:
    """Write JSON that cannot end the element that it stands in."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c"))


def _data(findings: Findings, limit: int) -> dict[str, Any]:
    """Gather what the script draws."""
    names = [str(name) for name in findings.report.spearman().index]
    columns = points(findings.rows, names, limit)
    cells = Cells()
    drawings: dict[str, dict[str, int]] = {}
    keys: list[str] = []
    drawn: list[list[list[int]]] = []
    # An architecture that several tasks and seeds have in common is told once.
    for column in columns:
        places = drawings.setdefault(column["space"], {})
        for key in column["architectures"]:
            if key not in places:
                places[key] = len(keys)
                keys.append(key)
                drawn.append(cells.draw(column["space"], key))
        column["architectures"] = [places[key] for key in column["architectures"]]
        column["metric"] = tasks[column["task"]].metric if column["task"] in tasks else "ground truth"
    costs = [
        {"proxy": str(proxy), "seconds": float(f"{seconds:.4g}"), "rho": round(rho, 4)}
        for proxy, seconds, rho in findings.costs.dropna().itertuples()
        if seconds > 0
    ]
    return {
        "proxies": names,
        "columns": columns,
        "keys": keys,
        "cells": drawn,
        "shapes": cells.shapes,
        "labels": cells.labels,
        "costs": costs,
    }


def _facts(findings: Findings) -> dict[str, str]:
    rows, report = findings.rows, findings.report
    architectures = rows.groupby("space")["architecture"].nunique()
    facts = {
        "Search spaces": ", ".join(architectures.index),
        "Tasks": ", ".join(dict.fromkeys(rows["task"])),
        "Proxies": f"{rows['proxy'].nunique()}: {', '.join(map(str, report.spearman().index))}",
        "Architectures": ", ".join(f"{count:,} of {space}" for space, count in architectures.items()),
        "Seeds": f"{rows['seed'].nunique()}: {', '.join(map(str, sorted(set(rows['seed']))))}",
        "n per seed": _range(findings.numbers["n"].min(), findings.numbers["n"].max()),
        "Scores": f"{len(rows):,}",
    }
    return facts | {source.contents.space: _rests_on(source) for source in findings.sources}


def _range(least: int, most: int) -> str:
    return f"{most:,}" if least == most else f"{least:,} to {most:,}"


def _rests_on(source: Source) -> str:
    """Say on which images scores rest, and what they are compared with."""
    size = source.contents.identity["protocol"].get("batch_size")
    images = dict.fromkeys(map(str, source.contents.about.get("images", {}).values()))
    said = {} if source.table is None else source.table.provenance
    known = ", ".join(str(said[name]) for name in ("source", "holds", "split") if name in said)
    parts = [f"{size} images per batch" if size else "", *images, f"ground truth: {known}" if known else ""]
    return "; ".join(part for part in parts if part)


def _origin(source: Source) -> dict[str, str]:
    """Tell everything that is recorded about a source, as JSON by heading."""
    contents = source.contents
    told: dict[str, Any] = {
        "files": {str(path): f"SHA-256 {sha256(path)}" for path in source.paths},
        "what scores depend on": contents.identity,
        "who computed them, and from what": contents.about,
        **{f"another who computed some ({place})": other for place, other in enumerate(contents.others, start=1)},
    }
    if source.table is not None:
        told["ground truth of this page"] = dict(source.table.provenance)
    return {heading: json.dumps(value, indent=2, ensure_ascii=False) for heading, value in told.items()}
