"""The page in Chromium.

It asks for nothing, sorts by keyboard, shows points and cells, is dark, small and printed.
"""

import json

import pytest
from browser import needs_chromium

pytestmark = needs_chromium

ENTER, END, HOME, LEFT, RIGHT = 13, 35, 36, 37, 39


@pytest.fixture
def seen(chromium, file):
    """The page, opened anew."""
    chromium.open(file)
    yield chromium
    assert chromium.complaints() == []
    assert chromium.requests() == [file.as_uri()]


@pytest.fixture(scope="module")
def data(page):
    text = page.partition('id="data">')[2].partition("</script>")[0]
    return json.loads(text)


def order(browser, table, place=0):
    return browser.evaluate(
        f"[...byId({table!r}).tBodies[0].rows].map((row) => row.cells[{place}].innerText)"
    )


def boxes_of(browser, selector):
    """Return left, top, right and bottom of elements, in pixels of the window."""
    elements = (
        f"[...document.querySelectorAll({selector!r})].map((element) => "
        "element.getBoundingClientRect())"
    )
    return browser.evaluate(
        f"{elements}.map(({{left, top, right, bottom}}) => [left, top, right, bottom])"
    )


def colours(browser, selector):
    style = f"getComputedStyle(document.querySelector({selector!r}))"
    return browser.evaluate(f"(({{color, backgroundColor}}) => [color, backgroundColor])({style})")


def test_headings_sort_by_keyboard(seen, findings):
    best = list(findings.report.spearman().index)
    column = findings.report.spearman().columns[0]
    by_column = findings.report.spearman()[column].dropna().sort_values()
    assert order(seen, "heat") == best
    seen.evaluate("document.querySelector('#heat thead button').focus()")
    seen.press("Enter", ENTER, "\r")
    assert order(seen, "heat") == sorted(best)
    assert seen.evaluate("byId('heat').tHead.rows[0].cells[0].ariaSort") == "ascending"
    seen.press("Enter", ENTER, "\r")
    assert order(seen, "heat") == sorted(best, reverse=True)
    seen.press("Tab", 9)
    assert seen.evaluate("document.activeElement.closest('th').cellIndex") == 1
    # Numbers: the largest first, and what is undefined last, in both directions.
    seen.press("Enter", ENTER, "\r")
    assert order(seen, "heat")[: len(by_column)] == list(by_column.index[::-1])
    assert seen.evaluate("byId('heat').tHead.rows[0].cells[1].ariaSort") == "descending"
    assert seen.evaluate("byId('heat').querySelectorAll('[aria-sort]').length") == 1
    seen.press("Enter", ENTER, "\r")
    assert order(seen, "heat")[: len(by_column)] == list(by_column.index)
    assert set(order(seen, "heat")) == set(best)


def test_arrow_keys_go_through_the_points_from_left_to_right(seen, data):
    seen.evaluate("byId('scatter').focus()")
    seen.press("Home", HOME)
    column, scores = data["columns"][0], data["columns"][0]["scores"][0]
    done = sorted((score, place) for place, score in enumerate(scores) if score is not None)
    for at in range(3):
        card = seen.evaluate("byId('card').innerText")
        trial = done[at][1]
        assert data["keys"][column["architectures"][trial]] in card
        assert (
            seen.evaluate("byId('card').querySelector('dd').innerText").replace("−", "-")
            == f"{done[at][0]:.5g}"
        )
        assert str(column["truth"][trial]) in card
        seen.press("ArrowRight", RIGHT)
    seen.press("End", END)
    assert data["keys"][column["architectures"][done[-1][1]]] in seen.evaluate(
        "byId('card').innerText"
    )
    seen.press("ArrowLeft", LEFT)
    assert data["keys"][column["architectures"][done[-2][1]]] in seen.evaluate(
        "byId('card').innerText"
    )


def test_the_mouse_shows_the_cell_of_a_point(seen, data):
    seen.evaluate("byId('scatter').scrollIntoView()")
    assert seen.evaluate("byId('card').querySelector('.cell')") is None
    left, top, *_ = boxes_of(seen, "#scatter")[0]
    x, y = seen.evaluate("[shown.points[5].x, shown.points[5].y]")
    x, y = left + x, top + y
    seen.point(x + 1, y)
    trial = seen.evaluate("shown.points[shown.at].trial")
    assert seen.evaluate("shown.at") == 5
    labels = [
        data["labels"][label][0]
        for label in data["cells"][data["columns"][0]["architectures"][trial]][0][1:]
    ]
    assert (
        seen.evaluate(
            "[...document.querySelectorAll('#card .cell text')].map((text) => text.textContent)"
        )
        == labels
    )
    seen.point(x - 2000, y)
    assert seen.evaluate("shown.at") == 5


