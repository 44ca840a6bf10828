"""No odd input ends in a traceback, a hang, a crash, or another value than was written."""

import pytest
from areas import AREAS

from fuzz import WRONG, fuzz


@pytest.mark.slow
@pytest.mark.parametrize("area", AREAS)
def test_nothing_goes_wrong(area: str) -> None:
    counts, wrong = fuzz(area, cases=60)
    assert {verdict: counts[verdict] for verdict in WRONG} == dict.fromkeys(WRONG, 0), "\n".join(
        wrong
    )
    assert sum(counts.values()) == 60
