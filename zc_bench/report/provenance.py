"""The provenance of a report: counts, environments and inputs of its scores."""

import json
from typing import Any

from zc_bench._internal.files import sha256
from zc_bench.report.findings import Findings
from zc_bench.store import grouped
from zc_bench.store.sources import Source


def facts(findings: Findings) -> dict[str, str]:
    """State the counts, and the inputs of the scores of each search space."""
    rows, report = findings.rows, findings.report
    architectures = rows.groupby("space")["architecture"].nunique()
    told = {
        "Search spaces": ", ".join(architectures.index),
        "Tasks": ", ".join(dict.fromkeys(rows["task"])),
        "Proxies": f"{rows['proxy'].nunique()}: {', '.join(map(str, report.spearman().index))}",
        "Architectures": ", ".join(
            f"{count:,} of {space}" for space, count in architectures.items()
        ),
        "Seeds": f"{rows['seed'].nunique()}: {', '.join(map(str, sorted(set(rows['seed']))))}",
        "n per seed": _range(findings.numbers["n"].min(), findings.numbers["n"].max()),
        "Scores": f"{len(rows):,}",
    }
    return told | {source.contents.space: _rests_on(source) for source in findings.sources}


def origin(source: Source) -> dict[str, str]:
    """Return the complete record of a source, as JSON by heading."""
    contents = source.contents
    told: dict[str, Any] = {
        "files": {str(path): f"SHA-256 {sha256(path)}" for path in source.paths},
        "what scores depend on": grouped(contents.fingerprints),
        "who computed them, and from what": contents.provenance,
        **{
            f"another who computed some ({place})": other
            for place, other in enumerate(contents.other_provenance, start=1)
        },
    }
    if source.table is not None:
        told["ground truth of this page"] = dict(source.table.provenance)
    return {
        heading: json.dumps(value, indent=2, ensure_ascii=False) for heading, value in told.items()
    }


def _range(least: int, most: int) -> str:
    return f"{most:,}" if least == most else f"{least:,} to {most:,}"


def _rests_on(source: Source) -> str:
    """Describe the images of the scores, and their ground truth."""
    size = source.contents.protocol.get("batch_size")
    images = dict.fromkeys(map(str, source.contents.provenance.get("images", {}).values()))
    said = {} if source.table is None else source.table.provenance
    known = ", ".join(str(said[name]) for name in ("source", "holds") if name in said)
    parts = [
        f"{size} images per batch" if size else "",
        *images,
        f"ground truth: {known}" if known else "",
    ]
    return "; ".join(part for part in parts if part)
