"""How each figure and table of SWAP-NAS (arXiv:2403.04161), or of a plug-in, comes about."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from zc_bench import figures
from zc_bench.cli import console
from zc_bench.cli.computing import (
    NoGroundTruthError,
    correlate_and_show,
    correlate_rows,
    with_ground_truth,
)
from zc_bench.cli.request import Request
from zc_bench.engine.architectures import HELD_OUT, ArchitectureScorer
from zc_bench.execution import find_device, shipped_folder
from zc_bench.images import find_images
from zc_bench.search import SearchSpec
from zc_bench.spaces import space_registry as known_spaces
from zc_bench.spec import preset_registry
from zc_bench.tasks import task_registry

_PIXELS = (3, 15, 32)  # of table 3
_EVALUATIONS = 200  # of a search of figures 5b and 8; the paper produces no number


@dataclass(frozen=True)
class Reproduction:
    """A figure or table.

    Attributes:
        experiment: the name of its folder of results, and of the file of `zc_bench/paper/specs` that it rests on.
        make: computes what is lacking, draws and writes; says whether Ctrl-C cut it short.
        shows: in half a line, what is to be seen.
    """

    experiment: str
    make: Callable[[Request], bool]
    shows: str


def _figure4(request: Request) -> bool:
    asked = request.runs("figure4")
    requested = [
        (spec.space, task)
        for spec in asked
        for task in spec.tasks or known_spaces[spec.space].tasks
    ]
    shipped = _shipped_correlations(request, requested)
    computed = None
    try:
        computed = request.compute(with_ground_truth(asked, request.how))
    except NoGroundTruthError:
        if shipped.empty:
            raise
    ours = None if computed is None else correlate_rows(computed.rows, request.how)
    whole = figures.completed(ours, shipped)
    if whole.stores:
        names = ", ".join(f"{column} ({store})" for column, store in whole.stores.items())
        request.how.say(
            f"Not computed for lack of ground truth, but drawn from {shipped_folder()}: {names}."
        )
    console.show_report(whole.report)
    reference = figures.read_published(request.published)
    source = "NAS-Bench-Suite-Zero" if request.published is None else str(request.published)
    beside = figures.published_data(whole.report, reference, source)
    table = figures.intervals(whole.report)
    origin = [
        whole.stores.get(column, "computed") for column in table["space"] + "-" + table["task"]
    ]
    picture = figures.draw_heatmap(figures.heatmap_data(whole.report, beside, whole.stores))
    request.write(table.assign(origin=origin), picture)
    request.write(beside.table, figures.draw_published(beside), f"{request.name}-published")
    return computed is not None and computed.interrupted


def _shipped_correlations(request: Request, requested: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Read the correlations that come with the package, none where something else is asked for."""
    usual = (
        request.inputs is None
        and request.how.invalid == figures.SHIPPED_POLICY
        and not request.how.fresh
    )
    return figures.read_shipped_correlations(
        shipped_folder() / "figure4.csv", requested if usual else ()
    )


def _scatter(request: Request, proxy: str) -> bool:
    specs = [replace(spec, proxies=(proxy,)) for spec in request.possible_runs("figure4")]
    computed = request.compute(specs)
    data = figures.scatter_data(
        computed.rows, correlate_and_show(computed.rows, request.how), proxy
    )
    request.write(data.points, figures.draw_scatter(data))
    return computed.interrupted


def _mu_sigma(request: Request, space: str) -> bool:
    runs = replace(request, spaces=(space,)).possible_runs("figure4")
    specs = [replace(spec, tasks=("cifar10",), proxies=("swap", "params")) for spec in runs]
    computed = request.compute(specs)
    held_out = figures.sizes_data(space, "cifar10", "M", HELD_OUT)
    title = f"{space}, cifar10; μ and σ in millions of parameters"
    data = figures.mu_sigma_data(computed.rows, held_out.in_units.to_numpy(np.float64), title)
    _show_table(
        data.wide(), f"Spearman's rank correlation of reg_swap with the ground truth: {title}"
    )
    request.write(data.table, figures.draw_mu_sigma(data))
    return computed.interrupted


def _patterns(request: Request) -> bool:
    (spec,) = request.possible_runs("table3")
    sharing = request.with_share_of_time(len(_PIXELS))
    computed = {}
    for pixels in _PIXELS:
        request.how.say(f"Images of {pixels}x{pixels} pixels:")
        sized = replace(spec, protocol=replace(spec.protocol, image_size=pixels))
        computed[pixels] = sharing.compute([sized], f"scores-{pixels}.h5")
        if computed[pixels].interrupted:
            break
    rows = {pixels: found.rows for pixels, found in computed.items()}
    reports = {pixels: correlate_and_show(found, request.how) for pixels, found in rows.items()}
    table = figures.patterns_data(rows, reports)
    _show_table(
        table, "Scores and their rank correlation with the ground truth, by size of the images"
    )
    request.write(table, figures.draw_patterns(table))
    return any(found.interrupted for found in computed.values())


def _sizes(request: Request, space: str, task: str, unit: str) -> bool:
    data = figures.sizes_data(space, task, unit, request.samples or HELD_OUT)
    request.write(data.sizes, figures.draw_sizes(data))
    return False


def _size_control(request: Request, task: str) -> bool:
    data = _searched(request, task, figures.LEVELS[task])
    request.write(data.found, figures.draw_size_control(data))
    return False


