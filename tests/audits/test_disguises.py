"""The audit finds out fakes, by name, and accuses no honest score."""

import fakes
import numpy as np
import pytest

import zc_bench as zb


@pytest.fixture(scope="module")
def made():
    return fakes.drawn()


def audited(made, fake):
    found = zb.audit("fake", scores=fakes.rows_of(made, fake(made)), resamples=200)
    table = found.disguises.set_index("name")
    return table["found"], table["sentence"]


@pytest.mark.parametrize(
    ("fake", "name", "sentence"),
    [
        (fakes.random, "random", "It cannot be told from a random score"),
        (fakes.params, "baseline", "It is params in disguise"),
        (fakes.depth, "baseline", "It is depth in disguise"),
        (fakes.lucky_seed, "seed", "The seed decides: rho with the truth is"),
        (fakes.seed_sets_level, "seed", "The seed decides: the seed explains 9"),
        (fakes.unrepeatable, "seed", "two seeds give one architecture unrelated scores"),
        (fakes.constant_in_strata, "size", "It is constant within strata: 100% of the pairs"),
    ],
)
def test_a_fake_is_found_out_by_name(made, fake, name, sentence):
    found, said = audited(made, fake)
    assert found[name]
    assert sentence in said[name]


@pytest.mark.parametrize("baseline", ["params", "depth", "layers"])
def test_a_baseline_itself_is_found_out(made, baseline):
    found, said = audited(made, lambda made: made[baseline])
    assert found["baseline"]
    assert said["baseline"].startswith(
        f"It is {baseline} in disguise: its rho with {baseline} is 1.00"
    )


def test_an_honest_score_is_accused_of_nothing(made):
    found, said = audited(made, fakes.honest)
    assert not found.any(), said.tolist()
    assert said["random"] == "It is no random score: rho is not zero on 1 of 1 columns."


def test_the_reverse_of_a_score_is_found_out_as_well(made):
    found, said = audited(made, lambda made: -fakes.params(made))
    assert found["baseline"]
    assert "params in disguise: its rho with params is −0." in said["baseline"]


def test_few_architectures_do_not_accuse(made):
    few = made.groupby("seed").head(20)
    rows = fakes.rows_of(few, fakes.honest(few))
    assert not zb.audit("fake", scores=rows, resamples=50).disguises["found"].any()


def test_the_top_is_told_from_range_restriction(made):
    """A score that turns around at the top is worse than both noisy perfect scores; they are not."""
    truth = made["truth"]
    turned = np.where(truth.rank(pct=True) > 0.85, 2 * truth.quantile(0.85) - truth, truth)
    noise = np.random.default_rng(1).normal(size=len(made))
    for score, worse in (
        (turned + 0.1 * noise, 1),
        (truth.rank() + 600 * noise, 0),
        (truth + 5 * noise, 0),
    ):
        found = zb.audit("fake", scores=fakes.rows_of(made, score), resamples=50)
        assert f"worse than both on {worse} of 1 columns" in found.findings["finding"][3]
