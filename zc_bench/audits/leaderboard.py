"""The leaderboard: proxies and trivial baselines, by column and by question, from stores alone."""

import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from zc_bench._internal.files import write_text
from zc_bench.audits.api import Audit, audit_materials
from zc_bench.audits.baselines import baselines
from zc_bench.audits.sources import Material, read_materials
from zc_bench.engine.declare import proxy_registry
from zc_bench.errors import ZcBenchError, unknown_name
from zc_bench.spec import names_of

_log = logging.getLogger(__name__)

TRIVIAL = ("depth", "layers", "breadth", "params", "flops")
QUESTIONS: Mapping[str, str] = {
    "all": "All architectures: Spearman's ρ with the ground truth",
    "top": "The best 10 % by ground truth: Spearman's ρ among them",
    "strata": "At equal depth and size: Spearman's ρ within strata",
    "second": "Per second: Spearman's ρ over the seconds of a score alone",
}
_TRIAL = ["space", "task", "architecture", "seed"]
_NUMBER = ["value", "low", "high"]


@dataclass(frozen=True, eq=False)
class Leaderboard:
    """Proxies and trivial baselines beside each other.

    Attributes:
        table: one row per question, space, task and contender: question, space, task, contender,
            trivial (whether it is a trivial baseline), value, low, high, n, seeds, version, protocol, store,
            date, sha256.
        audits: the audit of every contender, by name, best first.
        left_out: why columns of stores are left out, one sentence each.
    """

    table: pd.DataFrame
    audits: Mapping[str, Audit]
    left_out: tuple[str, ...]

    def page(self, path: str | Path) -> Path:
        """Write one page that needs no other file and no network.

        Args:
            path: the page.

        Returns:
            Its path.

        Raises:
            ZcBenchError: if it cannot be written.
        """
        # The page is needed here alone, and it imports the templates.
        from zc_bench.audits.leaderboard_page import render

        out = Path(path)
        write_text(out, render(self))
        return out


def leaderboard(
    stores: str | Path | Sequence[str | Path] | None = None,
    *,
    space: str | Iterable[str] | None = None,
    proxies: str | Iterable[str] | None = None,
    resamples: int = 400,
) -> Leaderboard:
    """Put all proxies of some stores beside each other, and trivial baselines in any case.

    Scores of an older version than the registered one are left out.

    Args:
        stores: files of runs; the shipped ones unless given.
        space: search spaces, by name; all with scores unless given.
        proxies: by name; all with scores unless given.
        resamples: bootstrap resamples per space, task and seed, from 2 up.

    Returns:
        The leaderboard.

    Raises:
        ZcBenchError: if a name is unknown, a store cannot be read, or there are no scores.

    Examples:
        >>> import zc_bench as zb
        >>> board = zb.leaderboard(space="nb301", proxies="l2_norm", resamples=20)
        >>> sorted(board.audits)
        ['breadth', 'depth', 'flops', 'l2_norm', 'layers', 'params']
    """
    materials, left_out = _current(read_materials(space, stores))
    names = _names(materials, () if proxies is None else names_of(proxies))
    materials = [_with_trivial(material) for material in materials]
    audits: dict[str, Audit] = {}
    for name in [*TRIVIAL, *(name for name in names if name not in TRIVIAL)]:
        if any(name in material.proxies for material in materials):
            try:
                audits[name] = audit_materials(name, materials, resamples=resamples)
            except ZcBenchError as error:
                left_out.append(str(error))
            _log.info("Audited %s.", name)
    if not audits:
        message = f"There is nothing to show: {' '.join(left_out) or 'the stores hold no scores.'}"
        raise ZcBenchError(message)
    table = pd.concat([_rows(audit) for audit in audits.values()], ignore_index=True)
    order = table[table["question"] == "all"].groupby("contender")["value"].mean()
    best = order.sort_values(ascending=False, kind="stable").index
    return Leaderboard(table, {str(name): audits[name] for name in best}, tuple(left_out))


def _current(materials: Sequence[Material]) -> tuple[list[Material], list[str]]:
    """Leave out scores of another version than the registered one, and say so."""
    kept, said = [], []
    for material in materials:
        rows = material.rows
        for name in material.proxies:
            found = material.version(name)
            if name not in proxy_registry:
                continue
            registered = proxy_registry[name].version
            if found != registered:
                said.append(
                    f"{name} of {material.name} is left out: its scores are of version {found}, and {name} has version "
                    f"{registered}."
                )
                rows = rows[rows["proxy"] != name]
        if len(rows):
            kept.append(Material(material.name, rows.reset_index(drop=True), material.source))
    return kept, said


def _names(materials: Sequence[Material], asked: Sequence[str]) -> list[str]:
    known = sorted({name for material in materials for name in material.proxies})
    for name in asked:
        if name not in known:
            raise unknown_name(kind="proxy of these stores", name=name, known=known)
    return list(asked) if asked else known


def _with_trivial(material: Material) -> Material:
    """Add the trivial baselines that no proxy of the store is, as scores of its trials."""
    lacking = [name for name in TRIVIAL if name not in material.proxies]
    trials = material.rows.drop_duplicates(_TRIAL)
    parts = [material.rows]
    for (space, task), of in trials.groupby(["space", "task"], observed=True):
        keys = sorted(set(of["architecture"]))
        frame = baselines(str(space), str(task), keys)
        for name in lacking:
            if name in frame:
                score = frame[name].reindex(of["architecture"]).to_numpy(np.float64)
                made = of.assign(proxy=name, score=score, status="done", seconds=math.nan)
                parts.append(made.assign(reason="", version=0))
    return Material(material.name, pd.concat(parts, ignore_index=True), material.source)


def _rows(audit: Audit) -> pd.DataFrame:
    """Write the numbers of an audit, with all that they depend on."""
    place = ["space", "task"]
    rho = audit.correlations
    cells = rho[[*place, "n", "seeds"]].merge(
        audit.origin[["space", "version", "protocol", "store", "date", "sha256"]], on="space"
    )
    chosen = (
        (audit.top["contender"] == "proxy")
        & (audit.top["measure"] == "rho")
        & (audit.top["at"] == 0.1)
    )
    seconds = audit.cost["seconds"].where(audit.cost["seconds"] > 0)
    values: dict[str, pd.DataFrame] = {
        "all": rho[[*place, "spearman", "low", "high"]],
        "top": audit.top.loc[chosen, [*place, *_NUMBER]],
        "strata": audit.size[[*place, "within", "within_low", "within_high"]],
        "second": rho[place].assign(
            **{name: rho[name] / seconds for name in ("spearman", "low", "high")}
        ),
    }
    frames = [
        cells.merge(frame.set_axis([*place, *_NUMBER], axis=1), on=place, how="left").assign(
            question=question
        )
        for question, frame in values.items()
    ]
    named: dict[str, Any] = {"contender": audit.proxy, "trivial": audit.proxy in TRIVIAL}
    table = pd.concat(frames, ignore_index=True).assign(**named)
    first = ["question", *place, "contender", "trivial", *_NUMBER, "n", "seeds"]
    return table[[*first, *(name for name in table if name not in first)]]
