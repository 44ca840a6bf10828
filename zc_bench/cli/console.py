"""What the command line prints."""

import logging
import math
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from zc_bench._internal.progress import remarks
from zc_bench.errors import ZcBenchWarning

if TYPE_CHECKING:
    from zc_bench.audits.api import Audit
    from zc_bench.audits.compare import Comparison
    from zc_bench.audits.submission import SubmissionCheck
    from zc_bench.engine.declare import Proxy
    from zc_bench.engine.derived import DerivedProxy
    from zc_bench.engine.plan import Plan
    from zc_bench.engine.scores import Score
    from zc_bench.statistics.correlate import Report

_AT_A_TERMINAL = sys.stdout is not None and sys.stdout.isatty()
# In a pipe or a file there is no edge at which to fold a line. What is printed is text: [x] is
# three letters.
out = Console(width=None if _AT_A_TERMINAL else 1000, markup=False, emoji=False)


def say(sentence: str) -> None:
    """Print a remark; remarks go to standard error, results to standard output."""
    remarks.print(plain(sentence), style="dim", soft_wrap=True)


class _LogHandler(logging.Handler):
    """Prints what the package logs as remarks."""

    def emit(self, record: logging.LogRecord) -> None:
        say(record.getMessage())


def show_log() -> None:
    """Print what the package logs, from INFO up; `silence` ends that."""
    logger = logging.getLogger("zc_bench")
    if not any(isinstance(handler, _LogHandler) for handler in logger.handlers):
        logger.addHandler(_LogHandler())
    logger.propagate = False
    logger.setLevel(logging.INFO)


def log(sentence: str) -> None:
    """Print a remark, unless the command is quiet."""
    logging.getLogger("zc_bench.cli").info(sentence)


def silence(quiet: bool) -> None:
    """Print warnings only, if `quiet`."""
    if quiet:
        logging.getLogger("zc_bench").setLevel(logging.WARNING)


def fail(sentence: str) -> None:
    """Print an error."""
    remarks.print("Error:", style="bold red", end=" ")
    remarks.print(plain(sentence), soft_wrap=True)


@contextmanager
def warnings_said() -> Iterator[None]:
    """Print warnings of this package as remarks, without the place in the code, while the block lasts."""
    ordinary = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
        if issubclass(category, ZcBenchWarning):
            say(str(message))
        else:
            ordinary(message, category, *place, **more)

    with warnings.catch_warnings():
        warnings.simplefilter("always", ZcBenchWarning)
        warnings.showwarning = show
        yield


def plain(text: str) -> str:
    r"""Spell out what is no letter, so that no text of a file moves the cursor or colours what follows.

    Args:
        text: any text.

    Returns:
        The text with control characters and halves of characters as Python writes them.

    Example:
        >>> plain("a\x1b[2Jb")
        'a\\x1b[2Jb'
    """
    return "".join(
        letter
        if letter.isprintable() or letter == "\n"
        else letter.encode("unicode_escape").decode()
        for letter in text
    )


def show_table(
    columns: Mapping[str, str], rows: Sequence[tuple[str, ...]], title: str | None = None
) -> None:
    """Print a table.

    Args:
        columns: heading to justification ("left", "right").
        rows: one tuple of cells per row.
        title: above the table.
    """
    if title:
        # A line of its own: as the title of a narrow table it would be folded to the table's width.
        out.print(plain(title), style="bold", soft_wrap=True)
    table = Table(box=box.SIMPLE_HEAD)
    for heading, justify in columns.items():
        table.add_column(
            Text(plain(heading)), justify="right" if justify == "right" else "left", overflow="fold"
        )
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    out.print(table)


def show_facts(facts: Mapping[str, str]) -> None:
    """Print one fact per line, however long."""
    width = max(map(len, facts))
    for name, value in facts.items():
        out.print(plain(f"{name:<{width}}  "), style="bold", end="", highlight=False)
        out.print(plain(value), highlight=False, soft_wrap=True)


def show_report(report: "Report") -> None:
    """Print the mean and the spread of Spearman's rank correlation, proxies by tasks, best first."""
    means, spreads = report.spearman(), report.spread()
    counts = report.counts().to_numpy()[means.notna().to_numpy()].tolist() or [0]
    seeds = report.correlations["seed"].nunique()
    rows = [
        (
            str(proxy),
            *(_cell(means.loc[proxy, task], spreads.loc[proxy, task]) for task in means.columns),
        )
        for proxy in means.index
    ]
    smallest, largest = min(counts), max(counts)
    n = f"{smallest}" if smallest == largest else f"{smallest} to {largest}"
    spread = " ± standard deviation over seeds" if seeds > 1 else ""
    show_table(
        {"proxy": "left", **dict.fromkeys(map(str, means.columns), "right")},
        rows,
        f"Spearman's rank correlation with the ground truth: mean{spread}; {n} architectures x {seeds} seed(s)",
    )
    for remark in report.remarks:
        out.print(remark, markup=False, highlight=False, soft_wrap=True)
    invalid = report.correlations.groupby("proxy")["invalid"].sum()
    counted = [f"{proxy} {count}" for proxy, count in invalid[invalid > 0].items()]
    if counted:
        policy = {"worst": "ranked worst", "drop": "left out"}[report.invalid]
        say(f"Invalid scores, {policy} (--invalid): {', '.join(counted)}.")


