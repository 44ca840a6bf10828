"""Scores in the form in which NAS-Bench-Suite-Zero publishes its own."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from zc_bench.engine.declare import Pass, proxy_registry
from zc_bench.engine.plan import plan
from zc_bench.engine.scores import Status
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.store.contents import Contents, Row, split_column
from zc_bench.store.truth import known_truth
from zc_bench.tables import Table


def suite_zero(contents: Contents, table: Table | None, seed: int | None = None) -> dict[str, Any]:
    """Arrange scores as `{task: {architecture: {"id", "val_accuracy", proxy: {"score", "time"}}}}`.

    Args:
        contents: of a store. Of each proxy, the latest version in it counts.
        table: ground truth; without it, or where it has none, there is no "val_accuracy".
        seed: whose scores; the mean over seeds unless given.

    Returns:
        A value fit for JSON. "id" numbers the architectures of a task in the order of their keys. A
        proxy is absent where no seed has a score that is done; the mean leaves the other seeds out.
        "time" is in seconds and counts the passes on which the proxy rests as if it had been alone.
    """
    gathered = _gather(contents, seed)
    truth = {task: known_truth(table, task, gathered[task]) for task in gathered}
    return {
        task: {
            architecture: {
                "id": str(number),
                **(
                    {"val_accuracy": truth[task][architecture]}
                    if architecture in truth[task]
                    else {}
                ),
                **{
                    proxy: _mean(pairs)
                    for proxy, pairs in sorted(gathered[task][architecture].items())
                },
            }
            for number, architecture in enumerate(sorted(gathered[task]))
        }
        for task in sorted(gathered)
    }


# Pairs of score and time, one per seed.
Pairs = list[tuple[float, float]]


def _gather(contents: Contents, seed: int | None) -> dict[str, dict[str, dict[str, Pairs]]]:
    """Gather the scores of all seeds, by task, architecture and proxy."""
    found: dict[str, dict[str, dict[str, Pairs]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    latest = _latest_columns(contents)
    # In order: floating-point sums depend on it.
    for key in sorted(contents.trials):
        if seed in (None, key.seed):
            pairs = found[key.task][key.architecture]
            for proxy, score, seconds in _done(contents.trials[key], latest):
                pairs[proxy].append((score, seconds))
    return found


def _latest_columns(contents: Contents) -> dict[str, str]:
    """Return the column of the latest version, by proxy."""
    versions = sorted((*split_column(column), column) for column in contents.columns())
    return {proxy: column for proxy, _, column in versions}


def _done(trial: Row, columns: Mapping[str, str]) -> Iterator[tuple[str, float, float]]:
    """Yield proxy, score and time of each score of a trial that is done."""
    for proxy, column in columns.items():
        score = trial.scores.get(column)
        if score is not None and score.status is Status.DONE:
            yield (
                proxy,
                score.value,
                score.seconds + sum(trial.pass_seconds.get(name, 0.0) for name in _rests_on(proxy)),
            )


@cache
def _rests_on(proxy: str) -> tuple[str, ...]:
    """Name the passes on which a proxy rests.

    None if it is of a plug-in that is not installed here.
    """
    if proxy not in proxy_registry:
        return ()
    steps: tuple[Pass, ...] = plan([proxy], (TrialInputs,)).passes
    return tuple(step.name for step in steps)


def _mean(pairs: Pairs) -> dict[str, float]:
    scores, times = zip(*pairs, strict=True)
    return {"score": math.fsum(scores) / len(pairs), "time": math.fsum(times) / len(pairs)}
