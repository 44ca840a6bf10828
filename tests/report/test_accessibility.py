"""What axe-core finds: no barrier in the report.

`AXE_CORE` names axe.min.js of the npm package axe-core.
"""

import json
import os
from pathlib import Path

import pytest
from browser import needs_chromium

AXE = os.environ.get("AXE_CORE", "")

pytestmark = [
    needs_chromium,
    pytest.mark.skipif(not AXE, reason="needs AXE_CORE=.../axe.min.js: npm install axe-core"),
    pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"]),
    pytest.mark.parametrize("width", [400, 1280]),
]

FINDINGS = """axe.run({resultTypes: ['violations']}).then(({violations, passes}) => JSON.stringify({
    passes: passes.length,
    violations: violations.map(({id, impact, help, nodes}) => [
        id, impact, help, nodes.slice(0, 5).map((node) => `${node.target}: ${node.any.map((each) => each.message)}`)
    ]),
}))"""


def axe_on(browser):
    """Return how many rules of axe-core the page keeps, and those that it breaks."""
    browser.evaluate(f"{Path(AXE).read_text(encoding='utf-8')}; 1")
    found = json.loads(browser.evaluate(FINDINGS))
    return found["passes"], found["violations"]


def test_has_no_serious_finding(chromium, file, width, dark):
    chromium.open(file, width=width, dark=dark)
    kept, broken = axe_on(chromium)
    assert kept > 10
    assert [finding for finding in broken if finding[1] in ("serious", "critical")] == []


def test_a_fault_is_found(chromium, file, width, dark):
    chromium.open(file, width=width, dark=dark)
    chromium.evaluate(
        "document.querySelector('p').style.color = getComputedStyle(document.body).backgroundColor"
    )
    assert "color-contrast" in [finding[0] for finding in axe_on(chromium)[1]]
