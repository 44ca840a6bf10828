"""What was found, in sentences, for the beginning of a report."""

import pandas as pd

from zc_bench.proxies.groups import GROUPS
from zc_bench.report.findings import Findings

TRIVIAL = ("params", "flops", *GROUPS["trivial"])


def sentences(findings: Findings) -> list[str]:
    """Say what was found: which proxies rank best, beside trivial ones, and what is not sure.

    Args:
        findings: the numbers of a report.

    Returns:
        Sentences; none is a grade.
    """
    numbers = findings.numbers.dropna(subset=["spearman"])
    if numbers.empty:
        return ["No rank correlation is defined: there is no ground truth, or too few scores."]
    said = [_best(numbers), *_trivial(numbers)]
    unsure = numbers[(numbers["low"] <= 0) & (numbers["high"] >= 0)]
    said.append(
        f"Of {len(numbers)} correlations, {len(unsure)} have an interval that contains 0"
        + (f" (most of them of {_most(unsure)})." if len(unsure) else ".")
    )
    counts = findings.numbers[["invalid", "missing"]].sum()
    if counts.any():
        said.append(
            f"{int(counts['invalid']):,} scores are invalid and {int(counts['missing']):,} are missing, of "
            f"{len(findings.rows):,}."
        )
    return said


def _best(numbers: pd.DataFrame) -> str:
    means = numbers.groupby("proxy")["spearman"].mean()
    name = str(means.idxmax())
    own = numbers.loc[numbers["proxy"] == name, "spearman"]
    spread = f", from {_fixed(own.min())} to {_fixed(own.max())}" if len(own) > 1 else ""
    return (
        f"{name} has the largest mean ρ: {_fixed(means[name])} over {_columns(len(own))}{spread}."
    )


def _trivial(numbers: pd.DataFrame) -> list[str]:
    """Compare means with the strongest trivial proxy, on the columns that both have."""
    table = numbers.pivot_table(index=["space", "task"], columns="proxy", values="spearman")
    trivial = [name for name in TRIVIAL if name in table]
    others = [name for name in table if name not in trivial]
    if not trivial or not others:
        return []
    strongest = str(table[trivial].mean().idxmax())
    ahead = [str(name) for name in others if (table[name] - table[strongest]).dropna().mean() > 0]
    listed = f": {', '.join(ahead)}" if ahead else ""
    return [
        f"Of trivial proxies {strongest} is the strongest, with {_fixed(table[strongest].mean())}; "
        f"{len(ahead)} of {len(others)} proxies have a larger mean on the columns that both have{listed}. "
        "Whether a difference is chance says `zc-bench audit`."
    ]


def _most(unsure: pd.DataFrame) -> str:
    counts = unsure["proxy"].value_counts()
    return ", ".join(sorted(map(str, counts[counts == counts.max()].index)))


def _columns(count: int) -> str:
    return f"{count} column{'s' if count > 1 else ''}"


def _fixed(value: float) -> str:
    return f"{round(float(value), 2) + 0.0:.2f}".replace("-", "\N{MINUS SIGN}")
