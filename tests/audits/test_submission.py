"""The check of submitted stores: every lie is refused, with the probability that it says."""

import math
import sys
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from typer.testing import CliRunner

import zc_bench as zb
from zc_bench.audits.detection import missed, trials_needed
from zc_bench.audits.submission import check_submission
from zc_bench.cli import app
from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.scores import Score, Status
from zc_bench.store import Contents, Row, TrialKey, hdf5, read_store


def by_brute_force(scores, forged, trials, together):
    """Count all choices of trials, and all choices of forged scores."""
    places = [trial for trial, count in enumerate(scores) for _ in range(count)]
    drawn = list(combinations(range(len(scores)), trials))
    sets = list(combinations(range(len(places)), forged))
    if together:
        fewest = min(len({places[place] for place in chosen}) for chosen in sets)
        sets = [chosen for chosen in sets if len({places[p] for p in chosen}) == fewest][:1]
    hidden = [
        not {places[place] for place in chosen} & set(some) for some in drawn for chosen in sets
    ]
    return np.mean(hidden)


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("scores", [[2, 2, 2, 2, 2], [1, 3, 2, 1, 3], [4, 1, 1]])
@pytest.mark.parametrize("trials", [1, 2, 3])
def test_the_probability_is_that_of_counting_all_choices(scores, trials, together):
    expected = by_brute_force(scores, 2, trials, together)
    assert missed(scores, 2, trials, together=together) == pytest.approx(expected, abs=1e-9)


def test_the_number_of_trials_is_the_smallest_that_suffices():
    for scores in ([17] * 1000, [7] * 300 + [17] * 700, [1] * 5000, [3] * 40):
        forged = math.ceil(0.01 * sum(scores))
        for together in (False, True):
            needed = trials_needed(scores, together=together)
            assert missed(scores, forged, needed, together=together) <= 0.01
            assert needed == 1 or missed(scores, forged, needed - 1, together=together) > 0.01
    # One score per trial, very many trials: the textbook's ln(0.01) / ln(0.99).
    assert trials_needed([1] * 1_000_000) == math.ceil(math.log(0.01) / math.log(0.99))


@pytest.fixture(scope="module")
def honest(tmp_path_factory, _data_home):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZC_BENCH_DATA", str(_data_home))
        result = zb.run(
            "nb201",
            tasks="cifar10",
            proxies=["params", "l2_norm", "flops"],
            samples=60,
            seeds=2,
            inputs="noise",
            budget="none",
            folder=tmp_path_factory.mktemp("honest"),
            progress=False,
        )
    return read_store(result.stores[0])


def stored(contents, path, trials=None, fingerprints=None):
    changed = Contents(
        fingerprints or contents.fingerprints,
        contents.provenance,
        contents.trials if trials is None else trials,
        contents.drawn,
    )
    hdf5.write(path, changed)
    return path


def forge(contents, share, generator):
    """Change some scores, each as likely as any other, by one percent."""
    places = [(key, column) for key, row in contents.trials.items() for column in row.scores]
    count = math.ceil(share * len(places))
    chosen = {places[at] for at in generator.choice(len(places), count, replace=False)}
    return {
        key: Row(
            {
                column: Score(score.value * 1.01, Status.DONE, "", score.seconds)
                if (key, column) in chosen
                else score
                for column, score in row.scores.items()
            }
        )
        for key, row in contents.trials.items()
    }


