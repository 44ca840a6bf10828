"""The check of a store that somebody submits: nothing in it is taken on trust."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from zc_bench.audits.detection import forged_scores, missed, trials_needed
from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.derived import DerivedProxy
from zc_bench.errors import ZcBenchError, expect
from zc_bench.execution import verify
from zc_bench.execution.verify import recorded_scorer
from zc_bench.sampling import draw_architectures
from zc_bench.seeding import numpy_generator
from zc_bench.spaces import space_registry
from zc_bench.store import AGAIN, Contents, agree, as_read, read_store
from zc_bench.store.contents import split_column
from zc_bench.tables import load_table

SHARE, POWER = 0.01, 0.99
_SHOWN = 5  # reasons of one kind


@dataclass(frozen=True, eq=False)
class SubmissionCheck:
    """The result of a check.

    Attributes:
        store: the path of the store.
        refusals: why it is refused, one sentence each; nothing if it is accepted.
        seed: the seed of the checker, with which the same trials are drawn again.
        trials: the trials that were computed again.
        compared: their scores that were compared.
        scattered: the probability that one forged score in a hundred, at random places, is found.
        together: the same, if the forged scores lie in as few trials as possible.
        columns: one row per column of scores: proxy, version (in the store), registered (version here),
            scores.
        versions: zc-bench and the packages of the environment that computed the store, and of the
            check.
    """

    store: Path
    refusals: tuple[str, ...]
    seed: int
    trials: int
    compared: int
    scattered: float
    together: float
    columns: pd.DataFrame
    versions: Mapping[str, Any]

    @property
    def accepted(self) -> bool:
        """Whether there is no reason to refuse it."""
        return not self.refusals


def check_submission(
    store: str | Path,
    *,
    seed: int | None = None,
    trials: int | None = None,
    worst_case: bool = False,
    inputs: str | None = None,
    device: str = "cpu",
) -> SubmissionCheck:
    """Check a store before its scores are shown beside others.

    The store must hold scores of registered proxies in their present versions, from images and
    settings that are to be had here, of the architectures that the seeds draw, without failures. A
    sample of its trials, drawn with the seed of the checker, is computed again.

    Args:
        store: the file.
        seed: the seed of the checker; a new one unless given. Whoever computes the store must not know
            it before.
        trials: how many are computed again; unless given, as many as find one forged score in a hundred
            with a probability above 0.99.
        worst_case: whether that number holds also if all forged scores lie in as few trials as possible;
            else they lie anywhere.
        inputs: images; those that the store has on record unless given.
        device: a torch device.

    Returns:
        The check.

    Raises:
        ZcBenchError: if the store cannot be read, is empty, or is of an unknown space.
    """
    path = Path(store)
    contents = read_store(path)
    if not contents.trials or contents.space not in space_registry:
        message = (
            f"{path} holds no scores of a search space that is known here: submit the store of a "
            "run, and the plug-in of its space if it has one."
        )
        raise ZcBenchError(message)
    counts = [len(row.scores) for row in contents.trials.values()]
    needed = trials_needed(counts, share=SHARE, power=POWER, together=worst_case)
    drawn = min(needed if trials is None else trials, len(counts))
    expect(drawn >= 1, "trials", trials, "a whole number from 1 up")
    chosen = secrets.randbits(32) if seed is None else seed
    refusals = [
        *_versions(contents),
        *_statuses(contents),
        *_draws(contents),
        *_settings(contents, inputs, device),
    ]
    compared = 0
    if not refusals:
        found = verify(
            contents,
            trials=drawn,
            inputs=inputs,
            device=device,
            generator=numpy_generator(chosen, "check of a submission"),
        )
        compared = found.compared
        refusals += found.differences
    forged = forged_scores(counts, SHARE)
    return SubmissionCheck(
        store=path,
        refusals=tuple(refusals),
        seed=chosen,
        trials=drawn,
        compared=compared,
        scattered=1 - missed(counts, forged, drawn),
        together=1 - missed(counts, forged, drawn, together=True),
        columns=_columns(contents),
        versions={
            "check": f"zc-bench {version('zc-bench')}",
            "store": contents.provenance.get("environment", {}).get("packages", {}),
        },
    )


def _columns(contents: Contents) -> pd.DataFrame:
    frame = contents.frame().groupby(["proxy", "version"]).size().rename("scores").reset_index()
    registered = [
        proxy_registry[name].version if name in proxy_registry else 0 for name in frame["proxy"]
    ]
    frame.insert(2, "registered", registered)
    return frame


def _versions(contents: Contents) -> Iterator[str]:
    """Refuse scores of unknown proxies, of other versions, and of derived ones."""
    for name, number in map(split_column, contents.columns()):
        if name not in proxy_registry:
            yield f"{name} is no proxy that is known here: submit its plug-in, too."
        elif proxy_registry[name].version != number:
            yield (
                f"The scores of {name} are of version {number}, and {name} has version "
                f"{proxy_registry[name].version} here: compute them again."
            )
        elif isinstance(proxy_registry[name], DerivedProxy):
            yield f"{name} is derived from other scores: submit these alone."


def _statuses(contents: Contents) -> Iterator[str]:
    failed = sum(
        score.status in AGAIN for row in contents.trials.values() for score in row.scores.values()
    )
    if failed:
        yield f"{failed:,} scores failed or ran out of memory: run again until none does."


def _draws(contents: Contents) -> Iterator[str]:
    """Refuse architectures that were chosen: those of a column are the first that its seed draws."""
    keys = {task: load_table(contents.space).keys_with(task) for task in _tasks(contents)}
    canonical = _canonical(contents)
    scored: dict[tuple[str, int, str], set[str]] = {}
    for key, row in contents.trials.items():
        for column in row.scores:
            scored.setdefault((key.task, key.seed, column), set()).add(key.architecture)
    wrong = []
    for (task, seed, column), found in sorted(scored.items()):
        expected = draw_architectures(keys[task], len(found), seed, canonical=canonical)
        if found != set(expected):
            wrong.append(
                f"The {len(found):,} architectures of {column}, task {task}, seed {seed}, are not the first that the "
                "seed draws: run to the end, with the sampling of zc-bench."
            )
    yield from wrong[:_SHOWN]
    if len(wrong) > _SHOWN:
        yield f"The same holds for {len(wrong) - _SHOWN} more columns."


def _canonical(contents: Contents) -> Any:
    if not contents.provenance.get("spec", {}).get("dedup"):
        return None
    space = space_registry[contents.space]
    return lambda key: space.canonical(space.parse(key))


def _tasks(contents: Contents) -> list[str]:
    return sorted({key.task for key in contents.trials})


def _settings(contents: Contents, inputs: str | None, device: str) -> Iterator[str]:
    """Refuse scores that depend on what cannot be computed here: other images or settings."""
    ours = as_read(recorded_scorer(contents, inputs, device).fingerprints(proxy_registry))
    used = {(column, key.task) for key, row in contents.trials.items() for column in row.scores}
    different = [
        (column, task)
        for column, task in sorted(used)
        if column in ours and not agree(contents.fingerprints[column], ours[column], task)
    ]
    for column, task in different[:_SHOWN]:
        yield (
            f"{column} of {task} depends on images or settings that are not to be had here, so it cannot be computed "
            "again: use the images that come with zc-bench, or name them with --inputs."
        )
    if len(different) > _SHOWN:
        yield f"The same holds for {len(different) - _SHOWN} more columns."
