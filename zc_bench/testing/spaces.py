"""The contract of every search space."""

import re
from collections.abc import Iterator
from itertools import islice, pairwise
from unittest import SkipTest

import torch
from torch import Tensor, nn

from zc_bench.errors import ZcBenchError
from zc_bench.images import Batch, draw_batch, find_images
from zc_bench.seeding import numpy_generator, torch_seeded
from zc_bench.spaces import Architecture, SearchSpace, space_registry
from zc_bench.tasks import Task, task_registry
from zc_bench.testing.check import Check, bind, expect, run_all

_SAMPLES = 10
_NEIGHBOURS = 8  # of an architecture, spread over all of them
_ALIKE = 3  # pairs of architectures whose networks are run
_GARBAGE = (
    "",
    " ",
    "nonsense",
    "()",
    "(1,",
    "None",
    "é",
    "-1",
    "9" * 400,
    "__import__('os')",
    "[[[[",
    "{}",
)


def check_space(name: str) -> None:
    """Run all checks of a search space, in the order of `space_checks`.

    Raises:
        ZcBenchError: if no such space is registered.
        BrokenContractError: at the first property that does not hold.
    """
    run_all(space_checks(name))


def space_checks(name: str) -> tuple[Check, ...]:
    """Return the checks of a search space, one for each property.

    Args:
        name: as it was registered.

    Raises:
        ZcBenchError: if no such space is registered.
    """
    promises = (
        describes_itself,
        draws_the_same_from_the_same_generator,
        reads_what_it_writes,
        refuses_what_is_no_architecture,
        has_graphs_in_topological_order,
        has_neighbours_that_differ,
        is_a_neighbour_of_its_neighbours,
        takes_every_choice_from_a_parent,
        states_the_parameters_of_its_networks,
        has_networks_for_its_tasks,
        draws_weights_from_the_global_generator,
        gives_equal_networks_one_canonical_form,
    )
    return bind(f"space {name}", promises, name, space_registry[name])


def describes_itself(name: str, space: SearchSpace) -> None:
    """Have a docstring, its own name, a size and known tasks."""
    expect(type(space).__doc__, "Its class has no docstring.")
    expect(space.name == name, f"It is registered as {name!r} and calls itself {space.name!r}.")
    expect(space.size > 0, f"Its size is {space.size}.")
    expect(space.tasks, "It has no tasks.")
    unknown = [task for task in space.tasks if task not in task_registry]
    expect(not unknown, f"Its tasks {', '.join(unknown)} are not registered.")


def draws_the_same_from_the_same_generator(name: str, space: SearchSpace) -> None:
    """Draw architectures of the space, from the generator alone."""
    first, second = _sample(space), _sample(space)
    expect(first == second, "Two generators of the same seed give different architectures.")
    foreign = [found for found in first if found.space != name]
    expect(not foreign, f"It draws an architecture of {foreign[0].space if foreign else ''!r}.")
    expect(len(set(first)) > 1 or space.size == 1, f"{_SAMPLES} draws give one architecture only.")


def reads_what_it_writes(_name: str, space: SearchSpace) -> None:
    """Parse its own keys and native strings."""
    for architecture in _sample(space):
        for form, text in (
            ("key", architecture.key),
            ("native string", space.native(architecture)),
        ):
            found = space.parse(text)
            expect(
                found == architecture, f"The {form} {text!r} of {architecture} is read as {found}."
            )
            same = space.canonical(found) == space.canonical(architecture)
            expect(same, f"The canonical form of {architecture} changes from call to call.")


def refuses_what_is_no_architecture(_name: str, space: SearchSpace) -> None:
    """Raise ZcBenchError, and nothing else, for what names no architecture."""
    key = _sample(space)[0].key
    for text in (*_GARBAGE, key[:-1], key[1:], key + key):
        try:
            found = str(space.parse(text))
        except ZcBenchError:
            continue
        except Exception as error:  # noqa: BLE001 - the check examines the exception
            expect(
                False, f"For {text[:60]!r} it raises {type(error).__name__}: raise ZcBenchError."
            )
        expect(False, f"It reads {text[:60]!r} as {found}: raise ZcBenchError.")


def has_graphs_in_topological_order(_name: str, space: SearchSpace) -> None:
    """Have graphs whose edges lead from earlier to later nodes."""
    for architecture in _sample(space):
        graphs = space.graphs(architecture)
        expect(graphs, f"{architecture} has no graph.")
        for graph in graphs:
            wrong = [edge for edge in graph.edges if not 0 <= edge[0] < edge[1] < len(graph.nodes)]
            expect(
                not wrong, f"In the {graph.name} of {architecture} there is an edge {wrong[:1]}."
            )


def has_neighbours_that_differ(name: str, space: SearchSpace) -> None:
    """Have neighbours that are other architectures of the space, each once."""
    for architecture in _sample(space)[:3]:
        neighbours = list(space.neighbours(architecture))
        expect(neighbours or space.size == 1, f"{architecture} has no neighbours.")
        expect(architecture not in neighbours, f"{architecture} is its own neighbour.")
        expect(len(set(neighbours)) == len(neighbours), f"{architecture} has a neighbour twice.")
        for found in _spread(neighbours):
            expect(
                found.space == name and space.parse(found.key) == found,
                f"Its neighbour {found} is not of {name}.",
            )


def is_a_neighbour_of_its_neighbours(_name: str, space: SearchSpace) -> None:
    """Be among the neighbours of every neighbour."""
    for architecture in _sample(space)[:3]:
        for found in _spread(list(space.neighbours(architecture))):
            there = architecture in space.neighbours(found)
            expect(there, f"{found} is a neighbour of {architecture}, which is no neighbour of it.")


