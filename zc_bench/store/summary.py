"""Counts of a store: scores by status, costs of passes, trials by task and seed."""

import pandas as pd

from zc_bench.engine.scores import Status
from zc_bench.store.contents import Contents

PENDING = "pending"


def facts(contents: Contents) -> dict[str, str]:
    """Say in a few words what a store holds, and who computed it last from what.

    Args:
        contents: of a store.

    Returns:
        One fact per name; what is not on record is left out.
    """
    recorded = contents.provenance
    where, spec, table = (recorded.get(name, {}) for name in ("environment", "spec", "table"))
    packages = where.get("packages", {})
    computed = [
        str(where.get("device", "")),
        *(f"{name} {packages[name]}" for name in ("torch", "zc-bench") if name in packages),
        *([f"{where['threads']} threads"] if "threads" in where else []),
    ]
    settings = [f"{name} {value}" for name, value in contents.protocol.items() if name != "space"]
    asked = [f"{name} {spec[name]}" for name in ("samples", "seeds") if name in spec]
    found = {
        "space": contents.space,
        "trials": f"{len(contents.trials):,}",
        "protocol": ", ".join(settings),
        "last run": ", ".join(asked),
        "computed on": ", ".join(filter(None, computed)),
        "ground truth": str(table.get("source", table.get("file", ""))),
        "earlier runs": str(len(contents.other_provenance) or ""),
    }
    images = {f"images, {task}": str(said) for task, said in recorded.get("images", {}).items()}
    return {name: text for name, text in {**found, **images}.items() if text}


def statuses(contents: Contents, *, short: bool = False) -> pd.DataFrame:
    """Count the scores of every column by status.

    Args:
        contents: of a store.
        short: whether statuses that no score has, and seconds, are left out.

    Returns:
        Indexed by column, "proxy@version", one column per status, "pending" for trials without that
        score, and "seconds", the mean time per score without the passes.
    """
    frame = contents.frame()
    column = (frame["proxy"] + "@" + frame["version"].astype(str)).rename("column")
    counts = pd.crosstab(column, frame["status"]).reindex(
        columns=[status.value for status in Status], fill_value=0
    )
    counts[PENDING] = len(contents.trials) - counts.sum(axis=1)
    if short:
        return counts.loc[:, (counts > 0).any()].rename_axis(columns=None)
    counts["seconds"] = frame["seconds"].groupby(column).mean()
    return counts.rename_axis(columns=None)


def passes(contents: Contents) -> pd.DataFrame:
    """Add up what the passes cost.

    Args:
        contents: of a store.

    Returns:
        Indexed by pass, with the columns trials, seconds (mean per trial), total (seconds of all
        trials) and peak_bytes (the largest of any trial; NaN where none was measured); the most
        expensive first.
    """
    seconds = pd.DataFrame([trial.pass_seconds for trial in contents.trials.values()], dtype=float)
    peaks = pd.DataFrame([trial.pass_peak_bytes for trial in contents.trials.values()], dtype=float)
    costs = pd.DataFrame(
        {"trials": seconds.count(), "seconds": seconds.mean(), "total": seconds.sum()}
    )
    return costs.assign(peak_bytes=peaks.max().reindex(costs.index)).sort_values(
        "total", ascending=False
    )


def trials(contents: Contents) -> pd.DataFrame:
    """Count the trials, tasks by seeds.

    Args:
        contents: of a store.

    Returns:
        Indexed by task, one column per seed.
    """
    keys = pd.DataFrame([(key.task, key.seed) for key in contents.trials], columns=["task", "seed"])
    return pd.crosstab(keys["task"], keys["seed"])
