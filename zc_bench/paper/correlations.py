"""Rank correlations with the ground truth: figures 4, 17 and 18 of SWAP-NAS (arXiv:2403.04161)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from zc_bench import figures
from zc_bench.figures.intervals import intervals
from zc_bench.figures.plugins import PluginFigure
from zc_bench.paper.published import draw_published, published_data, read_published
from zc_bench.paper.request import Reproduced, Request
from zc_bench.spec import Spec
from zc_bench.tasks import task_registry


def heatmap(request: Request, experiment: str) -> Reproduced:
    """Make figure 4: the correlations of all proxies, and the same beside published ones.

    Args:
        request: what is asked for.
        experiment: its runs.
    """
    result = request.run(request.specs(experiment))
    source = "NAS-Bench-Suite-Zero" if request.published is None else str(request.published)
    beside = published_data(result.ranking, read_published(request.published), source)
    runs = result.experiment.runs
    data = figures.heatmap_data(result.ranking, beside.table, list(remarks(runs)))
    pixels = {(spec.space, task): _pixels(spec, task) for spec in runs for task in spec.tasks}
    table = intervals(result.ranking)
    places = zip(table["space"], table["task"], strict=True)
    return Reproduced(
        "Spearman's rank correlation with the ground truth",
        table.assign(pixels=[pixels[place] for place in places]),
        figures.draw_heatmap(data),
        beside={"published": (beside.table, draw_published(beside))},
        ranking=result.ranking,
        interrupted=result.interrupted,
    )


def _pixels(spec: Spec, task: str) -> int:
    """Return the height and width of the images of a run."""
    return spec.protocol.image_size or task_registry[task].image_size


def remarks(runs: Sequence[Spec]) -> Iterator[str]:
    """Yield a sentence for every size of images that is not that of the benchmark.

    Args:
        runs: with tasks by name.
    """
    by_size: dict[int, list[Spec]] = {}
    for spec in runs:
        if spec.protocol.image_size:
            by_size.setdefault(spec.protocol.image_size, []).append(spec)
    for ours, alike in by_size.items():
        sizes = sorted({task_registry[task].image_size for spec in alike for task in spec.tasks})
        theirs = " or ".join(f"{size}×{size}" for size in sizes)
        names = ", ".join(spec.space for spec in alike)
        yield f"{names}: images of {ours}×{ours} pixels instead of {theirs}"


def scatter(request: Request, proxy: str) -> Reproduced:
    """Make figure 17 or 18: the scores of a proxy against the ground truth.

    Args:
        request: what is asked for.
        proxy: the proxy.
    """
    specs = [replace(spec, proxies=(proxy,)) for spec in request.specs("figure4")]
    result = request.run(specs)
    data = figures.scatter_data(result.scores, result.ranking, proxy)
    return Reproduced(
        f"{proxy} against the ground truth",
        data.points,
        figures.draw_scatter(data),
        ranking=result.ranking,
        interrupted=result.interrupted,
    )


def of_plugin(request: Request, entry: PluginFigure) -> Reproduced:
    """Make the figure of a plug-in.

    Args:
        request: what is asked for.
        entry: the figure.
    """
    result = request.run(request.changed(entry.experiment.runs))
    table, picture = entry.function(result.scores, result.ranking)
    return Reproduced(
        entry.summary, table, picture, ranking=result.ranking, interrupted=result.interrupted
    )
