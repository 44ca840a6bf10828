"""Writing the page."""

import base64
import hashlib
import json
from collections.abc import Sequence
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
from zc_bench.report.summary import sentences

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
    data = gather(findings, limit)
    return fill(
        "page.html",
        ("tables.js", "report.js"),
        title=f"Zero-cost proxies on {', '.join(source.contents.space for source in findings.sources)}",
        data=as_script(data),
        found=sentences(findings),
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
    )


def fill(template: str, scripts: Sequence[str], *, style: str = "", **values: Any) -> str:
    """Fill a template with values, the style and the scripts of all pages.

    Args:
        template: the name of a template in this folder.
        scripts: the names of scripts in this folder, which run in this order.
        style: what the page adds to the style.
        **values: the values of the template; those that are no markup are escaped.

    Returns:
        HTML that needs no other file.
    """
    sheet = part("report.css") + colours.style_sheet() + style
    script = "".join(map(part, scripts))
    return _TEMPLATES.get_template(template).render(
        policy=_policy(sheet, script),
        style=Markup(sheet),
        script=Markup(script),
        version=version("zc-bench"),
        **values,
    )


def part(name: str) -> str:
    """Read a file of this folder."""
    return files("zc_bench.report").joinpath(name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Allow the page its own style and script alone, so that names of plug-ins cannot run."""
    return (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def as_script(data: Any) -> Markup:
    """Write JSON that cannot close its script element."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c"))
