"""Choose where trials run: in this process, in processes of this machine, or on a cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import torch

from zc_bench._internal.saying import Say, quietly
from zc_bench.errors import ZcBenchError
from zc_bench.execution.local import LocalExecutor, Workers
from zc_bench.execution.run import find_device


@contextmanager
def open_workers(
    count: int = 1,
    *,
    device: str = "auto",
    threads: int | None = None,
    scheduler: str | None = None,
    say: Say = quietly,
) -> Iterator[Workers]:
    """Open a crew of workers.

    Args:
        count: processes on this machine; one is this process. Left out of account where a scheduler is given.
        device: "auto", or a torch device, as the workers see it.
        threads: torch's threads per worker. The default shares out the processors between local processes, and leaves
            the workers of a scheduler as they are. The last digits of scores depend on it, and on nothing else here.
        scheduler: the address of a scheduler of Dask, or the file that it wrote.
        say: told what is being waited for.

    Yields:
        The workers.

    Raises:
        ZcBenchError: if a number is below 1, the package distributed is missing, or there is no such device or
            scheduler.
    """
    _expect_from_1("workers", count)
    _expect_from_1("threads", 1 if threads is None else threads)
    if count == 1 and scheduler is None:
        with _threads(threads):
            yield LocalExecutor(find_device(device))
        return
    if find_spec("distributed") is None:
        message = "Workers need the package distributed: `pip install 'zc-bench[dask]'`, or leave out --workers."
        raise ZcBenchError(message)
    # Imported here: it takes half a second, and is an optional package.
    from zc_bench.execution import dask as cluster

    opened = (
        cluster.local_cluster(count, device, threads)
        if scheduler is None
        else cluster.connected(scheduler, device, threads, say)
    )
    with opened as workers:
        yield workers


def _expect_from_1(name: str, value: int) -> None:
    if value < 1:
        message = f"{name} = {value} will not do: expected a whole number from 1 up."
        raise ZcBenchError(message)


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    """Set torch's threads while the block lasts."""
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
