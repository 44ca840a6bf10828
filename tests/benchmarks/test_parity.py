"""The page of parity and its picture: two seeds of ours make a ceiling, one makes none."""

import pandas as pd
import pytest

from parity import draw, page

FACTS = {"space": "nb201", "stem": "parity", "images": "none"}


def table(**ceiling):
    rows = [("jacov", 9, 0.5, 0.0, 1), ("snip", 10, 0.98765, 1.0, 0)]
    frame = pd.DataFrame(
        rows, columns=["proxy", "n", "with published", "equal", "only ours invalid"]
    )
    frame.insert(0, "source", "a release")
    frame.insert(1, "task", "cifar10")
    if ceiling:
        frame.insert(5, "between our seeds", ceiling["ceiling"])
    return frame


def labels(figure):
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def test_two_seeds_stand_beside_their_ceiling():
    found = table(ceiling=[0.25, 0.75])
    text = page(found, "A note.", **FACTS)
    assert (
        "| proxy | n | with published | between our seeds | equal | only ours invalid |\n|---|--:|--:|"
        in text
    )
    assert "| snip | 10 | 0.988 | 0.750 | 100% | 0 |" in text
    assert "*Between our seeds*" in text
    assert labels(draw(found)) == ["between two of our seeds", "with the published score"]


def test_one_seed_has_no_ceiling_in_page_and_picture():
    text = page(table(), "A note.", **FACTS)
    assert "| jacov | 9 | 0.500 | 0% | 1 |" in text
    assert "etween our seeds" not in text
    assert labels(draw(table())) == ["with the published score"]


@pytest.mark.parametrize(
    "found", [table(), table(ceiling=[0.75, 0.25])], ids=["one seed", "two seeds"]
)
def test_proxies_stand_in_the_order_of_the_first_number_that_there_is(found):
    names = [label.get_text() for label in draw(found).axes[0].get_yticklabels()]
    assert names == (["snip", "jacov"] if "between our seeds" in found else ["jacov", "snip"])
