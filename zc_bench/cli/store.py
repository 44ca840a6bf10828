"""`zc-bench store`: what a store holds, several stores as one, scores for other programs."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from zc_bench._internal.files import explaining
from zc_bench.cli import console
from zc_bench.cli.application import new_group
from zc_bench.errors import ZcBenchError
from zc_bench.execution import verify
from zc_bench.store import Contents, grouped, read_store, summary, with_derived
from zc_bench.store import merge as merge_stores
from zc_bench.store import migrate as migrate_store
from zc_bench.store.export import Exported, format_of, formats
from zc_bench.store.export import export as export_scores
from zc_bench.tables import Table, load_table

app = new_group("Look into stores, merge them, export their scores.")

PathArgument = Annotated[Path, typer.Argument(help="A store: the .h5 file of a run.")]


@app.command()
def show(
    path: PathArgument,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Also versions, settings, passes, and what scores depend on."),
    ] = False,
) -> None:
    """Show what a store holds: trials, scores by status; with --all also costs and origins."""
    contents = read_store(path)
    if everything:
        _show_all(path, contents)
        return
    console.show_facts({"store": str(path), **summary.facts(contents)})
    _show(summary.trials(contents), "task", "Trials by seed")
    _show(summary.statuses(contents, short=True), "column", "Scores by status")
    console.say("--all shows versions, settings, seconds, passes and origins.")


def _show_all(path: Path, contents: Contents) -> None:
    others = {
        f"other {number}": other for number, other in enumerate(contents.other_provenance, start=1)
    }
    sections = _flat({**contents.provenance, **others})
    console.show_facts(
        {
            "store": str(path),
            "space": contents.space,
            "trials": f"{len(contents.trials):,}",
            **sections,
        }
    )
    for columns, rests_on in grouped(contents.fingerprints).items():
        console.show_facts({"scores of": columns, **_flat(rests_on)})
    _show(summary.trials(contents), "task", "Trials by seed")
    _show(
        summary.statuses(contents),
        "column",
        "Scores by status; seconds per score, without the passes",
    )
    _show(
        _readable(summary.passes(contents)),
        "pass",
        "Passes: seconds per trial and in all, largest peak memory",
    )
    drawn = {
        f"{task}, seed {seed}": f"{len(keys):,}"
        for (task, seed), keys in sorted(contents.drawn.items())
    }
    console.show_table(
        {"drawn for": "left", "architectures": "right"}, list(drawn.items()), "Architectures drawn"
    )


@app.command()
def merge(
    paths: Annotated[list[Path], typer.Argument(help="Stores of the same space.")],
    out: Annotated[Path, typer.Option(help="The new store.")],
) -> None:
    """Merge stores of the same space; contradicting scores are refused."""
    merged = merge_stores(paths, out)
    console.say(f"Written to {out}: {len(merged.trials):,} trials of {len(paths)} stores.")


@app.command()
def migrate(
    paths: Annotated[list[Path], typer.Argument(help="Stores of format 1.")],
    sample: Annotated[int, typer.Option(min=0, help="Trials that are computed again.")] = 10,
    inputs: Annotated[
        str, typer.Option(help="Images for these trials.", show_default="those on record")
    ] = "",
) -> None:
    """Rewrite stores of format 1, after a sample of their scores was computed again.

    The old ones are kept.
    """
    for path in paths:
        done = migrate_store(path, partial(verify, trials=sample, inputs=inputs or None))
        console.say(
            f"{path}: {len(done.contents.trials):,} trials. The old store is {done.backup}."
        )
        console.say(f"  reg_swap, derived again: {done.derived}")
        console.say(f"  {sample} trials, computed again: {done.recomputed}")


@app.command()
def export(
    path: PathArgument,
    out: Annotated[Path, typer.Option(help="The file to write.")],
    format_: Annotated[
        str | None,
        typer.Option(
            "--format", help=f"One of {', '.join(formats)}.", show_default="by the ending of --out"
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(help="This seed only.", show_default="all; suite-zero takes the mean"),
    ] = None,
) -> None:
    """Write scores, with ground truth where it is at hand, for other programs."""
    chosen = format_of(out, format_)
    contents = with_derived(read_store(path))
    if seed is not None and seed not in {key.seed for key in contents.trials}:
        seeds = ", ".join(map(str, sorted({key.seed for key in contents.trials}))) or "none"
        message = f"{path} has no trial of seed {seed}: its seeds are {seeds}."
        raise ZcBenchError(message)
    with explaining(out):
        export_scores(Exported(contents, _find_table(contents.space), seed), chosen, out)
    console.say(f"Written to {out}.")


def _find_table(space: str) -> Table | None:
    try:
        return load_table(space)
    except ZcBenchError as error:
        console.say(f"Written without ground truth: {error}")
        return None


def _show(table: pd.DataFrame, index: str, title: str) -> None:
    """Print a table of numbers by name."""
    rows = [
        (str(name), *map(_cell, row))
        for name, row in zip(table.index, table.to_numpy(object), strict=True)
    ]
    console.show_table(
        {index: "left", **dict.fromkeys(map(str, table.columns), "right")}, rows, title
    )


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _readable(passes: pd.DataFrame) -> pd.DataFrame:
    """Write bytes in MB; absent where no pass was measured, as on a CPU."""
    peaks = passes["peak_bytes"].map(
        lambda peak: "not measured" if pd.isna(peak) else f"{peak / 1e6:,.1f} MB"
    )
    return passes.assign(peak_bytes=peaks).rename(columns={"peak_bytes": "peak memory"})


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Write nested values as one fact each, "section.name"."""
    facts: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, dict) and value:
            facts |= _flat(value, f"{prefix}{name}.")
        else:
            facts[f"{prefix}{name}"] = str(value)
    return facts
