"""`zc-bench score`: the scores of one architecture."""

import json

import numpy as np
import pytest
from command_line import ARCHITECTURE, correlate
from scipy.stats import percentileofscore

from zc_bench.proxies.groups import default_proxies
from zc_bench.store import read_store

pytestmark = pytest.mark.usefixtures("data_folder")


class TestScore:
    WORDS = (
        "score",
        "--space",
        "nb201",
        "--task",
        "cifar10",
        "--inputs",
        "noise",
        "--batch-size",
        "4",
    )

    def test_prints_a_table(self, zc_bench):
        status, out, err = zc_bench(*self.WORDS, "--arch", ARCHITECTURE, "--proxies", "params,swap")
        assert status == 0
        assert ["params", "0.129306"] in [line.split() for line in out.splitlines()]
        assert f"{ARCHITECTURE} = |avg_pool_3x3~0|" in err
        assert "seed 0; images: standard normal noise" in err

    def test_json_is_json_and_nothing_else(self, zc_bench):
        status, out, err = zc_bench(*self.WORDS, "--arch", ARCHITECTURE, "--json")
        assert (status, err) == (0, "")
        document = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
        assert document["space"] == "nb201"
        assert document["task"] == "cifar10"
        assert document["architecture"] == ARCHITECTURE
        assert document["seed"] == 0
        assert tuple(document["scores"]) == default_proxies()
        assert document["scores"]["params"] == {"value": 0.129306, "status": "done", "reason": ""}

    def test_an_invalid_score_has_no_value(self, zc_bench):
        # Nothing is connected: the loss has no gradient.
        _, out, _ = zc_bench(*self.WORDS, "--arch", "(1, 1, 1, 1, 1, 1)", "--json")
        scores = json.loads(out)["scores"].values()
        assert {entry["value"] is None for entry in scores if entry["status"] != "done"} <= {True}
        assert all(entry["reason"] for entry in scores if entry["status"] != "done")

    def test_takes_the_native_string(self, zc_bench):
        native = "|avg_pool_3x3~0|+|skip_connect~0|none~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_1x1~2|"
        _, by_native, _ = zc_bench(
            *self.WORDS, "--arch", native, "--json", "--proxies", "grad_norm"
        )
        _, by_key, _ = zc_bench(
            *self.WORDS, "--arch", ARCHITECTURE, "--json", "--proxies", "grad_norm"
        )
        assert by_native == by_key

    def test_tells_the_place_among_shipped_scores(self, zc_bench, tmp_path, monkeypatch):
        zc_bench(*correlate(tmp_path, samples=12, proxies="params,swap,reg_swap", seeds=1))
        (tmp_path / "scores.h5").rename(tmp_path / "nb201.h5")
        monkeypatch.setenv("ZC_BENCH_SHIPPED", str(tmp_path))
        words = (*self.WORDS, "--arch", ARCHITECTURE, "--proxies", "params,swap,reg_swap,grad_norm")
        _, out, _ = zc_bench(*words, "--json")
        found = json.loads(out)["scores"]
        rows = read_store(tmp_path / "nb201.h5").trials.values()
        for name in ("params", "swap"):
            others = np.array([row.scores[f"{name}@1"].value for row in rows])
            expected = percentileofscore(others, found[name]["value"], kind="mean")
            assert found[name]["percentile"] == pytest.approx(expected)
        assert found["reg_swap"]["among"] == 12
        assert "percentile" not in found["grad_norm"]
        _, out, _ = zc_bench(*words)
        assert "percentile" in out
        # Other images: nothing to compare with.
        _, out, _ = zc_bench(*words, "--batch-size", 5, "--json")
        found = json.loads(out)["scores"]
        assert "percentile" not in found["swap"]
        assert "percentile" in found["params"]

    def test_is_the_number_of_a_run_to_the_last_bit(self, zc_bench, tmp_path):
        zc_bench(*correlate(tmp_path, samples=1, proxies="params,grad_norm,swap"))
        for key, trial in read_store(tmp_path / "scores.h5").trials.items():
            words = (
                "--arch",
                key.architecture,
                "--seed",
                key.seed,
                "--json",
                "--proxies",
                "params,grad_norm,swap",
            )
            _, out, _ = zc_bench(*self.WORDS, *words)
            ours = {name: entry["value"].hex() for name, entry in json.loads(out)["scores"].items()}
            assert ours == {
                column.partition("@")[0]: entry.value.hex()
                for column, entry in trial.scores.items()
            }
