"""Writing the page."""

import base64
import hashlib
import json
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from zc_bench.report import colours
from zc_bench.report import tables as sheets
from zc_bench.report.findings import Findings
from zc_bench.report.payload import gather
from zc_bench.report.provenance import facts, origin

POINTS = 2000
"""The largest number of points of a scatter plot, by default."""

# All values in the template are escaped, unless they are marked as markup.
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
        findings: the numbers of the page.
        limit: the largest number of points of a scatter plot.

    Returns:
        HTML that needs no other file. It depends on the findings alone.
    """
    style, script = _part("report.css") + colours.style_sheet(), _part("report.js")
    data = gather(findings, limit)
    return _TEMPLATES.get_template("page.html").render(
        title=f"Zero-cost proxies on {', '.join(source.contents.space for source in findings.sources)}",
        policy=_policy(style, script),
        style=Markup(style),
        script=Markup(script),
        data=_as_script(data),
        facts=facts(findings),
        lacking={
            source.contents.space: source.lacking for source in findings.sources if source.lacking
        },
        sampled=[column for column in data["columns"] if column["of"] > len(column["seeds"])],
        limit=limit,
        invalid={"worst": "rank behind all others", "drop": "are left out"}[
            findings.report.invalid
        ],
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
        origins={source.contents.space: origin(source) for source in findings.sources},
        version=version("zc-bench"),
    )


def _part(name: str) -> str:
    return files("zc_bench.report").joinpath(name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Allow the page its own style and script alone, so that names of plug-ins cannot run."""
    return (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _as_script(data: dict[str, Any]) -> Markup:
    """Write JSON that cannot close its script element."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c"))
