"""The scorer: give it the name of a trial, and it builds the network, feeds it and scores it."""

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, cached_property
from typing import Any

import torch
from torch import nn

from zc_bench._internal.gaussian import gaussian_parameters
from zc_bench._internal.memory_format import memory_format_for
from zc_bench._internal.out_of_memory import ran_out_of_memory
from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.derived import computed_names, derive_one, settings_read
from zc_bench.engine.execute import JobResult
from zc_bench.engine.fingerprints import fingerprint
from zc_bench.engine.out_of_memory import execute_within_memory
from zc_bench.engine.scores import Score, Status
from zc_bench.images import Batch, Images, draw_batch
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.proxies.reg_swap import UNITS, Regularisation
from zc_bench.seeding import named_seed, numpy_generator, torch_seeded
from zc_bench.spaces import Architecture, activations_of, space_registry
from zc_bench.spec import Protocol
from zc_bench.store import TrialKey, column_name
from zc_bench.tasks import Task, task_registry, with_image_size

HELD_OUT = 1000  # architectures whose sizes set mu and sigma, as in the paper
_PURPOSES = ("batch", "second batch")
_SETTINGS = ("batch_size", "augment", "weights", "repeats")


@dataclass(frozen=True)
class ArchitectureScorer:
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

    def score(self, key: TrialKey, names: Sequence[str]) -> JobResult:
        """Score one architecture.

        Args:
            key: task, architecture and seed.
            names: proxies, derived or not.

        Returns:
            Scores and times, of all repeats; the time to build networks with their weights stands
            under "build".
        """
        computed = computed_names(names)
        mean = mean_of(
            [self._score_once(key, computed, repeat) for repeat in range(self.protocol.repeats)]
        )
        settings = self.regularisations(names, (key.task,)).values()
        return replace(mean, scores=derive_one(names, mean.scores, *settings))

    def _score_once(self, key: TrialKey, names: Sequence[str], repeat: int) -> JobResult:
        task = with_image_size(task_registry[key.task], self.protocol.image_size)
        start = time.perf_counter()
        try:
            network = self.network(key, task, repeat)
            built = time.perf_counter() - start
            layout = memory_format_for(network, self.device)
            batch, second = (self.batch(task, key.seed, purpose, layout) for purpose in _PURPOSES)
        except Exception as error:
            if not ran_out_of_memory(error):
                raise
            score = Score(
                math.nan,
                Status.OUT_OF_MEMORY,
                f"network and images do not fit in memory: {error}",
                0.0,
            )
            return JobResult(dict.fromkeys(names, score), {})
        # Passes that draw are seeded by the architecture as well as by the run.
        seed = named_seed(key.seed, "passes", self.space, key.architecture, *_again(repeat))
        kind = activations_of(space_registry[self.space])
        trial = TrialInputs(network, batch.images, batch.labels, task.loss, seed, second, kind)
        result = execute_within_memory(names, trial)
        return replace(result, pass_seconds={"build": built, **result.pass_seconds})

    def regularisation(self, task: str) -> Regularisation:
        """Return mu and sigma: those of the protocol, and the rule's where it leaves them open.

        The rule: mu is the largest size of a held-out sample, sigma is the square of mu. The bell
        is then exp(-(P / mu - 1)^2), the same in any unit, and never less than exp(-1) up to mu.
        The paper takes both from the size distribution of 1000 architectures, states neither, and
        recommends large values for ranking (appendix B).
        """
        mu, sigma, unit = self.protocol.mu, self.protocol.sigma, self.protocol.size_unit
        if mu is None:
            mu = largest_size(self.space, task) / UNITS[unit]
        return Regularisation(mu, mu**2 if sigma is None else sigma, unit)

    def regularisations(
        self, names: Iterable[str], tasks: Iterable[str] | None = None
    ) -> dict[str, Regularisation]:
        """Return mu and sigma by task, or nothing where no proxy of those that are asked for reads them.

        Args:
            names: proxies.
            tasks: those of the images unless given.
        """
        if Regularisation not in settings_read(names):
            return {}
        listed = sorted(self.images) if tasks is None else tasks
        return {task: self.regularisation(task) for task in listed}

    def fingerprints(self, names: Iterable[str]) -> dict[str, dict[str, dict[str, Any]]]:
        """Return what the scores of some proxies depend on, by column of a store.

        Args:
            names: proxies; for derived ones, those that they read.
        """
        # A task's image size is left out where nothing else is asked for: it stands in the package.
        settings = {
            name: value
            for name, value in asdict(self.protocol).items()
            if name in _SETTINGS or (name == "image_size" and value is not None)
        }
        images = {task: {"images": pool.digest} for task, pool in sorted(self.images.items())}
        whole = {"protocol": {"space": self.space, **settings}, **images}
        return {
            column_name(name, proxy_registry[name].version): fingerprint(name, whole)
            for name in computed_names(names)
        }

    def network(self, key: TrialKey, task: Task, repeat: int = 0) -> nn.Module:
        """Build a network with weights that depend on seed, architecture and repeat alone."""
        space = space_registry[self.space]
        with torch_seeded(key.seed, "weights", self.space, key.architecture, *_again(repeat)):
            network = space.build(space.parse(key.architecture), task)
            if self.protocol.weights == "normal":
                network.load_state_dict(dict(gaussian_parameters(network)), strict=False)
        layout = memory_format_for(network, self.device)
        placed: nn.Module = network.train().to(self.device).to(memory_format=layout)  # type: ignore[call-overload]
        return placed

    def batch(
        self, task: Task, seed: int, purpose: str, layout: torch.memory_format = torch.channels_last
    ) -> Batch:
        """Return the images of a seed, which all its architectures see.

        Args:
            task: the task.
            seed: the seed of the run.
            purpose: "batch", or "second batch".
            layout: of images in memory; the tiles of a jigsaw have five dimensions, and their
                network lays out each.
        """
        name = (task.name, seed, purpose, layout)
        if name not in self._batches:
            size, augment = self.protocol.batch_size, self.protocol.augment
            batch = draw_batch(self.images[task.name], task, size, seed, purpose, augment=augment)
            possible = layout if batch.images.dim() == 4 else torch.contiguous_format
            images = batch.images.to(self.device, memory_format=possible)
            labels = None if batch.labels is None else batch.labels.to(self.device)
            self._batches[name] = Batch(images, labels)
        return self._batches[name]

    @cached_property
    def _batches(self) -> dict[tuple[str, int, str, torch.memory_format], Batch]:
        return {}