def _search_cost(request: Request, task: str) -> bool:
    data = _searched(request, task, figures.LEVELS[task][::2])
    table = figures.search_cost_data(data, request.name)
    _show_table(
        figures.mean_cost(table),
        "Searches beside the published ones: means of those with the same mu",
    )
    title = f"{data.title}: {request.name} of SWAP-NAS, without its training"
    request.write(table, figures.draw_search_cost(table, title))
    return False


def _searched(request: Request, task: str, levels: Sequence[float]) -> figures.SizeControlData:
    """Search with some mu = sigma; all who need these searches share them."""
    images = find_images(task_registry[task], request.inputs or "auto")
    request.how.say(f"Images for {task}: {images.source}")
    scorer = ArchitectureScorer(
        "darts_search", preset_registry["swap-nas"], {task: images}, find_device(request.how.device)
    )
    spec = SearchSpec(
        "darts_search", task, seeds=request.seeds or 5, evaluations=request.samples or _EVALUATIONS
    )
    return figures.size_control_data(
        spec, scorer, levels, request.folder / f"searches-{task}", say=request.how.say
    )


def _regularisation(request: Request) -> bool:
    # Over the sizes of figure 5a, 0.5 to 2.5 thousand parameters.
    curves = figures.regularisation_data((0.5, 1.1, 1.9, 2.5), (0.1, 0.5, 1.5, 2.5), 1.5, "K")
    request.write(curves, figures.draw_regularisation(curves, "K"))
    return False


FIGURES = {
    "figure4": Reproduction(
        "figure4",
        _figure4,
        "rank correlation of every proxy with the ground truth, beside published ones",
    ),
    "figure5a": Reproduction(
        "sizes",
        partial(_sizes, space="darts_search", task="cifar10", unit="K"),
        "sizes of DARTS cells, as networks for CIFAR-10",
    ),
    "figure5b": Reproduction(
        "sizes",
        partial(_size_control, task="cifar10"),
        "sizes of what SWAP-NAS finds on CIFAR-10, by mu and sigma",
    ),
    "figure6": Reproduction(
        "sizes", _regularisation, "the bell curve of regularised SWAP over sizes, by mu and sigma"
    ),
    # A range of 25 to 27.5 thousand: that of figure 5a, and a classifier of 1000 classes.
    "figure7": Reproduction(
        "sizes",
        partial(_sizes, space="darts_search", task="imagenet", unit="K"),
        "sizes of DARTS cells, as networks for ImageNet",
    ),
    "figure8": Reproduction(
        "sizes",
        partial(_size_control, task="imagenet"),
        "sizes of what SWAP-NAS finds on ImageNet, by mu and sigma",
    ),
    "figure9": Reproduction(
        "sizes",
        partial(_sizes, space="nb101", task="cifar10", unit="M"),
        "sizes of the networks of NAS-Bench-101",
    ),
    "figure10": Reproduction(
        "sizes",
        partial(_sizes, space="nb201", task="cifar10", unit="M"),
        "sizes of the networks of NAS-Bench-201",
    ),
    "figure11": Reproduction(
        "sizes",
        partial(_sizes, space="nb301", task="cifar10", unit="M"),
        "sizes of the networks of NAS-Bench-301",
    ),
    "figure15": Reproduction(
        "table3", _patterns, "activation patterns by size of the images, for three proxies"
    ),
    "figure17": Reproduction(
        "figure4", partial(_scatter, proxy="swap"), "SWAP against the ground truth"
    ),
    "figure18": Reproduction(
        "figure4", partial(_scatter, proxy="reg_swap"), "regularised SWAP against the ground truth"
    ),
    "table1": Reproduction(
        "sizes",
        partial(_search_cost, task="cifar10"),
        "what a search on CIFAR-10 costs and finds, beside published searches",
    ),
    "table2": Reproduction(
        "sizes",
        partial(_search_cost, task="imagenet"),
        "what a search on ImageNet costs and finds, beside published searches",
    ),
    "table3": Reproduction(
        "table3", _patterns, "activation patterns by size of the images, for three proxies"
    ),
    "table4": Reproduction(
        "figure4",
        partial(_mu_sigma, space="nb101"),
        "rank correlation of regularised SWAP by mu and sigma, on NAS-Bench-101",
    ),
    "table5": Reproduction(
        "figure4",
        partial(_mu_sigma, space="nb201"),
        "rank correlation of regularised SWAP by mu and sigma, on NAS-Bench-201",
    ),
    "table6": Reproduction(
        "figure4",
        partial(_mu_sigma, space="nb301"),
        "rank correlation of regularised SWAP by mu and sigma, on NAS-Bench-301",
    ),
}


def reproductions() -> dict[str, Reproduction]:
    """List all figures and tables by name: the paper's, then those of plug-ins."""
    others = {
        name: Reproduction(name, partial(_brought, entry=entry), entry.summary)
        for name, entry in figures.brought.items()
    }
    return FIGURES | others


def _brought(request: Request, entry: figures.PluginFigure) -> bool:
    computed = request.compute(
        with_ground_truth(request.changed(entry.experiment.runs), request.how)
    )
    table, picture = entry.function(computed.rows, correlate_and_show(computed.rows, request.how))
    request.write(table, picture)
    return computed.interrupted


def _show_table(frame: pd.DataFrame, title: str) -> None:
    """Print a table, numbers to the right."""
    numbers = {
        str(name): "right" if pd.api.types.is_numeric_dtype(kind) else "left"
        for name, kind in frame.dtypes.items()
    }
    rows = [tuple(_cell(value) for value in row) for row in frame.itertuples(index=False)]
    console.show_table(numbers, rows, title)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "N/A" if math.isnan(value) else f"{value:.3g}"
    return str(value)
