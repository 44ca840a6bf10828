"""One self-contained HTML page about stores: tables, heat map, points, costs, provenance.

`findings` counts, `summary` says what was found, `tables`, `payload` and `provenance` arrange, `page`
writes. The page is the template `page.html` with `report.css`, `tables.js` and `report.js` inside. It
loads nothing from the network. Audits and leaderboards have templates here as well.
"""

from zc_bench.report.findings import Findings, find
from zc_bench.report.page import render
from zc_bench.store.sources import Source, read_sources

__all__ = ["Findings", "Source", "find", "read_sources", "render"]