def _cell(mean: float, spread: float) -> str:
    if math.isnan(mean):
        return "undefined"
    return f"{mean:.3f}" if math.isnan(spread) else f"{mean:.3f} ± {spread:.3f}"


def show_findings(audit: "Audit") -> None:
    """Print the findings of an audit, and what the score may be in disguise."""
    out.print(plain(f"Audit of {audit.proxy}"), style="bold", highlight=False)
    for question, finding in audit.findings.itertuples(index=False):
        out.print(plain(question), style="bold", highlight=False)
        out.print(plain(f"  {finding}"), highlight=False, soft_wrap=True)
    out.print("Is it something simpler in disguise?", style="bold", highlight=False)
    for sentence in audit.disguises["sentence"]:
        out.print(plain(f"  {sentence}"), highlight=False, soft_wrap=True)


def show_comparison(comparison: "Comparison") -> None:
    """Print the differences of proxies, and their average ranks."""
    rows = [
        (
            f"{row['space']}-{row['task']}",
            f"{row['proxy']} - {row['other']}",
            f"{row['difference']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]",
            "<0.001" if row["p_holm"] < 0.001 else f"{row['p_holm']:.3f}",
            f"{row['n']} x {row['seeds']}",
        )
        for row in comparison.over_seeds.to_dict("records")
    ]
    headings = ("column", "pair", "difference of rho", "p (Holm)", "n x seeds")
    show_table(
        {name: "right" if name[0] in "dpn" and name != "pair" else "left" for name in headings},
        rows,
        "Paired differences of Spearman's rank correlation, with 95 % intervals",
    )
    if len(ranks := comparison.ranks):
        first = ranks.iloc[0]
        show_table(
            {"proxy": "left", "average rank": "right"},
            [(str(row.proxy), f"{row.rank:.2f}") for row in ranks.itertuples()],
            f"Average ranks over {first['columns']} columns; critical difference {first['difference']:.2f}",
        )


def show_submission(found: "SubmissionCheck") -> None:
    """Print whether a submitted store is accepted, and why not."""
    rows = [tuple(map(str, row)) for row in found.columns.itertuples(index=False)]
    show_table(dict.fromkeys(map(str, found.columns), "left"), rows, f"Columns of {found.store}")
    show_facts(
        {
            "seed of the check": str(found.seed),
            "trials": f"{found.trials:,} computed again, {found.compared:,} scores compared",
            "1 % forged": f"found with probability {found.scattered:.4f} anywhere, {found.together:.4f} in as few "
            "trials as possible",
            "computed by": str(found.versions["store"]),
            "checked by": str(found.versions["check"]),
        }
    )
    for reason in found.refusals:
        out.print(plain(f"  {reason}"), highlight=False, soft_wrap=True)
    verdict = f"Refused: {len(found.refusals)} reasons." if found.refusals else "Accepted."
    out.print(verdict, style="bold", highlight=False)


def show_scores(scores: Mapping[str, "Score"]) -> None:
    """Print the scores of one trial."""
    rows = [
        (name, f"{score.value:.6g}" if score.status == "done" else str(score.status), score.reason)
        for name, score in scores.items()
    ]
    show_table({"proxy": "left", "score": "right", "remark": "left"}, rows)


def show_proxies(entries: Iterable["Proxy"]) -> None:
    """Print what each proxy is, what it needs and where it comes from."""
    # Imported here: it imports torch, and most commands do without it.
    from zc_bench.engine.derived import needs_in_words

    for entry in sorted(entries, key=lambda entry: entry.name):
        facts = [
            f"{'higher' if entry.higher_is_better else 'lower'} is better",
            "uses labels" if entry.uses_labels else "uses no labels",
            f"needs {needs_in_words(entry)}",
        ]
        if entry.classification_only:
            facts.append("classification only")
        out.print(plain(entry.name), style="bold", end="", highlight=False)
        out.print(plain(f"@{entry.version}  {entry.summary}"), highlight=False)
        out.print(plain(f"    {'; '.join(facts)}"), highlight=False)
        out.print(plain(f"    {entry.source}"), style="dim", highlight=False)


def show_plan(planned: "Plan", derived: Sequence["DerivedProxy"]) -> None:
    """Print which passes run and which proxies use them, and which proxies are derived."""
    serving = {
        step.name: [entry.name for entry in planned.proxies if step in planned.rests_on(entry)]
        for step in planned.passes
    }
    rows = [
        (
            step.name,
            (step.function.__doc__ or "").strip().splitlines()[0],
            ", ".join(kind.__name__ for kind in step.produces if kind in planned.requested),
            ", ".join(serving[step.name]),
        )
        for step in planned.passes
    ]
    show_table(
        dict.fromkeys(("pass", "what it does", "gives", "serves"), "left"),
        rows,
        "Passes, each once, in the order in which they run",
    )
    if derived:
        show_table(
            dict.fromkeys(("proxy", "reads"), "left"),
            [(entry.name, f"scores of {', '.join(entry.inputs)}") for entry in derived],
            "Derived proxies: no pass runs for them",
        )