def test_labels_of_a_cell_lie_within_their_boxes(seen):
    seen.evaluate("choose(3)")
    outside = """[...document.querySelectorAll('#card .cell rect')].filter((box) => {
        const [inner, outer] = [box.nextSibling, box].map((element) => element.getBoundingClientRect());
        return inner.left < outer.left || inner.right > outer.right || inner.top < outer.top - 1;
    }).length"""
    assert seen.evaluate(outside) == 0
    assert seen.evaluate("document.querySelectorAll('#card .cell rect').length") == 10


def test_a_cell_of_the_heat_map_chooses_the_points(seen):
    seen.evaluate(
        'document.querySelector(\'#heat td[data-column="nb201-cifar100"][title^="zen,"]\').click()'
    )
    assert seen.evaluate("byId('scatter').ariaLabel") == (
        "zen against ground truth: accuracy, percent, nb201 cifar100: 32 points"
    )


def test_ranks_share_ties(seen):
    assert seen.evaluate("ranks([3, 1, 3, 0, 3])") == [4, 2, 4, 1, 4]
    seen.evaluate("byId('scale').value = 'rank'; byId('scale').dispatchEvent(new Event('change'))")
    assert "rank of" in seen.evaluate("byId('scatter').textContent")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (-1.5, "−1.5"),
        (12345, "12345"),
        (1234500, "1.2345e6"),
        (2e6, "2e6"),
        (1e-5, "1e−5"),
        (-2.5e-7, "−2.5e−7"),
    ],
)
def test_numbers_are_short(seen, number, text):
    assert seen.evaluate(f"format({number})") == text


def test_without_ground_truth_scores_meet_each_other(seen, data):
    jigsaw = next(
        place for place, column in enumerate(data["columns"]) if column["task"] == "jigsaw"
    )
    seen.evaluate(f"byId('column').value = {jigsaw}; drawScatter()")
    assert "No architecture has both" in seen.evaluate("byId('scatter').textContent")
    params, snip = (data["proxies"].index(name) for name in ("params", "snip"))
    seen.evaluate(f"byId('x').value = {params}; byId('y').value = {snip}; drawScatter(); choose(0)")
    assert "unknown" in seen.evaluate("byId('card').innerText")


def test_names_of_proxies_do_not_cover_each_other(seen):
    boxes = boxes_of(seen, "#price .name")
    assert len(boxes) == 3
    touching = [
        (one, other)
        for place, one in enumerate(boxes)
        for other in boxes[:place]
        if one[0] < other[2]
        and other[0] < one[2]
        and one[1] + 2 < other[3]
        and other[1] + 2 < one[3]
    ]
    assert touching == []


@pytest.mark.parametrize("width", [320, 360, 768, 1400])
def test_nothing_is_wider_than_the_screen(chromium, file, width):
    chromium.open(file, width=width, height=740)
    chromium.evaluate("choose(0)")
    assert chromium.evaluate("document.documentElement.scrollWidth") <= width
    assert chromium.evaluate("byId('scatter').clientWidth") <= width
    assert chromium.complaints() == []


def test_dark_follows_the_reader_but_not_onto_paper(chromium, file):
    chromium.open(file)
    light = colours(chromium, "body"), colours(chromium, "#heat td[data-by]")
    chromium.media(dark=True)
    dark = colours(chromium, "body"), colours(chromium, "#heat td[data-by]")
    assert light[0] == ["rgb(28, 31, 35)", "rgb(255, 255, 255)"]
    assert dark[0] == ["rgb(230, 232, 235)", "rgb(20, 23, 27)"]
    assert light[1] != dark[1]
    chromium.media(dark=True, media="print")
    assert (colours(chromium, "body"), colours(chromium, "#heat td[data-by]")) == light
    assert chromium.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert (
        chromium.evaluate("getComputedStyle(document.querySelector('.scroll')).overflow")
        == "visible"
    )
    chromium.media()


def test_text_can_be_read_in_both(chromium, file):
    """Contrast of 4.5 between text and what is behind it, computed from what the browser shows."""
    from zc_bench.report.colours import contrast

    def rgb(text):
        return tuple(int(part) for part in text[text.index("(") + 1 : -1].split(",")[:3])

    behind = """[...document.querySelectorAll('p, dt, dd, caption, th, td, a, summary, label, footer')].map((e) => {
        let paper = e;
        while (paper.parentElement && getComputedStyle(paper).backgroundColor === 'rgba(0, 0, 0, 0)') {
          paper = paper.parentElement;
        }
        return [getComputedStyle(e).color, getComputedStyle(paper).backgroundColor, e.outerHTML.slice(0, 80)];
      })"""
    for dark in (False, True):
        chromium.open(file, dark=dark)
        found = chromium.evaluate(behind)
        assert len(found) > 200
        assert [which for ink, paper, which in found if contrast(rgb(ink), rgb(paper)) < 4.5] == []
