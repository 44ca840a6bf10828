"""Our proxies as predictors of NASLib; importing this module imports NASLib."""

import logging
from collections.abc import Iterable
from itertools import islice
from typing import Any

import numpy as np
from naslib.predictors.predictor import Predictor  # type: ignore[import-not-found,import-untyped,unused-ignore]
from numpy.typing import NDArray

from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.scores import Score, Status
from zc_bench.errors import ZcBenchError
from zc_bench.images import Batch
from zc_bench.interop.naslib import score_graph
from zc_bench.proxies.reg_swap import Regularisation

_log = logging.getLogger(__name__)

WORST = -1e8  # NASLib's own predictors return it in place of a missing number


class ZeroCost(Predictor):  # type: ignore[misc,unused-ignore]
    """A proxy with the interface of NASLib's `ZeroCost`.

    Args:
        method_type: the proxy, by name. Names are equal in NASLib and here.
        config: the configuration of a NASLib run, from which `pre_process` opens a loader of
            training images.
        regularisation: mu and sigma, for reg_swap.
        seed: names the generators of passes and networks that draw.

    Raises:
        ZcBenchError: if the proxy is unknown.
    """

    def __init__(
        self,
        method_type: str = "swap",
        config: Any = None,
        *,
        regularisation: Regularisation | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.method_type = method_type
        self.config = config
        self.train_loader: Iterable[Any] | None = None
        self._proxy = proxy_registry[method_type]
        self.regularisation = regularisation
        self.seed = seed

    def pre_process(self) -> None:
        """Open the loader of training images that the configuration describes."""
        if self.config is not None:
            from naslib.utils.utils import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
                get_train_val_loaders,
            )

            self.train_loader = get_train_val_loaders(self.config, mode="train")[0]

    def query(self, graph: Any, dataloader: Iterable[Any] | None = None, info: Any = None) -> float:  # noqa: ARG002 - NASLib's signature
        """Score a graph on the first batch of a loader; higher is better, as in NASLib.

        Args:
            graph: a graph, parsed or not.
            dataloader: a loader of pairs of images and labels; by default the one of `pre_process`.
            info: unused.

        Returns:
            The score, negated for a proxy where lower is better. `WORST` if there is none; the
            reason goes to the log, because NASLib has no statuses.

        Raises:
            ZcBenchError: if there is no loader, or nothing in it.
        """
        found = self.observe(graph, dataloader)
        if found.status is not Status.DONE:
            _log.warning("%s of %s is %s: %s", self.method_type, graph, found.status, found.reason)
            return WORST
        return found.value if self._proxy.higher_is_better else -found.value

    def query_batch(
        self, graphs: Iterable[Any], dataloader: Iterable[Any] | None = None
    ) -> NDArray[np.float64]:
        """Score several graphs; see `query`."""
        return np.array([self.query(graph, dataloader) for graph in graphs])

    def observe(self, graph: Any, dataloader: Iterable[Any] | None = None) -> Score:
        """Score a graph like `query`, and return the status and the reason as well.

        Raises:
            ZcBenchError: if there is no loader, or nothing in it.
        """
        loader = self.train_loader if dataloader is None else dataloader
        if loader is None:
            message = (
                "There are no images: give query a dataloader, or ZeroCost a config and call "
                "pre_process first."
            )
            raise ZcBenchError(message)
        batches = [Batch(images, labels) for images, labels, *_ in islice(loader, 2)]
        if not batches:
            message = "The dataloader has no batch: give one that has."
            raise ZcBenchError(message)
        options: dict[str, Any] = {
            "proxies": [self.method_type],
            "regularisation": self.regularisation,
            "seed": self.seed,
        }
        second = batches[1] if len(batches) > 1 else None
        return score_graph(graph, batches[0], second, **options)[self.method_type]
