"""The figures and tables of SWAP-NAS (arXiv:2403.04161): what each shows and what makes it."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Unpack

import pandas as pd
from matplotlib.figure import Figure

from zc_bench import figures
from zc_bench._internal.files import explaining, write_csv
from zc_bench.errors import expect_whole, unknown_name
from zc_bench.paper.correlations import heatmap, of_plugin, scatter
from zc_bench.paper.mu_sigma import mu_sigma
from zc_bench.paper.patterns import patterns
from zc_bench.paper.request import Reproduced, Request, RunOptions
from zc_bench.paper.search_cost import search_cost
from zc_bench.paper.searches import size_control
from zc_bench.paper.sizes import histogram, regularisation
from zc_bench.registry import warn_of_broken_plugins
from zc_bench.seeds import read_seeds
from zc_bench.spaces import space_registry
from zc_bench.spec import MOST_SAMPLES

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reproduction:
    """How a figure or table comes about.

    Attributes:
        shows: its content, in half a line.
        make: reads or computes scores, and draws.
        experiment: the name of its folder of results, and of its file in `zc_bench/paper/specs`.
    """

    shows: str
    make: Callable[[Request], Reproduced]
    experiment: str = "sizes"


def _sizes_of(shows: str, space: str, task: str, unit: str) -> Reproduction:
    return Reproduction(shows, partial(histogram, space=space, task=task, unit=unit))


def _heatmap(shows: str, experiment: str) -> Reproduction:
    return Reproduction(shows, partial(heatmap, experiment=experiment), experiment)


def _mu_sigma(benchmark: str, space: str) -> Reproduction:
    shows = f"rank correlation of regularised SWAP by mu and sigma, on {benchmark}"
    return Reproduction(shows, partial(mu_sigma, space=space), "figure4")


_PATTERNS = Reproduction(
    "activation patterns by size of the images, for three proxies", patterns, "table3"
)

FIGURES: Mapping[str, Reproduction] = {
    "figure4": _heatmap(
        "rank correlation of every proxy with the ground truth, beside published ones; "
        "TransNAS-Bench-101 with images of 64 x 64",
        "figure4",
    ),
    "figure4-256": _heatmap(
        "the same with images of 256 x 256, the size of the benchmark", "figure4-256"
    ),
    "figure5a": _sizes_of(
        "sizes of DARTS cells, as networks for CIFAR-10", "darts_search", "cifar10", "K"
    ),
    "figure5b": Reproduction(
        "sizes of what SWAP-NAS finds on CIFAR-10, by mu and sigma",
        partial(size_control, task="cifar10"),
    ),
    "figure6": Reproduction(
        "the bell curve of regularised SWAP over sizes, by mu and sigma", regularisation
    ),
    # A range of 25 to 27.5 thousand: that of figure 5a, and a classifier of 1000 classes.
    "figure7": _sizes_of(
        "sizes of DARTS cells, as networks for ImageNet", "darts_search", "imagenet", "K"
    ),
    "figure8": Reproduction(
        "sizes of what SWAP-NAS finds on ImageNet, by mu and sigma",
        partial(size_control, task="imagenet"),
    ),
    "figure9": _sizes_of("sizes of the networks of NAS-Bench-101", "nb101", "cifar10", "M"),
    "figure10": _sizes_of("sizes of the networks of NAS-Bench-201", "nb201", "cifar10", "M"),
    "figure11": _sizes_of("sizes of the networks of NAS-Bench-301", "nb301", "cifar10", "M"),
    "figure15": _PATTERNS,
    "figure17": Reproduction(
        "SWAP against the ground truth", partial(scatter, proxy="swap"), "figure4"
    ),
    "figure18": Reproduction(
        "regularised SWAP against the ground truth", partial(scatter, proxy="reg_swap"), "figure4"
    ),
    "table1": Reproduction(
        "what a search on CIFAR-10 costs and finds, beside published searches",
        partial(search_cost, task="cifar10"),
    ),
    "table2": Reproduction(
        "what a search on ImageNet costs and finds, beside published searches",
        partial(search_cost, task="imagenet"),
    ),
    "table3": _PATTERNS,
    "table4": _mu_sigma("NAS-Bench-101", "nb101"),
    "table5": _mu_sigma("NAS-Bench-201", "nb201"),
    "table6": _mu_sigma("NAS-Bench-301", "nb301"),
}


def reproductions() -> Mapping[str, Reproduction]:
    """List all figures and tables by name: those of the paper, then those of plug-ins.

    Examples:
        >>> reproductions()["figure17"].shows
        'SWAP against the ground truth'
    """
    others = {
        name: Reproduction(entry.summary, partial(of_plugin, entry=entry), name)
        for name, entry in figures.figure_registry.items()
    }
    return {**FIGURES, **others}


def reproduce(
    name: str,
    *,
    folder: str | Path | None = None,
    samples: int | None = None,
    seeds: int | str | Sequence[int] | None = None,
    spaces: str | Iterable[str] = (),
    all_tasks: bool = False,
    inputs: str | None = None,
    published: str | Path | None = None,
    **options: Unpack[RunOptions],
) -> Reproduced:
    """Reproduce a figure or table of SWAP-NAS, or of a plug-in; write its pictures and data.

    Args:
        name: the figure or table, see `reproductions`.
        folder: the folder of pictures, tables and scores; `results/<experiment>` unless given.
            Figures of one experiment share their scores.
        samples: architectures per seed; those of the experiment unless given.
        seeds: independent runs, how many or which; those of the experiment unless given.
        spaces: search spaces of the experiment, by name; all unless given.
        all_tasks: whether all tasks with ground truth are taken: 19 columns of figure 4, not 13.
        inputs: "auto", "noise", or the path of images; those of the experiment unless given.
        published: for figure 4, a table of published correlations; that of NAS-Bench-Suite-Zero
            unless given.
        **options: arguments of `zc_bench.run`: device, workers, threads, scheduler, budget, fresh,
            invalid, progress.

    Returns:
        Data, pictures and the paths of their files.

    Raises:
        ZcBenchError: if a name is unknown, ground truth or images are missing, or a file cannot be
            written.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as home:
        ...     made = reproduce("figure6", folder=home)
        >>> [path.name for path in made.paths]
        ['figure6.csv', 'figure6.png', 'figure6.pdf']
    """
    warn_of_broken_plugins()
    known = reproductions()
    if name not in known:
        raise unknown_name(kind="figure or table", name=name, known=known)
    entry = known[name]
    if samples is not None:
        expect_whole("samples", samples, most=MOST_SAMPLES)
    names = (spaces,) if isinstance(spaces, str) else spaces
    request = Request(
        name,
        Path(folder or Path("results") / entry.experiment),
        samples,
        None if seeds is None else read_seeds(seeds),
        tuple(space_registry[space].name for space in names),
        all_tasks,
        inputs,
        None if published is None else Path(published),
        options,
    )
    return _written(entry.make(request), request)


def _written(made: Reproduced, request: Request) -> Reproduced:
    """Write the pictures, and the data of each as CSV beside it."""
    paths = list(_write(made.table, made.figure, request.folder, request.name))
    for suffix, (table, picture) in made.beside.items():
        paths += _write(table, picture, request.folder, f"{request.name}-{suffix}")
    _log.info("Written to %s: %s.", request.folder, ", ".join(path.name for path in paths))
    return replace(made, paths=tuple(paths))


def _write(table: pd.DataFrame, picture: Figure, folder: Path, stem: str) -> tuple[Path, ...]:
    data = folder / f"{stem}.csv"
    with explaining(folder):
        written = figures.save(picture, folder, stem)
        write_csv(data, table)
    return (data, *written)
