"""The audit of a proxy: every question of a sceptical reviewer, answered from stored scores."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from zc_bench._internal.files import explaining, write_csv, write_text
from zc_bench.audits import context, questions
from zc_bench.audits.columns import columns_of
from zc_bench.audits.disguises import disguises
from zc_bench.audits.findings import findings
from zc_bench.audits.sources import Material, higher_is_better, primary, read_materials
from zc_bench.audits.top import at_the_top
from zc_bench.errors import expect_whole, unknown_name
from zc_bench.spec import names_of
from zc_bench.statistics.correlate import InvalidPolicy

MOST_RESAMPLES = 100_000


@dataclass(frozen=True, eq=False)
class Audit:
    """What an audit found, as tidy data frames; each begins with the columns space and task.

    Attributes:
        proxy: the audited proxy.
        findings: question and finding, one sentence each. There is no grade.
        disguises: name, found, sentence: whether the score is a simpler thing in disguise.
        correlations: see `zc_bench.audits.questions.correlations`.
        baselines: see `zc_bench.audits.questions.against_baselines`.
        size: see `zc_bench.audits.questions.at_equal_size`.
        top: see `zc_bench.audits.top.at_the_top`.
        ceiling: see `zc_bench.audits.context.ceiling`.
        seeds: see `zc_bench.audits.context.across_seeds`.
        protocols: see `zc_bench.audits.context.across_protocols`.
        cost: see `zc_bench.audits.context.cost`.
        ties: see `zc_bench.audits.context.ties`.
        origin: one row per store: space, store, version (of the proxy), protocol, date, sha256.
    """

    proxy: str
    findings: pd.DataFrame
    disguises: pd.DataFrame
    correlations: pd.DataFrame
    baselines: pd.DataFrame
    size: pd.DataFrame
    top: pd.DataFrame
    ceiling: pd.DataFrame
    seeds: pd.DataFrame
    protocols: pd.DataFrame
    cost: pd.DataFrame
    ties: pd.DataFrame
    origin: pd.DataFrame
    confidence: float = field(default=0.95)

    FRAMES = (
        "findings",
        "disguises",
        "correlations",
        "baselines",
        "size",
        "top",
        "ceiling",
        "seeds",
        "protocols",
        "cost",
        "ties",
        "origin",
    )

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
        from zc_bench.audits.page import render

        out = Path(path)
        write_text(out, render(self))
        return out

    def save(self, folder: str | Path) -> Path:
        """Write every frame to the CSV file of its name, and the page `audit.html`.

        Args:
            folder: the folder, which is created. Files of these names are replaced.

        Returns:
            The folder.

        Raises:
            ZcBenchError: if something cannot be written.
        """
        home = Path(folder)
        with explaining(home):
            for name in self.FRAMES:
                write_csv(home / f"{name}.csv", getattr(self, name))
        self.page(home / "audit.html")
        return home


def audit(
    proxy: str,
    space: str | Iterable[str] | None = None,
    *,
    tasks: str | Iterable[str] | None = None,
    stores: str | Path | Sequence[str | Path] | None = None,
    scores: pd.DataFrame | None = None,
    invalid: InvalidPolicy = "worst",
    resamples: int = 400,
    confidence: float = 0.95,
) -> Audit:
    """Ask of a proxy what a sceptical reviewer asks, and answer from stored scores.

    Nothing is computed on networks. Trivial baselines are functions of the architecture.

    Args:
        proxy: a proxy, by name, also of a plug-in.
        space: search spaces, by name; all with scores unless given.
        tasks: tasks, by name; all unless given.
        stores: files of runs; the shipped ones unless given. Of several stores of one space, the one
            with most scores of the proxy is audited, and the others are compared with it.
        scores: rows instead of stores, for instance `Result.scores`.
        invalid: "worst" ranks invalid scores behind all others, "drop" leaves them out.
        resamples: bootstrap resamples per space, task and seed, from 2 up. They are the same on every
            machine.
        confidence: how often an interval holds the true value, in (0, 1).

    Returns:
        The audit.

    Raises:
        ZcBenchError: if a name is unknown, a store cannot be read, or there is nothing to audit.

    Examples:
        >>> import zc_bench as zb
        >>> found = zb.audit("swap", "nb301", resamples=20)
        >>> list(found.findings.columns)
        ['question', 'finding']
    """
    materials = read_materials(space, stores, scores)
    wanted = None if tasks is None else names_of(tasks)
    return audit_materials(
        proxy, materials, wanted, invalid, resamples=resamples, confidence=confidence
    )


def audit_materials(
    proxy: str,
    materials: Sequence[Material],
    tasks: Sequence[str] | None = None,
    invalid: InvalidPolicy = "worst",
    *,
    resamples: int = 400,
    confidence: float = 0.95,
) -> Audit:
    """Audit a proxy on stores that were read before; see `audit`."""
    expect_whole("resamples", resamples, MOST_RESAMPLES, least=2)
    chosen, others = primary(materials, proxy)
    rows = of_tasks(pd.concat([item.rows for item in chosen], ignore_index=True), proxy, tasks)
    higher = higher_is_better(proxy)
    columns = columns_of(rows, proxy, higher_is_better=higher, invalid=invalid, resamples=resamples)
    second, lacking = context.second_trainings(columns)
    rho = questions.correlations(columns, confidence)
    protocols = context.across_protocols(chosen, others, proxy)
    frames = {
        "correlations": rho,
        "baselines": questions.against_baselines(columns, confidence),
        "size": questions.at_equal_size(columns, confidence),
        "top": at_the_top(columns, second),
        "ceiling": context.ceiling(columns, second),
        "seeds": context.across_seeds(columns),
        "protocols": protocols[protocols["task"].isin(rho["task"])].reset_index(drop=True),
        "cost": context.cost(chosen, proxy, rho),
        "ties": context.ties(rows, proxy),
    }
    return Audit(
        proxy=proxy,
        findings=findings(frames, lacking),
        disguises=disguises(frames),
        origin=pd.DataFrame([origin_of(item, proxy) for item in chosen]),
        confidence=confidence,
        **frames,
    )


def origin_of(material: Material, proxy: str) -> Mapping[str, Any]:
    """State where the scores of a proxy come from.

    Args:
        material: a store.
        proxy: a proxy, by name.

    Returns:
        space, store, version, protocol (its settings, in words), date (of the computation or the commit, where
        one is on record) and sha256 (its beginning).
    """
    settings = {
        name: value
        for name, value in material.settings(proxy).items()
        if name != "space" and not name.startswith("images of")
    }
    return {
        "space": material.space,
        "store": material.name,
        "version": material.version(proxy),
        "protocol": ", ".join(f"{name} {value}" for name, value in settings.items()),
        "date": material.date,
        "sha256": material.digest,
    }


def of_tasks(rows: pd.DataFrame, proxy: str, tasks: Sequence[str] | None) -> pd.DataFrame:
    """Keep the rows of some tasks; of all unless given."""
    if not tasks:
        return rows
    known = sorted(map(str, rows.loc[rows["proxy"] == proxy, "task"].unique()))
    for task in tasks:
        if task not in known:
            kind = f"task with scores of {proxy}"
            raise unknown_name(kind, task, known)
    return rows[rows["task"].isin(tasks)]
