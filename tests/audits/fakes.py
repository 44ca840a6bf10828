"""Scores that are less than they look, on real architectures and real ground truth."""

import numpy as np
import pandas as pd

from zc_bench.audits.baselines import baselines
from zc_bench.sampling import draw_architectures
from zc_bench.tables import load_table

SPACE, TASK = "nb201", "cifar10"
N, SEEDS = 500, 4


def drawn():
    """Return the architectures of a run with their ground truth and baselines, seed by seed."""
    truth = load_table(SPACE)[TASK]
    frames = []
    for seed in range(SEEDS):
        keys = draw_architectures(list(truth.index), N, seed)
        # Half of the architectures are those of every seed, so that seeds can be compared.
        keys = [*draw_architectures(list(truth.index), N // 2, 99), *keys]
        keys = list(dict.fromkeys(keys))[:N]
        frame = baselines(SPACE, TASK, keys).assign(truth=truth[keys].to_numpy(), seed=seed)
        frames.append(frame.reset_index())
    return pd.concat(frames, ignore_index=True)


def rows_of(made, score, proxy="fake"):
    """Make rows of a score."""
    return pd.DataFrame(
        {
            "space": SPACE,
            "task": TASK,
            "architecture": made["architecture"],
            "seed": made["seed"],
            "proxy": proxy,
            "version": 1,
            "score": np.asarray(score, float),
            "status": "done",
            "seconds": 0.0,
            "truth": made["truth"],
        }
    )


def _noise(made):
    return np.random.default_rng(0).normal(size=len(made))


def random(made):
    """Chance."""
    return _noise(made)


def params(made):
    """The number of parameters, transformed, with noise."""
    return np.exp(3 * made["params"] / 1e6 + 0.3 * _noise(made))


def depth(made):
    """Depth, with noise."""
    return np.sqrt(made["depth"] + 1) + 0.1 * _noise(made)


def lucky_seed(made):
    """A score that knows the truth if the seed is 0, and nothing otherwise."""
    return np.where(made["seed"] == 0, made["truth"] + 0.1 * _noise(made), _noise(made))


def seed_sets_level(made):
    """The truth with noise, and a thousand for every seed."""
    return made["truth"] + 5 * _noise(made) + 1000 * made["seed"]


def unrepeatable(made):
    """A score of the right mean that is drawn anew for every seed."""
    return _noise(made) + 1e-9 * made["truth"]


def constant_in_strata(made):
    """The mean truth of all architectures of equal depth and size."""
    return made.groupby(["depth", "params"])["truth"].transform("mean")


def honest(made):
    """The truth with noise: none of all this."""
    return made["truth"] + 5 * _noise(made)
