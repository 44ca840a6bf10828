"""The scores that the repository ships: small, whole, and of the proxies as they are now."""

from pathlib import Path

import pytest

from zc_bench.observe import proxies
from zc_bench.store import column_name, read_store

SHIPPED = sorted((Path(__file__).parents[2] / "results" / "shipped").glob("*.h5"))


def test_there_are_some():
    assert len(SHIPPED) == 6


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_trial_has_all_seventeen_scores_of_the_present_versions(path):
    contents = read_store(path)
    columns = {column_name(name, proxies[name].version) for name in proxies}
    incomplete = [key for key, trial in contents.trials.items() if not columns <= set(trial.scores)]
    # A run that was stopped has ten architectures with the proxies of a forward pass only.
    assert len(incomplete) <= 10
    assert path.stat().st_size < 3_000_000
    assert path.stem.startswith(contents.space)
