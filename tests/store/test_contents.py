"""What a store holds, as a table."""

import math

from store_writer import TRIAL

from zc_bench.engine.scores import Score, Status
from zc_bench.store import Contents, Row, column_name


class TestFrame:
    def test_has_a_row_per_trial_and_score(self):
        scores = {
            "swap@1": Score(3.0, Status.DONE, "", 0.5),
            "snip@12": Score(math.nan, Status.UNDEFINED, "no labels", 0.0),
        }
        frame = Contents({}, {}, {TRIAL: Row(scores, {})}).frame()
        assert frame.to_dict("records")[0] == {
            "task": "cifar10",
            "architecture": "(4, 0, 3, 1, 4, 3)",
            "seed": 0,
            "proxy": "swap",
            "version": 1,
            "score": 3.0,
            "status": "done",
            "reason": "",
            "seconds": 0.5,
        }
        assert frame.loc[1, ["proxy", "version", "status", "reason"]].tolist() == [
            "snip",
            12,
            "undefined",
            "no labels",
        ]

    def test_of_an_empty_store_has_the_columns(self):
        frame = Contents({}, {}).frame()
        assert frame.empty
        assert list(frame)[:5] == ["task", "architecture", "seed", "proxy", "version"]

    def test_column_names_hold_name_and_version(self):
        assert column_name("swap", 3) == "swap@3"
