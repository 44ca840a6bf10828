"""The scores that the project ships: small, whole, of the proxies as they are now, and what their correlations say."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import spearmanr

from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.derived import computed_names
from zc_bench.execution.stages import split
from zc_bench.store import column_name, read_store
from zc_bench.tables import load_table

FOLDER = Path(__file__).parents[2] / "results" / "shipped"
SHIPPED = sorted(FOLDER.glob("*.h5"))
QUICK, COSTLY = (
    {column_name(name, proxy_registry[name].version) for name in names}
    for names in split(computed_names(proxy_registry))
)
# Ground truth in the developers' folder that pytest's marker `data` is about.
FILES = {"nb101": "zc_nasbench101.json", "nb201": "nb201_zen.zip", "nb301": "zc_nasbench301.json"}


def test_there_are_some():
    assert {"nb101", "nb201", "nb301"} <= {path.stem for path in SHIPPED}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_trial_has_the_scores_of_a_forward_pass_and_many_have_all(path):
    contents = read_store(path)
    assert all(set(trial.scores) >= QUICK for trial in contents.trials.values())
    assert sum(set(trial.scores) >= COSTLY for trial in contents.trials.values()) >= 40
    assert path.stat().st_size < 3_000_000
    assert path.stem.startswith(contents.space)
    assert not contents.drawn


def test_correlations_are_those_of_shipped_stores():
    table = pd.read_csv(FOLDER / "figure4.csv")
    assert len(table.groupby(["space", "task"])) == 13
    assert set(table["store"]) <= {path.stem for path in SHIPPED}
    assert set(table["proxy"]) == set(proxy_registry)


@pytest.mark.data
@pytest.mark.parametrize("space", FILES)
def test_correlations_are_scipys(space, shared_folder, tmp_path):
    shutil.copy(shared_folder / "data" / "raw" / FILES[space], tmp_path)
    truth = load_table(space, folder=tmp_path, offline=True)
    table = pd.read_csv(FOLDER / "figure4.csv").set_index(["space", "task", "proxy", "seed"])[
        "spearman"
    ]
    rows = read_store(FOLDER / f"{space}.h5").frame()
    rows = rows[rows["proxy"].isin(["swap", "params"])]
    for (task, proxy, seed), trials in rows.groupby(["task", "proxy", "seed"]):
        accuracies = truth.lookup(task, trials["architecture"].tolist())
        assert table[space, task, proxy, seed] == pytest.approx(
            spearmanr(trials["score"], accuracies)[0], abs=1e-6
        )