def takes_every_choice_from_a_parent(name: str, space: SearchSpace) -> None:
    """Draw children whose keys have, in every place, the entry of one of the parents."""
    generator = numpy_generator(0, "contract", "crossover", name)
    drawn = _sample(space)
    for first, second in pairwise(drawn):
        itself = space.crossover(first, first, generator)
        expect(itself == first, f"The child of {first} with itself is {itself}.")
        child = space.crossover(first, second, generator)
        expect(
            child.space == name and space.parse(child.key) == child,
            f"The child {child} is not of {name}.",
        )
        words = [re.findall(r"\w+", one.key) for one in (first, second, child)]
        # Keys of different length, of cells with different numbers of nodes, are not compared.
        comparable = len({*map(len, words)}) == 1
        inherited = not comparable or all(
            _inherited(*places) for places in zip(*words, strict=True)
        )
        expect(inherited, f"The child {child} of {first} and {second} has something of neither.")


def states_the_parameters_of_its_networks(_name: str, space: SearchSpace) -> None:
    """Count the parameters of a network without building it."""
    for architecture in _sample(space)[:3]:
        for task in _tasks(space):
            with torch.device("meta"):
                network = space.build(architecture, task)
            built = sum(parameter.numel() for parameter in network.parameters())
            said = space.parameters(architecture, task)
            expect(
                said == built, f"{architecture} has {built} parameters for {task.name}, not {said}."
            )


def has_networks_for_its_tasks(_name: str, space: SearchSpace) -> None:
    """Build networks whose outputs fit the loss of the task."""
    architecture = _sample(space)[0]
    for task in _tasks(space):
        batch = _batch(task)
        # On the meta device only shapes are computed.
        with torch.device("meta"):
            network = space.build(architecture, task)
        outputs = network(batch.images.to("meta"))
        # Without a loss there is no head, and the number of outputs is free.
        due = (len(batch.images), task.outputs)[: 1 if batch.labels is None else 2]
        expect(
            outputs.shape[: len(due)] == due,
            f"For {task.name} the outputs of {architecture} are {tuple(outputs.shape)}, "
            f"for {len(batch.images)} images and {task.outputs} outputs.",
        )
        if batch.labels is None:
            continue
        loss = task.loss(outputs, batch.labels.to("meta"))
        expect(loss.shape == (), f"For {task.name} the loss of {architecture} is no scalar.")


def draws_weights_from_the_global_generator(_name: str, space: SearchSpace) -> None:
    """Draw the same weights from the same state of torch's generator, else others."""
    task = _first_task(space)
    architecture = min(_sample(space), key=lambda found: space.parameters(found, task))

    def weights(seed: int) -> Tensor:
        with torch_seeded(seed, "contract", "weights"):
            return nn.utils.parameters_to_vector(
                space.build(architecture, task).parameters()
            ).detach()

    first = weights(0)
    expect(
        torch.equal(first, weights(0)), "Two networks from the same seed have different weights."
    )
    expect(not torch.equal(first, weights(1)), "Networks from two seeds have the same weights.")


def gives_equal_networks_one_canonical_form(_name: str, space: SearchSpace) -> str:
    """Have equal canonical forms only for architectures that compute the same.

    Two networks that can compute the same functions do so if all weights are equal, because then
    the order of nodes and terms does not matter.
    """
    pairs = list(islice(_alike(space), _ALIKE))
    if not pairs:
        message = "no two neighbours were found that have the same canonical form"
        raise SkipTest(message)
    task = _first_task(space)
    images = _batch(task).images
    for one, other in pairs:
        here, there = (
            _run_with_equal_weights(space.build(found, task), images) for found in (one, other)
        )
        expect(
            torch.allclose(here, there, rtol=1e-3, atol=1e-5),
            f"{one} and {other} have the same canonical form and compute different functions.",
        )
    return f"{len(pairs)} pairs"


def _inherited(one: str, other: str, new: str) -> bool:
    """Return whether a word, or every letter of it, is from one of two others."""
    if len(one) == len(other) == len(new):
        return all(letter in pair for *pair, letter in zip(one, other, new, strict=True))
    return new in (one, other)


def _sample(space: SearchSpace) -> list[Architecture]:
    generator = numpy_generator(0, "contract", "sample", space.name)
    return [space.sample(generator) for _ in range(_SAMPLES)]


def _tasks(space: SearchSpace) -> Iterator[Task]:
    return (task_registry[name] for name in space.tasks)


def _first_task(space: SearchSpace) -> Task:
    return task_registry[space.tasks[0]]


def _batch(task: Task) -> Batch:
    return draw_batch(find_images(task, "noise"), task, 2, 0)


def _spread(found: list[Architecture]) -> list[Architecture]:
    return found[:: max(1, len(found) // _NEIGHBOURS)]


def _alike(space: SearchSpace) -> Iterator[tuple[Architecture, Architecture]]:
    """Yield neighbours that have the same canonical form."""
    for architecture in _sample(space):
        canonical = space.canonical(architecture)
        same = (
            found for found in space.neighbours(architecture) if space.canonical(found) == canonical
        )
        if (found := next(same, None)) is not None:
            yield architecture, found


def _run_with_equal_weights(network: nn.Module, images: Tensor) -> Tensor:
    with torch.inference_mode():
        for name, parameter in network.named_parameters():
            if parameter.dim() > 1:
                parameter.fill_(1 / parameter[0].numel())
            elif name.endswith("bias"):
                parameter.zero_()
        outputs: Tensor = network.train()(images)
    return outputs
