"""Options that several commands share, and what they mean."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from zc_bench.spec import Protocol, preset_registry
from zc_bench.statistics.correlate import InvalidPolicy

SpaceOption = Annotated[str, typer.Option(help="Search space: see `zc-bench list spaces`.")]
TasksOption = Annotated[
    list[str] | None,
    typer.Option(
        "--task",
        "--tasks",
        help="Tasks, separated by commas.",
        show_default="all with ground truth",
    ),
]
ProxiesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--proxies",
        "--proxy",
        help="Proxies and groups (paper, recent, trivial, all), separated by commas: see `zc-bench list "
        "proxies`.",
        show_default="paper",
    ),
]
InputsOption = Annotated[
    str,
    typer.Option(
        help="Images: auto, noise, or a path to an .npz file or a folder like the data folder."
    ),
]
PresetOption = Annotated[
    str,
    typer.Option(
        help="Protocol by name: swap-paper, suite-zero (N = 64), swap-repo (N = 16, 32 N(0,1) networks), swap-nas (a "
        "search's one cell, 8 N(0,1) networks)."
    ),
]
BatchOption = Annotated[
    int | None, typer.Option(help="N, images per batch.", show_default="the preset's")
]
DeviceOption = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, ...")]
MuOption = Annotated[
    float | None, typer.Option(help="Centre of reg_swap's bell, in the preset's size unit.")
]
SigmaOption = Annotated[
    float | None, typer.Option(help="Width of reg_swap's bell, in the preset's size unit.")
]
DedupOption = Annotated[
    bool,
    typer.Option("--dedup", help="Of architectures with the same canonical form, draw only one."),
]
WorkersOption = Annotated[
    int, typer.Option(help="Processes on this machine; the processors are shared out.")
]
ThreadsOption = Annotated[
    int | None,
    typer.Option(
        help="Torch's threads per worker; the last digits depend on them.",
        show_default="processors / workers",
    ),
]
SchedulerOption = Annotated[
    str | None,
    typer.Option(
        help="Scheduler of Dask whose workers take the trials: tcp://host:port, or its file."
    ),
]
BudgetOption = Annotated[
    str | None,
    typer.Option(
        help="Stop in time, e.g. 90s, 10m, 2h, none.",
        show_default="nothing is computed where enough is shipped; else 10m, none on a GPU",
    ),
]
InvalidOption = Annotated[
    InvalidPolicy, typer.Option(help="Rank invalid scores worst, or leave them out.")
]
OutOption = Annotated[
    Path | None, typer.Option(help="Folder of the results.", show_default="results/<name>")
]
SEEDS = "Independent runs: how many, or which (3:5 is 3 and 4); own architectures, batch, weights."
DryRunOption = Annotated[
    bool,
    typer.Option("--dry-run", help="Say what is left and what it would cost here; keep nothing."),
]
FreshOption = Annotated[
    bool,
    typer.Option("--fresh", help="Start over: old scores are set aside, shipped ones not read."),
]
TruthOption = Annotated[
    str | None,
    typer.Option(
        help="Ground truth: a metric by name (`zc-bench list tables`), or a file of your own.",
        show_default="the task's own metric",
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Print the table and errors only.")]


def protocol_from(
    preset: str, batch_size: int | None, inputs: str, mu: float | None, sigma: float | None
) -> Protocol:
    """Take a preset and what the options say otherwise."""
    return preset_registry[preset].changed(batch_size=batch_size, inputs=inputs, mu=mu, sigma=sigma)


def names_in(words: str | Iterable[str] | None) -> tuple[str, ...]:
    """Split names that are separated by commas; an option may also be repeated."""
    listed = [words] if isinstance(words, str) else list(words or ())
    return tuple(
        dict.fromkeys(name.strip() for word in listed for name in word.split(",") if name.strip())
    )
