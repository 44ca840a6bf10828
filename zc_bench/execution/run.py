"""A run, and how everything that its spec names is found."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import torch

from zc_bench._internal.environment import environment
from zc_bench._internal.saying import Say, quietly
from zc_bench.engine.architectures import ArchitectureScorer
from zc_bench.engine.declare import proxy_registry
from zc_bench.errors import ZcBenchError
from zc_bench.execution.trials import Drawn, draw
from zc_bench.images import find_images
from zc_bench.spaces import space_registry
from zc_bench.spec import Spec
from zc_bench.tables import Table, load_table
from zc_bench.tasks import task_registry, with_image_size


@dataclass(frozen=True)
class Run:
    """A run that is ready to go: everything that its spec names has been found.

    Attributes:
        spec: with tasks and proxies resolved to names.
        table: the ground truth.
        scorer: where its trials are result.
    """

    spec: Spec
    table: Table
    scorer: ArchitectureScorer

    @cached_property
    def drawn(self) -> Drawn:
        """The architectures that were drawn, by task and seed."""
        return draw(self.spec, self.table)

    def about(self, where: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return who computes it and from what: spec, environment, provenance of table and images.

        Args:
            where: the environment of the workers; that of this process unless given.
        """
        return {
            "spec": asdict(self.spec),
            "fingerprint": self.spec.fingerprint(),
            "environment": environment(self.scorer.device) if where is None else dict(where),
            "table": dict(self.table.provenance),
            "images": {task: images.source for task, images in self.scorer.images.items()},
            "regularisation": {
                task: asdict(self.scorer.regularisation(task)) for task in self.spec.tasks
            },
        }


def prepare(spec: Spec, *, device: str | torch.device = "auto", say: Say = quietly) -> Run:
    """Find everything that a spec names.

    Args:
        spec: the run.
        device: "auto", a torch device by name, or one that is known to be where the workers are.
        say: told in one sentence each which ground truth and which images are used.

    Returns:
        The run.

    Raises:
        ZcBenchError: if a name is unknown, or ground truth or images are not to be had.
    """
    expect_known(spec)
    space = space_registry[spec.space]
    table = _table(spec)
    say(table.describe())
    chosen = tuple(dict.fromkeys(spec.tasks)) or tuple(
        task for task in space.tasks if task in table.tasks
    )
    for task in chosen:
        table.lookup(task, [])
    resolved = replace(
        spec, tasks=chosen, proxies=tuple(dict.fromkeys(spec.proxies or proxy_registry))
    )
    inputs, size = spec.protocol.inputs, spec.protocol.image_size
    images = {
        task: find_images(with_image_size(task_registry[task], size), inputs) for task in chosen
    }
    for task, pool in images.items():
        say(f"Images for {task}: {pool.source}")
    found = find_device(device) if isinstance(device, str) else device
    return Run(resolved, table, ArchitectureScorer(spec.space, spec.protocol, images, found))


def _table(spec: Spec) -> Table:
    """Load the ground truth that a spec asks for; a single task is that of a file that does not say one."""
    return load_table(spec.space, spec.truth, task=spec.tasks[0] if len(spec.tasks) == 1 else "")


def expect_known(spec: Spec) -> None:
    """Refuse a spec with names that nobody knows, before anything is started or loaded for it.

    Raises:
        ZcBenchError: if the space, a task or a proxy is unknown, or the space has no networks for a task.
    """
    known = space_registry[spec.space].tasks
    for task in spec.tasks:
        if task_registry[task].name not in known:
            message = f"{spec.space} has no networks for the task {task!r}: its tasks are {', '.join(known)}."
            raise ZcBenchError(message)
    for name in spec.proxies:
        proxy_registry[name]


def find_device(name: str) -> torch.device:
    """Turn "auto" or a torch device name into a device that is there.

    Raises:
        ZcBenchError: if there is no such device.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        message = f"The device {name!r} cannot be used ({reason}): take auto, cpu, or cuda where there is a GPU."
        raise ZcBenchError(message) from error
    return device
