"""The lab: give it the name of a trial, and it builds the network, feeds it and observes it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, cached_property
from typing import Any

import torch
from torch import nn

from zc_bench.inputs import Batch, Images, draw_batch
from zc_bench.observe import Observed, observe, plan
from zc_bench.passes.trial import Trial
from zc_bench.proxies.reg_swap import Regularisation
from zc_bench.seeding import named_seed, numpy_generator, torch_seeded
from zc_bench.spaces import spaces
from zc_bench.spec import Protocol
from zc_bench.store import TrialKey
from zc_bench.tasks import Task, tasks

HELD_OUT = 1000  # architectures whose sizes set mu and sigma, as in the paper


@dataclass(frozen=True)
class Lab:
    """All that scoring the architectures of a space needs.

    Attributes:
        space: the search space, by name.
        protocol: what a score depends on.
        images: the pool of images by task.
        device: where networks run.
    """

    space: str
    protocol: Protocol
    images: Mapping[str, Images]
    device: torch.device

    def observe(self, key: TrialKey, names: Sequence[str]) -> Observed:
        """Score one architecture.

        Args:
            key: task, architecture and seed.
            names: proxies.

        Returns:
            Scores and times; the time to build the network with its weights stands under "build".
        """
        task = tasks[key.task]
        start = time.perf_counter()
        network = self.network(key, task)
        built = time.perf_counter() - start
        batch = self.batch(task, key.seed, "batch")
        second = self.batch(task, key.seed, "second batch")
        # Passes that draw are seeded by the architecture as well as by the run.
        seed = named_seed(key.seed, "passes", self.space, key.architecture)
        trial = Trial(network, batch.images, batch.labels, task.loss, seed, second)
        observed = observe(plan(names, (Trial, Regularisation)), trial, self.regularisation(key.task))
        return replace(observed, pass_seconds={"build": built, **observed.pass_seconds})

    def regularisation(self, task: str) -> Regularisation:
        """Return mu and sigma: those of the protocol, and the rule's where it leaves them open."""
        asked = {"mu": self.protocol.mu, "sigma": self.protocol.sigma}
        return replace(
            size_rule(self.space, task), **{name: value for name, value in asked.items() if value is not None}
        )

    def identity(self) -> dict[str, dict[str, Any]]:
        """Return what scores depend on, in sections: the protocol, and one for every task."""
        return {
            "protocol": {"space": self.space, "batch_size": self.protocol.batch_size},
            **{
                task: {"images": images.digest, **asdict(self.regularisation(task))}
                for task, images in sorted(self.images.items())
            },
        }

    def network(self, key: TrialKey, task: Task) -> nn.Module:
        """Build a network with weights that depend on the seed and the architecture alone."""
        space = spaces[self.space]
        with torch_seeded(key.seed, "weights", self.space, key.architecture):
            network = space.build(space.parse(key.architecture), task)
        # Channels-last halves the time on a CPU.
        placed: nn.Module = network.train().to(self.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return placed

    def batch(self, task: Task, seed: int, purpose: str) -> Batch:
        """Return the images of a seed, which all its architectures see.

        Args:
            task: the task.
            seed: the seed of the run.
            purpose: "batch", or "second batch".
        """
        name = (task.name, seed, purpose)
        if name not in self._batches:
            batch = draw_batch(self.images[task.name], task, self.protocol.batch_size, seed, purpose)
            images = batch.images.to(self.device, memory_format=torch.channels_last)
            self._batches[name] = Batch(images, batch.labels.to(self.device))
        return self._batches[name]

    @cached_property
    def _batches(self) -> dict[tuple[str, int, str], Batch]:
        return {}


@cache
def size_rule(space: str, task: str) -> Regularisation:
    """Take mu and sigma from the sizes of a held-out sample.

    mu = sigma = the largest size among 1000 architectures that are drawn uniformly from the space with a seed of their
    own. The paper takes both from the size distribution of 1000 architectures and recommends large values for ranking
    (appendix B): with mu at the upper end, the bell only rises over the sizes that occur.

    Args:
        space: a search space.
        task: a task; its head is part of the network.

    Returns:
        mu and sigma, in millions of parameters.
    """
    generator = numpy_generator(0, "held-out", space)
    drawn = [spaces[space].sample(generator) for _ in range(HELD_OUT)]
    largest = max(spaces[space].parameters(architecture, tasks[task]) for architecture in drawn) / 1e6
    return Regularisation(largest, largest)
