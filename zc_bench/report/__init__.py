"""One self-contained HTML page about stores: tables, heat map, points, costs, provenance.

`sources` reads, `findings` counts, `sheets`, `drawn` and `origin` arrange, `page` writes. The page
is the template `page.html` with `report.css` and `report.js` inside. It loads nothing from the
network.
"""

from zc_bench.report.findings import Findings, find
from zc_bench.report.page import render
from zc_bench.store.sources import Source, read_sources

__all__ = ["Findings", "Source", "find", "read_sources", "render"]
