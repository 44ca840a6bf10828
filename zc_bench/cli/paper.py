"""How each figure and table of SWAP-NAS (arXiv:2403.04161), or of a plug-in, comes about."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import zc_bench
from zc_bench import console, figures
from zc_bench.cli.computing import Computed, How, as_json, compute, correlate_and_show, with_ground_truth
from zc_bench.durations import parse_duration
from zc_bench.errors import ZcBenchError
from zc_bench.evaluate import find_device
from zc_bench.experiment import Experiment
from zc_bench.files import explaining, replacing
from zc_bench.inputs import find_images
from zc_bench.lab import HELD_OUT, Lab
from zc_bench.presets import presets
from zc_bench.search import SearchSpec
from zc_bench.spec import Spec
from zc_bench.tasks import tasks

_PIXELS = (3, 15, 32)  # of table 3
_EVALUATIONS = 200  # of a search of figures 5b and 8; the paper gives no number


@dataclass(frozen=True)
class Request:
    """What the user asks for.

    Attributes:
        name: the figure or table.
        folder: where stores, pictures and tables go.
        how: how trials are computed.
        samples: architectures per seed, or per search; None takes the experiment's.
        seeds: independent runs; None takes the experiment's.
        spaces: only these; empty means all of the experiment.
        all_tasks: whether all tasks with ground truth are asked for, instead of the paper's.
        inputs: images; None takes the experiment's.
        published: a table of published correlations; None takes the one that comes with the package.
    """

    name: str
    folder: Path
    how: How
    samples: int | None = None
    seeds: int | None = None
    spaces: tuple[str, ...] = ()
    all_tasks: bool = False
    inputs: str | None = None
    published: Path | None = None


@dataclass(frozen=True)
class Reproduction:
    """A figure or table.

    Attributes:
        experiment: the name of its folder of results, and of the file of `benchmarks/specs` that it rests on.
        make: computes what is lacking, draws and writes; says whether Ctrl-C cut it short.
        shows: in half a line, what is to be seen.
    """

    experiment: str
    make: Callable[[Request], bool]
    shows: str


def _figure4(request: Request) -> bool:
    computed = _compute(request, _specs(request, "figure4"))
    report = correlate_and_show(computed.rows, request.how)
    reference = figures.read_published(request.published)
    source = "NAS-Bench-Suite-Zero" if request.published is None else str(request.published)
    beside = figures.published_data(report, reference, source)
    _write(request, figures.intervals(report), figures.draw_heatmap(figures.heatmap_data(report, beside)))
    _write(request, beside.table, figures.draw_published(beside), f"{request.name}-published")
    return computed.interrupted


def _scatter(request: Request, proxy: str) -> bool:
    specs = [replace(spec, proxies=(proxy,)) for spec in _specs(request, "figure4")]
    computed = _compute(request, specs)
    data = figures.scatter_data(computed.rows, correlate_and_show(computed.rows, request.how), proxy)
    _write(request, data.points, figures.draw_scatter(data))
    return computed.interrupted


def _mu_sigma(request: Request, space: str) -> bool:
    narrowed = replace(request, spaces=(space,))
    specs = [replace(spec, tasks=("cifar10",), proxies=("swap", "params")) for spec in _specs(narrowed, "figure4")]
    computed = _compute(request, specs)
    held_out = figures.sizes_data(space, "cifar10", "M", HELD_OUT)
    title = f"{space}, cifar10; μ and σ in millions of parameters"
    data = figures.mu_sigma_data(computed.rows, held_out.in_units.to_numpy(np.float64), title)
    _show(data.wide(), f"Spearman's rank correlation of reg_swap with the ground truth: {title}")
    _write(request, data.table, figures.draw_mu_sigma(data))
    return computed.interrupted


def _patterns(request: Request) -> bool:
    (spec,) = _specs(request, "table3")
    share = _shared(request.how, len(_PIXELS))
    computed = {}
    for pixels in _PIXELS:
        request.how.say(f"Images of {pixels}x{pixels} pixels:")
        sized = replace(spec, protocol=replace(spec.protocol, image_size=pixels))
        computed[pixels] = _compute(replace(request, how=share), [sized], f"scores-{pixels}.h5")
        if computed[pixels].interrupted:
            break
    rows = {pixels: found.rows for pixels, found in computed.items()}
    reports = {pixels: correlate_and_show(found, request.how) for pixels, found in rows.items()}
    table = figures.patterns_data(rows, reports)
    _show(table, "Scores and their rank correlation with the ground truth, by size of the images")
    _write(request, table, figures.draw_patterns(table))
    return any(found.interrupted for found in computed.values())


def _sizes(request: Request, space: str, task: str, unit: str) -> bool:
    data = figures.sizes_data(space, task, unit, request.samples or HELD_OUT)
    _write(request, data.sizes, figures.draw_sizes(data))
    return False


def _size_control(request: Request, task: str) -> bool:
    data = _searched(request, task, figures.LEVELS[task])
    _write(request, data.found, figures.draw_size_control(data))
    return False


def _search_cost(request: Request, task: str) -> bool:
    data = _searched(request, task, figures.LEVELS[task][::2])
    table = figures.search_cost_data(data, request.name)
    _show(figures.mean_cost(table), "Searches beside the published ones: means of those with the same mu")
    title = f"{data.title}: {request.name} of SWAP-NAS, without its training"
    _write(request, table, figures.draw_search_cost(table, title))
    return False


def _searched(request: Request, task: str, levels: Sequence[float]) -> figures.SizeControlData:
    """Search with some mu = sigma; all who need these searches share them."""
    images = find_images(tasks[task], request.inputs or "auto")
    request.how.say(f"Images for {task}: {images.source}")
    lab = Lab("darts_search", presets["swap-nas"], {task: images}, find_device(request.how.device))
    spec = SearchSpec("darts_search", task, seeds=request.seeds or 5, evaluations=request.samples or _EVALUATIONS)
    return figures.size_control_data(spec, lab, levels, request.folder / f"searches-{task}", say=request.how.say)


def _regularisation(request: Request) -> bool:
    # Over the sizes of figure 5a, 0.5 to 2.5 thousand parameters.
    curves = figures.regularisation_data((0.5, 1.1, 1.9, 2.5), (0.1, 0.5, 1.5, 2.5), 1.5, "K")
    _write(request, curves, figures.draw_regularisation(curves, "K"))
    return False


FIGURES = {
    "figure4": Reproduction(
        "figure4", _figure4, "rank correlation of every proxy with the ground truth, beside published ones"
    ),
    "figure5a": Reproduction(
        "sizes",
        partial(_sizes, space="darts_search", task="cifar10", unit="K"),
        "sizes of DARTS cells, as networks for CIFAR-10",
    ),
    "figure5b": Reproduction(
        "sizes", partial(_size_control, task="cifar10"), "sizes of what SWAP-NAS finds on CIFAR-10, by mu and sigma"
    ),
    "figure6": Reproduction("sizes", _regularisation, "the bell curve of regularised SWAP over sizes, by mu and sigma"),
    # A range of 25 to 27.5 thousand: that of figure 5a, and a classifier of 1000 classes.
    "figure7": Reproduction(
        "sizes",
        partial(_sizes, space="darts_search", task="imagenet", unit="K"),
        "sizes of DARTS cells, as networks for ImageNet",
    ),
    "figure8": Reproduction(
        "sizes", partial(_size_control, task="imagenet"), "sizes of what SWAP-NAS finds on ImageNet, by mu and sigma"
    ),
    "figure9": Reproduction(
        "sizes", partial(_sizes, space="nb101", task="cifar10", unit="M"), "sizes of the networks of NAS-Bench-101"
    ),
    "figure10": Reproduction(
        "sizes", partial(_sizes, space="nb201", task="cifar10", unit="M"), "sizes of the networks of NAS-Bench-201"
    ),
    "figure11": Reproduction(
        "sizes", partial(_sizes, space="nb301", task="cifar10", unit="M"), "sizes of the networks of NAS-Bench-301"
    ),
    "figure15": Reproduction("table3", _patterns, "activation patterns by size of the images, for three proxies"),
    "figure17": Reproduction("figure4", partial(_scatter, proxy="swap"), "SWAP against the ground truth"),
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
    "table3": Reproduction("table3", _patterns, "activation patterns by size of the images, for three proxies"),
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


def _brought(request: Request, entry: figures.BroughtFigure) -> bool:
    computed = _compute(request, _as_asked(request, entry.experiment.runs))
    table, picture = entry.function(computed.rows, correlate_and_show(computed.rows, request.how))
    _write(request, table, picture)
    return computed.interrupted


def _specs(request: Request, experiment: str) -> list[Spec]:
    """Read the runs of an experiment, changed as asked."""
    runs = Experiment.from_toml(find_experiment(experiment).read_text(encoding="utf-8")).runs
    return _as_asked(request, runs)


def _as_asked(request: Request, runs: Sequence[Spec]) -> list[Spec]:
    """Change runs as asked, and leave out those that have no ground truth here."""
    known = [spec.space for spec in runs]
    stranger = next((space for space in request.spaces if space not in known), None)
    if stranger is not None:
        message = f"{request.name} is not about {stranger}: its search spaces are {', '.join(known)}."
        raise ZcBenchError(message)
    chosen = [_changed(spec, request) for spec in runs if not request.spaces or spec.space in request.spaces]
    return with_ground_truth(chosen, request.how)


def find_experiment(experiment: str) -> Path:
    """Find an experiment: in a wheel inside the package, in a checkout beside it."""
    home = Path(zc_bench.__file__).parent
    folders = (home / "specs", home.parent / "benchmarks" / "specs")
    return next(folder for folder in folders if folder.is_dir()) / f"{experiment}.toml"


def _changed(spec: Spec, request: Request) -> Spec:
    protocol = spec.protocol if request.inputs is None else replace(spec.protocol, inputs=request.inputs)
    return replace(
        spec,
        tasks=() if request.all_tasks else spec.tasks,
        samples=request.samples or spec.samples,
        seeds=request.seeds or spec.seeds,
        protocol=protocol,
    )


def _compute(request: Request, specs: Sequence[Spec], store: str = "scores.h5") -> Computed:
    """Compute what is lacking, with a store and a record per space."""
    folders = [request.folder / spec.space for spec in specs]
    computed = compute(specs, [folder / store for folder in folders], request.how)
    for folder, about in zip(folders, computed.about, strict=True):
        with explaining(folder), replacing((folder / store).with_suffix(".json")) as path:
            path.write_text(as_json(about))
    return computed


def _shared(how: How, count: int) -> How:
    """Share the time out among several runs."""
    if how.budget is None or math.isinf(seconds := parse_duration(how.budget)):
        return how
    return replace(how, budget=f"{seconds / count:.3f}s")


def _show(frame: pd.DataFrame, title: str) -> None:
    """Print a table, numbers to the right."""
    numbers = {
        str(name): "right" if pd.api.types.is_numeric_dtype(kind) else "left" for name, kind in frame.dtypes.items()
    }
    rows = [tuple(_cell(value) for value in row) for row in frame.itertuples(index=False)]
    console.show_table(numbers, rows, title)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "N/A" if math.isnan(value) else f"{value:.3g}"
    return str(value)


def _write(request: Request, table: pd.DataFrame, figure: Figure, stem: str = "") -> None:
    """Write a picture, and its data as CSV beside it."""
    stem = stem or request.name
    with explaining(request.folder):
        figures.save(figure, request.folder, stem)
        with replacing(request.folder / f"{stem}.csv") as path:
            # Bytes, so that the file is the same on every system.
            path.write_bytes(table.to_csv(index=False, float_format="%.6g", lineterminator="\n").encode())
    request.how.say(f"Written to {request.folder}: {stem}.csv, {stem}.png, {stem}.pdf.")
