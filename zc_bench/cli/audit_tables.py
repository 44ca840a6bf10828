"""What `audit`, `compare` and `submit` print."""

from zc_bench.audits import Audit, Comparison, SubmissionCheck
from zc_bench.cli import console


def show_findings(audit: Audit) -> None:
    """Print the findings of an audit, and what the score may be in disguise."""
    console.out.print(console.plain(f"Audit of {audit.proxy}"), style="bold", highlight=False)
    for question, finding in audit.findings.itertuples(index=False):
        console.out.print(console.plain(question), style="bold", highlight=False)
        console.out.print(console.plain(f"  {finding}"), highlight=False, soft_wrap=True)
    console.out.print("Is it something simpler in disguise?", style="bold", highlight=False)
    for sentence in audit.disguises["sentence"]:
        console.out.print(console.plain(f"  {sentence}"), highlight=False, soft_wrap=True)


def show_comparison(comparison: Comparison) -> None:
    """Print the differences of proxies, and their average ranks."""
    rows = [
        (
            f"{row['space']}-{row['task']}",
            str(row["proxy"]),
            str(row["other"]),
            f"{row['difference']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]",
            "<0.001" if row["p_holm"] < 0.001 else f"{row['p_holm']:.3f}",
            f"{row['n']} x {row['seeds']}",
        )
        for row in comparison.over_seeds.to_dict("records")
    ]
    console.show_table(
        {
            **dict.fromkeys(("column", "proxy", "minus"), "left"),
            **dict.fromkeys(("difference of rho", "p (Holm)", "n x seeds"), "right"),
        },
        rows,
        "Paired differences of Spearman's rank correlation, with 95 % intervals",
    )
    if len(ranks := comparison.ranks):
        first = ranks.iloc[0]
        console.show_table(
            {"proxy": "left", "average rank": "right"},
            [(str(row.proxy), f"{row.rank:.2f}") for row in ranks.itertuples()],
            f"Average ranks over {first['columns']} columns; critical difference {first['difference']:.2f}",
        )


def show_submission(found: SubmissionCheck) -> None:
    """Print whether a submitted store is accepted, and why not."""
    rows = [tuple(map(str, row)) for row in found.columns.itertuples(index=False)]
    console.show_table(
        dict.fromkeys(map(str, found.columns), "left"), rows, f"Columns of {found.store}"
    )
    console.show_facts(
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
        console.out.print(console.plain(f"  {reason}"), highlight=False, soft_wrap=True)
    verdict = f"Refused: {len(found.refusals)} reasons." if found.refusals else "Accepted."
    console.out.print(verdict, style="bold", highlight=False)
