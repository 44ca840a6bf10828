"""`zc-bench submit`: scores for the leaderboard."""

from pathlib import Path
from typing import Annotated

import typer

from zc_bench.audits.submission import check_submission
from zc_bench.cli.application import new_group
from zc_bench.cli.audit_tables import show_submission

app = new_group("Scores for the leaderboard: check a store before it is shown.")


@app.command()
def check(
    store: Annotated[Path, typer.Argument(help="A store: the .h5 file of a run.")],
    seed: Annotated[
        int | None, typer.Option(help="Seed of the checker.", show_default="a new one")
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(
            help="Trials that are computed again.",
            show_default="so many that 1 % forged scores are found with probability 0.99",
        ),
    ] = None,
    worst_case: Annotated[
        bool,
        typer.Option(
            "--worst-case", help="Find them also if they lie in as few trials as possible."
        ),
    ] = False,
    inputs: Annotated[
        str | None, typer.Option(help="Images.", show_default="those on record")
    ] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda, ...")] = "cpu",
) -> None:
    """Check a store: versions, architectures, settings, and trials computed again.

    The exit status is 1 if it is refused.
    """
    found = check_submission(
        store, seed=seed, trials=trials, worst_case=worst_case, inputs=inputs, device=device
    )
    show_submission(found)
    if not found.accepted:
        raise typer.Exit(1)
