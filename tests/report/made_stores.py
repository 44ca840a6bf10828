"""Contents of stores, made up: every status, two versions, both directions."""

import math
from copy import deepcopy

import numpy as np

from zc_bench.engine.scores import Score, Status
from zc_bench.spaces import space_registry
from zc_bench.store import Contents, Row, TrialKey, hdf5

ARCHITECTURES = 20
PASSES = {"build": 9.0, "forward": 0.25, "loss_gradients": 0.5}
SCRIPT = "</script><script>alert(1)</script>"


def keys_of(space, count=ARCHITECTURES):
    generator = np.random.default_rng(0)
    found: dict[str, None] = {}
    while len(found) < count:
        found[space_registry[space].sample(generator).key] = None
    return list(found)


def scores_for(place, truth, generator):
    """Make one score per status and direction."""
    done = {
        "params@1": truth + generator.normal(),
        "snip@1": -truth + 0.1 * generator.normal(),
        "snip@0": 7.0,
        "zen@1": 1e6 * truth,
    }
    scores = {column: Score(value, Status.DONE, "", 0.125) for column, value in done.items()}
    if place % 5 == 0:
        scores["zen@1"] = Score(math.nan, Status.INVALID, f"not finite {SCRIPT}", 0.125)
    if place % 10 == 1:
        scores["snip@1"] = Score(math.nan, Status.FAILED, "RuntimeError: boom", 0.125)
    scores["zico@1"] = Score(math.nan, Status.UNDEFINED, "no classes", 0.0)
    return scores


def contents_of(space, tasks, truths, seeds=2):
    generator = np.random.default_rng(1)
    provenance = {
        "images": dict.fromkeys(tasks, "a pool of noise"),
        "environment": {"device": "abacus"},
    }
    columns = ("params@1", "snip@1", "snip@0", "zen@1", "zico@1")
    rests_on = {"protocol": {"space": space, "batch_size": 32}}
    contents = Contents({column: deepcopy(rests_on) for column in columns}, provenance)
    for task in tasks:
        for seed in range(seeds):
            for place, (key, truth) in enumerate(truths.items()):
                scores = scores_for(place, truth + seed * generator.normal(), generator)
                contents.add(TrialKey(task, key, seed), Row(scores, dict(PASSES)))
    return contents


def write_store(path, contents):
    hdf5.write(path, contents)
    return path
