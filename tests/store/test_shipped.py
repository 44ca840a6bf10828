"""The shipped scores: small, whole, of the current proxies.

Their correlations are those of scipy.
"""

from pathlib import Path

import pytest
from scipy.stats import spearmanr

from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.derived import computed_names
from zc_bench.proxies.groups import default_proxies
from zc_bench.report import read_sources
from zc_bench.statistics.correlate import correlate
from zc_bench.store import column_name, read_store
from zc_bench.tables import load_table

FOLDER = Path(__file__).parents[2] / "results" / "shipped"
SHIPPED = sorted(FOLDER.glob("*.h5"))
ALL = {
    column_name(name, proxy_registry[name].version) for name in computed_names(default_proxies())
}
# The proxies of one forward pass, without Gaussian or linearised networks; reg_swap is derived.
FORWARD = {
    column_name(name, proxy_registry[name].version)
    for name in ("swap", "nwot", "linear_regions", "params", "flops", "l2_norm")
}


def test_there_is_one_of_every_space_with_ground_truth():
    spaces = {read_store(path).space for path in SHIPPED}
    convolutions = {"nb101", "nb201", "nb301", "tnb101_micro", "tnb101_macro"}
    assert convolutions | {"flexibert", "flexibert_256", "flexibert_trained"} == spaces


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_trial_has_the_scores_of_a_forward_pass_and_many_have_all(path):
    contents = read_store(path)
    assert all(set(trial.scores) >= FORWARD for trial in contents.trials.values())
    assert sum(set(trial.scores) >= ALL for trial in contents.trials.values()) >= 20
    assert path.stem.startswith(contents.space)
    assert not contents.drawn


def test_together_they_are_small():
    assert sum(path.stat().st_size for path in SHIPPED) < 20_000_000


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_correlations_are_those_of_scipy(path, tmp_path):
    (source,) = read_sources([path])
    rows = source.rows()
    rows = rows[rows["proxy"].isin(["swap", "params", "reg_swap"])]
    ours = correlate(rows, resamples=1).correlations
    ours = ours.set_index(["task", "proxy", "seed"])["spearman"]
    truth = load_table(source.contents.space, folder=tmp_path)
    for (task, proxy, seed), trials in rows.groupby(["task", "proxy", "seed"]):
        accuracies = truth.lookup(task, trials["architecture"].tolist())
        expected = spearmanr(trials["score"], accuracies)[0]
        assert ours[task, proxy, seed] == pytest.approx(expected, abs=1e-9)
