"""The page of the leaderboard."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from zc_bench.audits.api import Audit
from zc_bench.audits.leaderboard import QUESTIONS, Leaderboard
from zc_bench.audits.page import Section, sections
from zc_bench.report.colours import shade
from zc_bench.report.frames import sheet_of, text_of
from zc_bench.report.page import fill, part
from zc_bench.report.tables import Cell, Sheet

# Tables of an audit that would make the page too large; `zc-bench audit` writes them.
_TOO_LARGE = ("t-top-k", "t-baselines")
_TRIVIAL = " (trivial)"


@dataclass(frozen=True)
class Board:
    """One question of the leaderboard.

    Attributes:
        name: its id.
        title: the question.
        sheet: contenders by columns.
    """

    name: str
    title: str
    sheet: Sheet


@dataclass(frozen=True)
class Details:
    """What lies behind a row.

    Attributes:
        name: the contender.
        findings: question and finding.
        disguises: found and sentence.
        sections: the tables of the audit.
    """

    name: str
    findings: Sequence[tuple[str, str]]
    disguises: Sequence[tuple[bool, str]]
    sections: Sequence[Section]


def render(board: Leaderboard) -> str:
    """Write the page.

    Args:
        board: the leaderboard.

    Returns:
        HTML that needs no other file.
    """
    spaces = sorted(set(board.table["space"]))
    return fill(
        "leaderboard.html",
        ("tables.js", "leaderboard.js"),
        style=part("leaderboard.css"),
        title="Leaderboard of zero-cost proxies",
        spaces=spaces,
        summary=summary(board),
        left_out=board.left_out,
        boards=[
            Board(name, title, _sheet(board, name, spaces)) for name, title in QUESTIONS.items()
        ],
        details=[_details(name, audit) for name, audit in board.audits.items()],
        numbers=sheet_of(
            "numbers",
            "Every number, with all that it depends on",
            board.table.assign(question=board.table["question"].map(_short)),
            {
                name: name.replace("_", " ")
                for name in board.table.columns
                if name not in ("trivial",)
            },
        ),
    )


def summary(board: Leaderboard) -> list[str]:
    """Say what was found, in a few sentences."""
    whole = board.table[board.table["question"] == "all"]
    means = whole.groupby("contender")["value"].mean()
    trivial = set(whole.loc[whole["trivial"], "contender"])
    proxies = [name for name in board.audits if name not in trivial]
    strongest = str(means[sorted(trivial)].idxmax()) if trivial else ""
    columns = whole.groupby(["space", "task"]).ngroups
    said = [
        f"{len(proxies)} proxies and {len(trivial)} trivial baselines on {columns} columns of "
        f"{whole['space'].nunique()} search spaces."
    ]
    if trivial and proxies:
        above = [name for name in proxies if means[name] > means[strongest]]
        said.append(
            f"The strongest trivial baseline is {strongest}, with a mean ρ of {text_of(float(means[strongest]))}; "
            f"{len(above)} of {len(proxies)} proxies have a larger one{': ' if above else ''}{', '.join(above)}."
        )
    accused = [
        f"{name}: {sentence}"
        for name, audit in board.audits.items()
        if name not in trivial
        for sentence in audit.disguises.loc[audit.disguises["found"], "sentence"]
    ]
    return [*said, *accused]


def _short(question: str) -> str:
    return QUESTIONS[question].partition(":")[0]


def _sheet(board: Leaderboard, question: str, spaces: Sequence[str]) -> Sheet:
    """Arrange contenders by columns; the mean over all columns and that of each space come first."""
    table = board.table[board.table["question"] == question]
    places = list(dict.fromkeys(zip(table["space"], table["task"], strict=True)))
    order = sorted(board.audits, key=lambda name: -_or_least(_mean(table, name)))
    rows = []
    for name in order:
        own = table[table["contender"] == name]
        label = name + (_TRIVIAL if bool(own["trivial"].any()) else "")
        cells = [Cell(label, name), _summary(own, question, "all")]
        cells += [_summary(own[own["space"] == space], question, space) for space in spaces]
        by_place = own.set_index(["space", "task"])
        cells += [
            _number(by_place.loc[place], question) if place in by_place.index else Cell("", None)
            for place in places
        ]
        rows.append(cells)
    headings = ["proxy", "mean", *(f"{space}\nmean" for space in spaces)]
    headings += ["\n".join(place) for place in places]
    return Sheet(f"board-{question}", QUESTIONS[question], headings, rows)


def _or_least(value: float) -> float:
    return -math.inf if math.isnan(value) else value


def _mean(table: pd.DataFrame, name: str) -> float:
    return float(table.loc[table["contender"] == name, "value"].mean())


def _summary(own: pd.DataFrame, question: str, of: str) -> Cell:
    """Write a mean over columns; how many have a value stands below it."""
    known = own["value"].dropna()
    if known.empty:
        return Cell("", None, column=of)
    mean = float(known.mean())
    below = f"{len(known)} column{'s' if len(known) > 1 else ''}"
    return Cell(_text(mean, question), mean, below, "", _shade(mean, question), of)


def _number(row: pd.Series, question: str) -> Cell:
    value, low, high = (float(row[name]) for name in ("value", "low", "high"))
    if math.isnan(value):
        return Cell("", None)
    interval = "" if math.isnan(low) else f"{_text(low, question)} to {_text(high, question)}"
    version = f"version {row['version']}" if row["version"] else "a function of the architecture"
    told = (
        f"n = {row['n']} x {row['seeds']} seeds; {version}; {row['protocol'] or 'no protocol'}; store {row['store']} "
        f"{row['sha256']}; {row['date'] or 'no date on record'}"
    )
    return Cell(
        _text(value, question), float(f"{value:.6g}"), interval, told, _shade(value, question)
    )


def _text(value: float, question: str) -> str:
    if question == "second":
        return text_of(float(f"{value:.2g}")) if abs(value) < 10 else f"{value:,.0f}"
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "\N{MINUS SIGN}")


def _shade(value: float, question: str) -> str:
    return "" if question == "second" else shade(value)


def _details(name: str, audit: Audit) -> Details:
    """Gather what lies behind a row, with ids of its own."""
    shown = []
    for section in sections(audit):
        sheets = [
            Sheet(f"{name}-{sheet.name}", sheet.caption, sheet.headings, sheet.rows)
            for sheet in section.sheets
            if sheet.name not in _TOO_LARGE
        ]
        if sheets:
            shown.append(
                Section(section.name, section.short, section.question, section.how, sheets)
            )
    return Details(
        name,
        list(audit.findings.itertuples(index=False, name=None)),
        list(audit.disguises[["found", "sentence"]].itertuples(index=False, name=None)),
        shown,
    )
