"""What surrounds a proxy's scores: a second training, seeds, other protocols, cost, ties."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from zc_bench.audits.columns import Column, by_place
from zc_bench.audits.questions import PLACE
from zc_bench.audits.sources import Material
from zc_bench.audits.top import SHARES
from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.derived import computed_names
from zc_bench.engine.plan import plan
from zc_bench.engine.scores import Status
from zc_bench.errors import ZcBenchError
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.statistics.rank import Floats, spearman
from zc_bench.tables import load_table

SECOND_TRAININGS: Mapping[str, str] = {"nb201": "analog"}
_TOP = SHARES[1]
Series = Mapping[tuple[str, str], "pd.Series[float]"]


def second_trainings(columns: Sequence[Column]) -> tuple[Series, str]:
    """Load independent trainings of the same architectures, where there are any.

    Args:
        columns: the scores.

    Returns:
        Accuracy by space and task, and a sentence for what is not at hand, or nothing.
    """
    found: dict[tuple[str, str], pd.Series[float]] = {}
    lacking = ""
    for space in sorted({column.space for column in columns} & SECOND_TRAININGS.keys()):
        try:
            table = load_table(space, SECOND_TRAININGS[space])
        except ZcBenchError as error:
            lacking = str(error)
            continue
        found |= {(space, task): table[task] for task in table.tasks}
    return found, lacking


def ceiling(columns: Sequence[Column], second: Series) -> pd.DataFrame:
    """Correlate a second training with the ground truth.

    Args:
        columns: the scores.
        second: accuracy of the second training, by space and task.

    Returns:
        One row per space and task with a second training: spearman (of the proxy), ceiling (of the
        second training), share (of the ceiling that the proxy reaches), top and top_ceiling (the same
        among the best 10 %), n, seeds.
    """
    rows = []
    for place, seeds in by_place(columns).items():
        if place not in second:
            continue
        found = []
        for column in seeds:
            again = np.asarray(second[place].reindex(column.truth.index), dtype=np.float64)
            best = np.argsort(-column.y, kind="stable")[: max(3, round(_TOP * column.n))]
            pairs = [(column.x, column.y), (again, column.y)]
            found.append(
                [spearman(x, y) for x, y in pairs] + [spearman(x[best], y[best]) for x, y in pairs]
            )
        own, most, top, top_most = np.nanmean(np.array(found), axis=0).tolist()
        rows.append(
            (*place, own, most, own / most, top, top_most, min(c.n for c in seeds), len(seeds))
        )
    names = ["spearman", "ceiling", "share", "top", "top_ceiling", "n", "seeds"]
    return pd.DataFrame(rows, columns=[*PLACE, *names])


def across_seeds(columns: Sequence[Column]) -> pd.DataFrame:
    """Compare the scores that seeds give to the same architectures.

    Args:
        columns: the scores.

    Returns:
        One row per space and task with two seeds or more: repeatability (Spearman's rho between the
        scores that an architecture has in two seeds), shared (pairs of such scores), level (the share
        of the variance of ranks, pooled over seeds, that the seed explains), within and pooled
        (Spearman's rho with the truth within seeds, and of all seeds together).
    """
    rows = []
    for place, seeds in by_place(columns).items():
        if len(seeds) < 2:
            continue
        pairs = [
            pd.concat([one.score, other.score], axis=1, join="inner").to_numpy(np.float64)
            for at, one in enumerate(seeds)
            for other in seeds[at + 1 :]
        ]
        both = np.concatenate(pairs)
        together = np.concatenate([column.x for column in seeds])
        of_seed = np.repeat(range(len(seeds)), [column.n for column in seeds])
        within = [spearman(column.x, column.y) for column in seeds]
        rows.append(
            (
                *place,
                spearman(both[:, 0], both[:, 1]),
                len(both),
                _explained(together, of_seed),
                float(np.nanmean(within)) if not np.isnan(within).all() else math.nan,
                spearman(together, np.concatenate([column.y for column in seeds])),
            )
        )
    names = ["repeatability", "shared", "level", "within", "pooled"]
    return pd.DataFrame(rows, columns=[*PLACE, *names])


def _explained(values: Floats, group: np.ndarray) -> float:
    """Return the share of the variance of ranks between groups."""
    ranks = pd.Series(values).rank()
    means = ranks.groupby(group).transform("mean")
    whole = float(((ranks - ranks.mean()) ** 2).sum())
    return float(((means - ranks.mean()) ** 2).sum()) / whole if whole else math.nan


def across_protocols(
    materials: Sequence[Material], others: Sequence[Material], proxy: str
) -> pd.DataFrame:
    """Compare the scores of stores with other protocols or images.

    Args:
        materials: the audited stores.
        others: other stores with scores of the proxy.
        proxy: a proxy, by name.

    Returns:
        One row per task and other store: space, task, other, shared (architectures of the same seed,
        or else of any, that both have), agreement (Spearman's rho between their scores), here and
        there (rho with the truth on these), differs (the settings that are different).
    """
    rows = []
    for mine in materials:
        for other in (item for item in others if item.space == mine.space):
            ours, theirs = (_done(item.rows, proxy) for item in (mine, other))
            differs = _differences(mine.settings(proxy), other.settings(proxy))
            for task in sorted(set(ours["task"]) & set(theirs["task"])):
                both = _shared(ours[ours["task"] == task], theirs[theirs["task"] == task])
                x, y, truth = both[["score", "score_other", "truth"]].to_numpy(np.float64).T
                known = ~np.isnan(truth)
                rows.append(
                    (
                        *(mine.space, task, other.name, len(both), spearman(x, y)),
                        *(spearman(part[known], truth[known]) for part in (x, y)),
                        differs,
                    )
                )
    names = ["other", "shared", "agreement", "here", "there", "differs"]
    return pd.DataFrame(rows, columns=[*PLACE, *names])


def _done(rows: pd.DataFrame, proxy: str) -> pd.DataFrame:
    return rows[(rows["proxy"] == proxy) & (rows["status"] == Status.DONE.value)]


def _shared(ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """Join trials of the same architecture and seed; without any, architectures by their mean score."""
    by_trial = ours.merge(theirs, on=["architecture", "seed"], suffixes=("", "_other"))
    if len(by_trial):
        return by_trial
    means = [rows.groupby("architecture")[["score", "truth"]].mean() for rows in (ours, theirs)]
    return means[0].join(means[1], how="inner", rsuffix="_other")


def _differences(ours: Mapping[str, object], theirs: Mapping[str, object]) -> str:
    """Name the settings that differ; digests of images are not written out."""
    names = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
    images = [name for name in names if name.startswith("images of")]
    said = [f"{name} {ours.get(name)} / {theirs.get(name)}" for name in names if name not in images]
    return ", ".join([*said, "other images"] if images else said) or "the same settings"


def cost(materials: Sequence[Material], proxy: str, rho: pd.DataFrame) -> pd.DataFrame:
    """State what a score costs.

    Args:
        materials: the audited stores.
        proxy: a proxy, by name.
        rho: as `zc_bench.audits.questions.correlations` returns it.

    Returns:
        One row per space and task: seconds (of a score whose proxy is computed alone, without building
        the network), spearman, rho_per_second, passes (by name), images (labelled or not, per score; 0
        for a proxy that reads none).
    """
    frames = [item.seconds for item in materials if item.source is not None]
    names = [*PLACE, "proxy", "seconds"]
    all_ = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=names)
    seconds = all_[all_["proxy"] == proxy].drop(columns="proxy")
    table = rho[[*PLACE, "spearman"]].merge(seconds, on=list(PLACE), how="left")
    table["seconds"] = table["seconds"].astype(np.float64)
    known = table["seconds"].where(table["seconds"] > 0)
    passes = passes_of(proxy)
    images = {item.space: _images(item, proxy, passes) for item in materials}
    return table.assign(
        rho_per_second=table["spearman"] / known,
        passes=", ".join(passes),
        images=[images[space] for space in table["space"]],
    )


def passes_of(proxy: str) -> tuple[str, ...]:
    """Name the passes that a proxy needs; none for one whose plug-in is not installed."""
    if proxy not in proxy_registry:
        return ()
    return tuple(step.name for step in plan(computed_names([proxy]), [TrialInputs]).passes)


def _images(material: Material, proxy: str, passes: Sequence[str]) -> int:
    """Count the images of a score: a batch, and a second one for gradients of two batches."""
    settings = material.settings(proxy)
    if not any(name.startswith("images of") for name in settings):
        return 0
    return int(str(settings.get("batch_size", 0))) * (2 if "batch_gradients" in passes else 1)


def ties(rows: pd.DataFrame, proxy: str) -> pd.DataFrame:
    """Count ties, and scores that are not done.

    Args:
        rows: one row per score.
        proxy: a proxy, by name.

    Returns:
        One row per space and task: scores, distinct (different values within a seed, as a share), tied (the
        share of pairs of architectures of a seed with equal scores), invalid, and missing (failed, out
        of memory or undefined).
    """
    frame = []
    own = rows[rows["proxy"] == proxy]
    for place, trials in own.groupby(list(PLACE), observed=True):
        done = trials[trials["status"] == Status.DONE.value]
        copies = done.groupby("seed")["score"].value_counts()
        sizes = done.groupby("seed").size()
        pairs = float((sizes * (sizes - 1)).sum())
        invalid = int((trials["status"] == Status.INVALID.value).sum())
        frame.append(
            dict(zip(PLACE, place, strict=True))
            | {
                "scores": len(trials),
                "distinct": len(copies) / len(done) if len(done) else math.nan,
            }
            | {"tied": float((copies * (copies - 1)).sum()) / pairs if pairs else math.nan}
            | {"invalid": invalid, "missing": len(trials) - len(done) - invalid}
        )
    return pd.DataFrame(frame)
