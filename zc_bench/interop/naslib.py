"""NASLib: its graphs as networks, our proxies as its predictors, our scores as its benchmark.

Only `ZeroCost` needs NASLib itself, which is imported at the first use of that name.
`zc_bench.tables.import_file` (`zc-bench data import`) reads its benchmark JSON, and `zc-bench store
export --format suite-zero` writes it.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import nn

from zc_bench.engine.networks import score
from zc_bench.engine.scores import Score
from zc_bench.errors import ZcBenchError, unknown_name
from zc_bench.images import Batch
from zc_bench.store import read_store, with_derived
from zc_bench.store.suite_zero import suite_zero

_URL = "https://github.com/automl/NASLib"


def network_of(graph: Any) -> nn.Module:
    """Return the network that a NASLib graph describes.

    Args:
        graph: a `naslib.search_spaces.core.graph.Graph` with one operation per edge, as after
            `set_spec`.

    Returns:
        The graph itself if it is parsed and so has modules. Otherwise a parsed copy in NASLib's
        form for evaluation, with new weights. The graph does not change.

    Raises:
        ZcBenchError: if the argument is no graph of NASLib.
    """
    if not hasattr(graph, "is_parsed"):
        message = (
            f"A graph of NASLib has a method parse and a field is_parsed; a {type(graph).__name__} "
            "has not."
        )
        raise ZcBenchError(message)
    network: nn.Module = graph
    if not graph.is_parsed:
        copy = graph.clone()
        copy.prepare_evaluation()
        copy.parse()
        network = copy
    return network


def score_graph(
    graph: Any, batch: Batch, second: Batch | None = None, **options: Any
) -> dict[str, Score]:
    """Score a NASLib graph on one batch, with the loss of its search space.

    Args:
        graph: an argument of `network_of`.
        batch: images and labels, which are moved to the device of the graph.
        second: a second batch, for zico.
        **options: further arguments of `zc_bench.score`.

    Returns:
        A score for every proxy.

    Raises:
        ZcBenchError: if the argument is no graph of NASLib, or a proxy is unknown.
    """
    network = network_of(graph)
    device = next((parameter.device for parameter in network.parameters()), torch.device("cpu"))
    pair = None if second is None else _moved(second, device)
    ours = _moved(batch, device)
    return score(
        network, ours.images, ours.labels, second=pair, loss=graph.get_loss_fn(), **options
    )


def _moved(batch: Batch, device: torch.device) -> Batch:
    return batch.map(lambda tensor: tensor.to(device))


def zero_cost_benchmark(store: Path, task: str, seed: int | None = None) -> dict[str, Any]:
    """Return the scores of a store in the form of NASLib's `get_zc_benchmark_api`.

    Args:
        store: the .h5 file of a run.
        task: the task.
        seed: the seed of the scores; by default the mean over seeds.

    Returns:
        Per architecture, under `str(graph.get_hash())`, and proxy: {"score": ..., "time": seconds}.
        NASLib's optimizers take it as `zc_api`.

    Raises:
        ZcBenchError: if the store does not exist or has no scores of the task.
    """
    found = suite_zero(with_derived(read_store(store)), None, seed)
    if task not in found:
        kind = f"task of {store}"
        raise unknown_name(kind, task, found)
    benchmark: dict[str, Any] = found[task]
    return benchmark


def __getattr__(name: str) -> Any:
    """Return `ZeroCost`, a subclass of a class of NASLib, which is created at its first use."""
    if name != "ZeroCost":
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    try:
        return import_module("zc_bench.interop._zero_cost").ZeroCost
    except ImportError as error:
        if error.name == "naslib":
            message = (
                f"NASLib is not installed: get it from {_URL} (branch Develop) with pip install -e "
                "in its folder."
            )
        else:
            message = f"NASLib cannot be imported ({error}): install what it needs, as {_URL} says."
        raise ZcBenchError(message) from error