@pytest.mark.usefixtures("data_folder")
class TestStores:
    def test_an_honest_store_is_accepted(self, honest, tmp_path):
        found = check_submission(stored(honest, tmp_path / "a.h5"), seed=1, trials=10)
        assert found.accepted, found.refusals
        assert (found.trials, found.compared) == (10, 30)
        assert found.columns["version"].tolist() == found.columns["registered"].tolist()

    def test_one_forged_score_in_a_hundred_is_found_as_often_as_is_said(
        self, honest, tmp_path, monkeypatch
    ):
        """The trials that are drawn are compared with the honest scores, to save the computing."""
        scores = {key: row.scores for key, row in honest.trials.items()}

        class Remembered:
            def fingerprints(self, _registry):
                return honest.fingerprints

            def score(self, key, names):
                found = {name: scores[key][f"{name}@1"] for name in names}
                return type("Result", (), {"scores": found})

        for module in ("audits.submission", "execution.verify"):
            # The package has a function of the second module's name.
            place = sys.modules[f"zc_bench.{module}"]
            monkeypatch.setattr(place, "recorded_scorer", lambda *_: Remembered())
        monkeypatch.setattr("zc_bench.audits.submission._draws", lambda _: ())
        generator = np.random.default_rng(0)
        refused, said = [], []
        for seed in range(150):
            path = stored(honest, tmp_path / "forged.h5", forge(honest, 0.01, generator))
            found = check_submission(path, seed=seed, trials=45)
            refused.append(not found.accepted)
            said.append(found.scattered)
        expected = said[0]
        assert 0.7 < expected < 0.95, "neither sure nor hopeless, so that counting tells"
        error = math.sqrt(expected * (1 - expected) / len(refused))
        assert np.mean(refused) == pytest.approx(expected, abs=3 * error)
        enough = [
            check_submission(
                stored(honest, tmp_path / "forged.h5", forge(honest, 0.01, generator)), seed=seed
            )
            for seed in range(100)
        ]
        assert min(found.scattered for found in enough) >= 0.99
        assert sum(not found.accepted for found in enough) >= 97

    def test_a_forged_score_is_computed_again_and_named(self, honest, tmp_path):
        path = stored(honest, tmp_path / "a.h5", forge(honest, 1.0, np.random.default_rng(0)))
        found = check_submission(path, seed=3, trials=2)
        assert not found.accepted
        assert any("there," in reason and "here" in reason for reason in found.refusals)

    def test_chosen_architectures_are_refused(self, honest, tmp_path):
        keys = sorted(honest.trials)
        fewer = {key: honest.trials[key] for key in keys if key != keys[7]}
        found = check_submission(stored(honest, tmp_path / "a.h5", fewer), trials=1)
        assert any("are not the first that the seed draws" in reason for reason in found.refusals)

    def test_another_version_of_a_proxy_is_refused(self, honest, tmp_path, monkeypatch):
        newer = replace(proxy_registry["l2_norm"], version=2)
        monkeypatch.setitem(proxy_registry._items, "l2_norm", newer)
        found = check_submission(stored(honest, tmp_path / "a.h5"), trials=1)
        assert found.refusals == (
            "The scores of l2_norm are of version 1, and l2_norm has version 2 here: compute them again.",
        )
        assert found.compared == 0

    def test_failed_scores_and_unknown_proxies_are_refused(self, honest, tmp_path):
        trials = dict(honest.trials)
        key = min(trials)
        bad = {"params@1": Score(math.nan, Status.FAILED, "boom", 0.0)}
        trials[key] = Row(trials[key].scores | bad | {"mine@1": Score(1.0, Status.DONE, "", 0.0)})
        fingerprints = honest.fingerprints | {"mine@1": honest.fingerprints["params@1"]}
        path = stored(honest, tmp_path / "a.h5", trials, fingerprints)
        refusals = check_submission(path, trials=1).refusals
        assert any("mine is no proxy that is known here" in reason for reason in refusals)
        assert any("1 scores failed" in reason for reason in refusals)

    def test_the_command(self, honest, tmp_path):
        good = stored(honest, tmp_path / "good.h5")
        done = CliRunner().invoke(
            app, ["submit", "check", str(good), "--trials", "2", "--seed", "5"]
        )
        assert (done.exit_code, "Accepted." in done.stdout) == (0, True), done.output
        assert "seed of the check" in done.stdout
        path = stored(
            honest,
            tmp_path / "bad.h5",
            {TrialKey("cifar10", "(0, 0, 0, 0, 0, 0)", 0): honest.trials[min(honest.trials)]},
        )
        done = CliRunner().invoke(app, ["submit", "check", str(path), "--trials", "2"])
        assert (done.exit_code, "Refused" in done.stdout) == (1, True), done.output
