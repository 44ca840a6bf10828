"""The page of an audit."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from zc_bench.audits.api import Audit
from zc_bench.audits.findings import QUESTIONS
from zc_bench.audits.top import NOISY
from zc_bench.report.frames import sheet_of
from zc_bench.report.page import fill
from zc_bench.report.tables import Sheet

_PLACE = {"space": "space", "task": "task"}


@dataclass(frozen=True)
class Section:
    """A section of the page: one question, how it is answered, and the numbers.

    Attributes:
        name: its id.
        short: its name in the navigation.
        question: its heading.
        how: how the numbers come about.
        sheets: the tables.
    """

    name: str
    short: str
    question: str
    how: str
    sheets: Sequence[Sheet]


def render(audit: Audit) -> str:
    """Write the page of an audit.

    Args:
        audit: the audit.

    Returns:
        HTML that needs no other file.
    """
    spaces = ", ".join(audit.origin["space"])
    return fill(
        "audit.html",
        ("tables.js",),
        title=f"Audit of {audit.proxy} on {spaces}",
        findings=list(audit.findings.itertuples(index=False)),
        disguises=list(audit.disguises[["found", "sentence"]].itertuples(index=False)),
        sections=sections(audit),
        origin=sheet_of(
            "origins",
            "Stores, and the version of the proxy whose scores they hold",
            audit.origin,
            {name: name for name in ("space", "store", "version", "protocol", "date", "sha256")},
        ),
    )


def sections(audit: Audit) -> list[Section]:
    """Arrange the frames of an audit by question."""
    percent = f"{audit.confidence:.0%}"
    interval = {"low": f"{percent} from", "high": "to"}
    return [
        _section(
            "correlation",
            "Rank",
            "Means over seeds. The interval holds the noise of architectures and of seeds.",
            sheet_of(
                "t-correlation",
                "Rank correlation with the ground truth",
                audit.correlations,
                _PLACE
                | {"spearman": "Spearman's ρ"}
                | interval
                | {
                    "kendall": "Kendall's τ-b",
                    "kendall_low": f"{percent} from",
                    "kendall_high": "to",
                }
                | {"n": "n per seed", "seeds": "seeds", "least": "worst seed", "most": "best seed"},
                ["spearman", "kendall"],
            ),
        ),
        _section(
            "baselines",
            "Baselines",
            "Paired on the same architectures and resamples; p is corrected for all comparisons of the table (Holm). "
            "“At equal” is ρ with the truth among architectures with the same value of the baseline (bins of about "
            "twenty where values hardly repeat). A number of operations without weights counts as “fewer”.",
            sheet_of(
                "t-baselines",
                "The proxy against what is to be had for nothing",
                audit.baselines,
                _PLACE
                | {"baseline": "baseline", "baseline_rho": "its ρ", "difference": "difference"}
                | interval
                | {"p_holm": "p", "verdict": "verdict", "with_baseline": "ρ with it"}
                | {"left": "ρ at equal", "left_low": f"{percent} from", "left_high": "to"},
                ["baseline_rho", "left"],
            ),
        ),
        _section(
            "size",
            "Equal size",
            "Strata have equal depth and equal params (bins of about twenty where params hardly repeat). Partial ρ "
            "holds the ranks of params, flops and depth fixed.",
            sheet_of(
                "t-size",
                "Rank correlation among architectures of equal depth and size",
                audit.size,
                _PLACE
                | {"spearman": "ρ overall", "within": "ρ within strata"}
                | {
                    "within_low": f"{percent} from",
                    "within_high": "to",
                    "strata": "strata",
                    "n": "n",
                }
                | {"tied": "pairs tied", "partial": "partial ρ"}
                | {"partial_low": f"{percent} from", "partial_high": "to", "given": "given"},
                ["spearman", "within", "partial"],
            ),
        ),
        _section(
            "top",
            "Top",
            "Among the best architectures every ρ is smaller, because accuracies differ little. “Noisy ranks” and "
            "“noisy accuracies” are the truth with so much noise that the overall ρ is the proxy's: noise of one size "
            "in ranks spares the top, in accuracies it drowns it. 95 % of the draws lie between the ends.",
            sheet_of(
                "t-top-rho",
                "ρ among the best architectures by truth",
                _wide(audit.top, "rho"),
                _headings(_wide(audit.top, "rho")),
            ),
            sheet_of(
                "t-top-k",
                "The k best-scored architectures",
                _wide(audit.top),
                _headings(_wide(audit.top)),
            ),
        ),
        _section(
            "ceiling",
            "Ceiling",
            "A second, independent training ranks the same architectures; no score can be expected to rank better.",
            *_unless_empty(
                "t-ceiling",
                "ρ with the ground truth, overall and among the best 10 %",
                audit.ceiling,
                _PLACE
                | {"spearman": "proxy", "ceiling": "second training", "share": "share"}
                | {"top": "proxy, best 10 %", "top_ceiling": "second training, best 10 %"}
                | {"n": "n per seed", "seeds": "seeds"},
                ["spearman", "ceiling", "top", "top_ceiling"],
            ),
        ),
        _section(
            "robustness",
            "Robustness",
            "Scores of the same architectures in two seeds, and in stores of other protocols or images.",
            *_unless_empty(
                "t-seeds",
                "Seeds",
                audit.seeds,
                _PLACE
                | {
                    "repeatability": "ρ between seeds",
                    "shared": "pairs",
                    "level": "variance by seed",
                }
                | {"within": "ρ within seeds", "pooled": "ρ of all seeds together"},
                ["repeatability", "within", "pooled"],
            ),
            *_unless_empty(
                "t-protocols",
                "Other stores",
                audit.protocols,
                _PLACE
                | {"other": "other store", "differs": "differs in", "shared": "architectures"}
                | {"agreement": "ρ between scores", "here": "ρ here", "there": "ρ there"},
                ["agreement", "here", "there"],
            ),
        ),
        _section(
            "cost",
            "Cost",
            "Seconds of a score whose proxy is computed alone, without building the network.",
            sheet_of(
                "t-cost",
                "Cost of a score",
                audit.cost,
                _PLACE
                | {"seconds": "seconds", "spearman": "ρ", "rho_per_second": "ρ per second"}
                | {"images": "images", "passes": "passes"},
                ["spearman"],
            ),
        ),
        _section(
            "ties",
            "Ties",
            "Ties are counted among the scores of one seed.",
            sheet_of(
                "t-ties",
                "Ties, invalid and missing scores",
                audit.ties,
                _PLACE
                | {"scores": "scores", "distinct": "distinct", "tied": "pairs tied"}
                | {"invalid": "invalid", "missing": "missing"},
            ),
        ),
    ]


def _section(name: str, short: str, how: str, *sheets: Sheet) -> Section:
    return Section(name, short, QUESTIONS[name], how, sheets)


def _unless_empty(
    name: str,
    caption: str,
    frame: pd.DataFrame,
    headings: dict[str, str],
    coloured: Sequence[str],
) -> list[Sheet]:
    return [sheet_of(name, caption, frame, headings, coloured)] if len(frame) else []


def _wide(top: pd.DataFrame, measure: str = "") -> pd.DataFrame:
    """Put contenders side by side: of one measure with the band, or of the k best-scored."""
    chosen = top[top["measure"] == measure] if measure else top[top["measure"] != "rho"]
    index = ["space", "task", "at"] if measure else ["space", "task", "measure", "at"]
    values = chosen.pivot_table(index=index, columns="contender", values="value", sort=False)
    order = list(dict.fromkeys(chosen["contender"]))
    table = values[order]
    if measure:
        for name in NOISY:
            ends = chosen[chosen["contender"] == name].set_index(index)[["low", "high"]]
            table = table.join(ends.rename(columns={"low": f"{name} from", "high": f"{name} to"}))
    return table.reset_index()


def _headings(frame: pd.DataFrame) -> dict[str, str]:
    return {str(name): str(name).replace("_", " ") for name in frame.columns}
