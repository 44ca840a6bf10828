"""A space that keeps what it promises, and others that break one promise each."""

from dataclasses import replace

import numpy as np
import pytest
from promises import CALLS, broken
from torch import nn
from toy_space import ToySpace

from zc_bench import testing
from zc_bench.seeding import torch_seeded
from zc_bench.spaces import space_registry
from zc_bench.testing import judge


class Halved(nn.Module):
    def forward(self, outputs):
        return outputs[:, ::2]


class BrokenSpaces:
    """Each breaks the promise that it is named after."""

    class describes_itself(ToySpace):  # noqa: N801 - named after a promise
        """A space of no size."""

        size = 0

    class draws_the_same_from_the_same_generator(ToySpace):  # noqa: N801
        """A space that draws from a generator of its own."""

        def sample(self, _generator):
            return super().sample(np.random.default_rng(next(CALLS)))

    class reads_what_it_writes(ToySpace):  # noqa: N801
        """A space that writes no operation but one."""

        def native(self, _architecture):
            return super().native(self.parse("111"))

    class refuses_what_is_no_architecture(ToySpace):  # noqa: N801
        """A space that fails on what it cannot read."""

        def parse(self, text):
            return super().parse(text if text else None)

    class has_graphs_in_topological_order(ToySpace):  # noqa: N801
        """A space of graphs that lead backwards."""

        def graphs(self, architecture):
            return tuple(
                replace(
                    graph,
                    edges=tuple((target, source, label) for source, target, label in graph.edges),
                )
                for graph in super().graphs(architecture)
            )

    class has_neighbours_that_differ(ToySpace):  # noqa: N801
        """A space where every architecture is its own neighbour."""

        def neighbours(self, architecture):
            yield from (architecture, *super().neighbours(architecture))

    class is_a_neighbour_of_its_neighbours(ToySpace):  # noqa: N801
        """A space of one-way streets."""

        def neighbours(self, architecture):
            return (
                found for found in super().neighbours(architecture) if found.key > architecture.key
            )

    class takes_every_choice_from_a_parent(ToySpace):  # noqa: N801
        """A space where parents do not matter."""

        def crossover(self, _first, _second, generator):
            return self.sample(generator)

    class states_the_parameters_of_its_networks(ToySpace):  # noqa: N801
        """A space that counts one too many."""

        def parameters(self, architecture, task):
            return super().parameters(architecture, task) + 1

    class has_networks_for_its_tasks(ToySpace):  # noqa: N801
        """A space whose networks have outputs for half of the classes."""

        def build(self, architecture, task):
            return nn.Sequential(super().build(architecture, task), Halved())

    class draws_weights_from_the_global_generator(ToySpace):  # noqa: N801
        """A space whose weights are always the same."""

        def build(self, architecture, task):
            with torch_seeded(0, "always the same"):
                return super().build(architecture, task)

    class gives_equal_networks_one_canonical_form(ToySpace):  # noqa: N801
        """A space whose keys differ in the first operation only."""

        def canonical(self, architecture):
            return architecture.key[0]


@pytest.mark.usefixtures("registries")
def test_a_good_space_keeps_what_it_promises():
    space_registry.register("toy", ToySpace())
    assert [judge(check).outcome for check in testing.space_checks("toy")] == ["passed"] * 12


@pytest.mark.usefixtures("registries")
@pytest.mark.parametrize("promise", [check.promise for check in testing.space_checks("nb201")])
def test_a_broken_space_is_caught_by_the_check_of_what_it_breaks(promise):
    space_registry.register("toy", getattr(BrokenSpaces, promise.replace(" ", "_"))())
    assert broken(testing.space_checks("toy")) == [promise]