def _again(repeat: int) -> tuple[str, ...]:
    """Name the generators of a repeat; the first is the one that runs where there are no others."""
    return (f"repeat {repeat}",) if repeat else ()


def mean_of(repeats: Sequence[JobResult]) -> JobResult:
    """Average the scores of one architecture over repeats, add up their times, and take the largest peaks.

    Args:
        repeats: at least one.

    Returns:
        Means; where a repeat has no score, there is none, for the first such reason.
    """
    scores = {
        name: _mean_score([result.scores[name] for result in repeats]) for name in repeats[0].scores
    }
    passes = {name for result in repeats for name in result.pass_seconds}
    seconds = {
        name: sum(result.pass_seconds.get(name, 0.0) for result in repeats)
        for name in sorted(passes)
    }
    measured = {name for result in repeats for name in result.pass_peak_bytes}
    peaks = {
        name: max(result.pass_peak_bytes.get(name, 0) for result in repeats)
        for name in sorted(measured)
    }
    return JobResult(scores, seconds, peaks)


def _mean_score(scores: Sequence[Score]) -> Score:
    seconds = sum(score.seconds for score in scores)
    unscored = next((score for score in scores if score.status is not Status.DONE), None)
    if unscored is not None:
        return replace(unscored, seconds=seconds)
    reason = next((score.reason for score in scores if score.reason), "")
    values = [score.value for score in scores]
    # The mean of equal numbers is that number, also where their sum would be rounded.
    mean = values[0] if len(set(values)) == 1 else math.fsum(values) / len(values)
    return Score(mean, Status.DONE, reason, seconds)


@cache
def largest_size(space: str, task: str) -> int:
    """Find the largest network among 1000 architectures, drawn uniformly from a space with a seed of their own.

    Args:
        space: a search space.
        task: a task; its head is part of the network.

    Returns:
        Its parameters.
    """
    return max(
        space_registry[space].parameters(architecture, task_registry[task])
        for architecture in held_out(space, HELD_OUT)
    )


def held_out(space: str, count: int) -> list[Architecture]:
    """Draw architectures uniformly from a space, with a seed that no run has.

    Args:
        space: a search space.
        count: how many; a smaller draw is the beginning of a larger one.
    """
    generator = numpy_generator(0, "held-out", space)
    return [space_registry[space].sample(generator) for _ in range(count)]
