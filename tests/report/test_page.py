"""The page as a text: one file, well-formed, nothing from elsewhere, every number where it belongs."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest
from made_stores import SCRIPT
from typer.testing import CliRunner

import zc_bench.cli.report  # noqa: F401 (adds the command)
from zc_bench.cli import app
from zc_bench.report import Source, find, render
from zc_bench.store import Contents, Row

VOID = {"meta", "link", "br", "input", "wbr"}


class Reader(HTMLParser):
    """Reads elements with their attributes and texts, and insists that tags are closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements = [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        element = {"tag": tag, "text": "", **dict(attrs)}
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open.pop()["tag"] == tag

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def all(self, tag, **attributes):
        requested = {
            ("tag", tag),
            *((name.replace("_", "-"), value) for name, value in attributes.items()),
        }
        return [element for element in self.elements if requested <= element.items()]


@pytest.fixture(scope="session")
def read(page):
    return Reader(page)


def cells_of(read, table):
    """Return the rows of a table, texts only."""
    place = next(i for i, element in enumerate(read.elements) if element.get("id") == table)
    rows = []
    for element in read.elements[place + 1 :]:
        if element["tag"] == "table":
            break
        if element["tag"] == "tr":
            rows.append([])
        if element["tag"] in ("td", "th"):
            rows[-1].append(element)
    return rows


def test_nothing_comes_from_elsewhere(read, page):
    assert [e for e in read.elements if "src" in e] == []
    assert {e["href"] for e in read.elements if "href" in e if not e["href"].startswith("#")} == {
        "data:,"
    }
    assert not re.search(r"url\(|@import|fetch\(|XMLHttp|import\(", page)
    assert [
        name for e in read.elements for name in e if name.startswith("on") or name == "style"
    ] == []


def test_only_its_own_style_and_script_may_run(read):
    (policy,) = read.all("meta", http_equiv="Content-Security-Policy")
    (style,), (data, script) = read.all("style"), read.all("script")
    assert data["type"] == "application/json"
    for element, name in ((style, "style-src"), (script, "script-src")):
        digest = base64.b64encode(hashlib.sha256(element["text"].encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}'" in policy["content"]
    assert policy["content"].startswith("default-src 'none'")


def test_what_stores_say_is_text(read, page):
    assert SCRIPT not in page
    assert any(SCRIPT in element["text"] for element in read.all("td"))
    assert any("Nobody <trained> these." in element["text"] for element in read.all("p"))


def test_a_name_cannot_end_the_data(sources):
    first = sources[0]
    trials = {
        key: Row({f"{SCRIPT}@1": trial.scores["params@1"]}, {})
        for key, trial in first.contents.trials.items()
    }
    source = Source((), Contents(first.contents.fingerprints, {}, trials), first.table)
    text = render(find([source], resamples=2))
    assert SCRIPT not in text
    assert json.loads(Reader(text).all("script", id="data")[0]["text"])["proxies"] == [SCRIPT]


def test_ids_are_unique_and_links_lead_somewhere(read):
    ids = [element["id"] for element in read.elements if "id" in element]
    assert len(ids) == len(set(ids))
    for element in read.elements:
        named = element.get("aria-labelledby", element.get("aria-describedby"))
        assert named is None or named in ids
        assert not element.get("href", "").startswith("#") or element["href"][1:] in ids


def test_heat_map_says_what_the_report_says(read, findings):
    header, *rows = cells_of(read, "heat")
    means, spreads = findings.report.spearman(), findings.report.spread()
    assert [cell["text"].replace("\n", "-", 1) for cell in header] == ["proxy", *means.columns]
    assert [row[0]["text"] for row in rows] == list(means.index)
    for row, mean, spread in zip(rows, means.to_numpy(), spreads.to_numpy(), strict=True):
        for cell, m, s in zip(row[1:], mean, spread, strict=True):
            assert cell["text"].replace("\N{MINUS SIGN}", "-") == (
                f"{m:.2f}±{s:.2f}" if m == m else "–"
            )
            assert (cell.get("data-by") is None) == (m != m)


def test_every_table_is_whole(read, findings):
    header, *rows = cells_of(read, "numbers")
    assert len(rows) == len(findings.numbers)
    assert {len(row) for row in rows} == {len(header)}
    shown = {(row[0]["text"], row[2]["text"]): row[3].get("data-by") for row in rows}
    for number in findings.numbers.itertuples():
        by = shown[number.proxy, number.task]
        assert (
            by is None
            if number.spearman != number.spearman
            else float(by) == pytest.approx(number.spearman, rel=1e-5)
        )
    _, *costs = cells_of(read, "costs")
    assert {row[0]["text"]: row[1]["text"] for row in costs}["snip"] == "0.875"
    statuses = {tuple(cell["text"] for cell in row) for row in cells_of(read, "statuses")}
    assert ("zen@1", "nb201", "64", "16", "0", "0", "0", "0") in statuses
    assert ("zico@1", "tnb101_macro", "0", "0", "5", "0", "0", "0") in statuses
    reasons = [[cell["text"] for cell in row] for row in cells_of(read, "reasons")]
    assert ["snip", "nb201", "failed", "RuntimeError: boom", "8"] in reasons


def test_facts_and_origin_are_told(read, sources):
    facts = {
        name["text"]: value["text"]
        for name, value in zip(read.all("dt"), read.all("dd"), strict=True)
    }
    assert facts["Architectures"] == "20 of nb201, 5 of tnb101_macro"
    assert facts["Seeds"] == "2: 0, 1"
    assert facts["nb201"] == "32 images per batch; a pool of noise; ground truth: a & b, y"
    texts = [element["text"] for element in read.all("pre")]
    assert any('"device": "abacus"' in text for text in texts)
    digest = hashlib.sha256(sources[0].paths[0].read_bytes()).hexdigest()
    assert any(digest in text for text in texts)


def test_data_is_whole(read):
    data = json.loads(read.all("script", id="data")[0]["text"])
    assert len(data["keys"]) == len(data["cells"]) == 25
    assert {cost["proxy"] for cost in data["costs"]} == {"params", "snip", "zen"}
    for column in data["columns"]:
        assert column["metric"] == "accuracy, percent"
        assert {len(column[name]) for name in ("architectures", "seeds", "truth")} == {
            len(column["scores"][0])
        }


def test_same_findings_same_page(findings, page):
    assert render(findings) == page


def test_a_sample_is_said_to_be_one(findings, page):
    assert "chosen at random" not in page
    assert "Of more than 7 trials of a task, 7 are drawn, chosen at random" in render(
        findings, limit=7
    )


@pytest.mark.usefixtures("data_folder", "no_shipped_truth")
class TestCommand:
    def test_writes_beside_the_store(self, sources):
        store = sources[0].paths[0]
        result = CliRunner().invoke(app, ["report", str(store), str(sources[1].paths[0])])
        assert result.exit_code == 0, result.exception
        page = store.with_name("report.html")
        assert f"Written to {page}" in " ".join(result.stderr.split())
        assert "tnb101_macro goes without ground truth" in result.stderr
        assert (
            Reader(page.read_text(encoding="utf-8")).all("h1")[0]["text"]
            == "Zero-cost proxies on nb201, tnb101_macro"
        )

    def test_says_what_cannot_be_written(self, sources):
        result = CliRunner().invoke(
            app, ["report", str(sources[0].paths[0]), "--out", "/proc/no/report.html"]
        )
        assert "Could not write /proc/no/report.html" in str(result.exception)
