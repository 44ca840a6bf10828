"""The contract of every benchmark table."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from zc_bench.errors import ZcBenchError
from zc_bench.spaces import space_registry
from zc_bench.tables import Table
from zc_bench.tasks import task_registry
from zc_bench.testing.check import Check, bind, expect, run_all

_KEYS = 2000  # architectures that are read, spread over the table
_PROVENANCE = ("source", "file", "licence")


def check_table(table: Table) -> None:
    """Run all checks of a benchmark table, in the order of `table_checks`.

    Raises:
        BrokenContractError: at the first property that does not hold.
    """
    run_all(table_checks(table))


def table_checks(table: Table) -> tuple[Check, ...]:
    """Return the checks of a benchmark table, one for each property."""
    promises = (
        has_canonical_keys,
        has_sorted_keys,
        has_numbers_for_every_key,
        has_known_tasks,
        says_where_it_is_from,
        finds_what_it_holds,
    )
    return bind(f"table of {table.space}", promises, table)


def has_canonical_keys(table: Table) -> None:
    """Have the canonical keys of the space."""
    expect(table.space in space_registry, f"The space {table.space!r} is not registered.")
    for key in _spread(table.keys):
        try:
            found = space_registry[table.space].parse(key).key
        except ZcBenchError as error:
            found = str(error)
        expect(found == key, f"The space reads the key {key!r} as {found!r}.")


def has_sorted_keys(table: Table) -> None:
    """Hold its keys in ascending order, each once."""
    expect(len(table.keys), "It is empty.")
    keys = list(table.keys)
    wrong = next((pair for pair in pairwise(keys) if pair[0] >= pair[1]), None)
    expect(wrong is None, f"Of two keys in a row the second is not the larger: {wrong}.")


def has_numbers_for_every_key(table: Table) -> None:
    """Hold a float64 for every key: not all NaN, and none infinite."""
    for task, metrics in table.metrics.items():
        expect(
            metrics.dtype == np.float64, f"The ground truth of {task} is of type {metrics.dtype}."
        )
        expect(
            metrics.shape == (len(table.keys),),
            f"{task} has {metrics.shape} numbers for {len(table.keys)} keys.",
        )
        expect(not np.isinf(metrics).any(), f"The ground truth of {task} is infinite somewhere.")
        expect(
            not np.isnan(metrics).all(), f"There is no ground truth of {task} for any architecture."
        )


def has_known_tasks(table: Table) -> None:
    """Hold ground truth of tasks that are registered."""
    expect(table.tasks, "It has no tasks.")
    unknown = [task for task in table.tasks if task not in task_registry]
    expect(not unknown, f"The tasks {', '.join(unknown)} are not registered.")


def says_where_it_is_from(table: Table) -> None:
    """Name its source, its file and its licence."""
    missing = [fact for fact in _PROVENANCE if not table.provenance.get(fact)]
    expect(not missing, f"Its provenance lacks {', '.join(missing)}.")


def finds_what_it_holds(table: Table) -> None:
    """Look up numbers in the order of the request."""
    places = np.arange(len(table.keys))[:: -max(1, len(table.keys) // _KEYS)]
    for task, metrics in table.metrics.items():
        found = table.lookup(task, [table.keys[place] for place in places])
        expect(
            np.array_equal(found, metrics[places], equal_nan=True),
            f"It finds other numbers of {task} than it holds.",
        )
        try:
            table.lookup(task, ["nonsense"])
        except ZcBenchError:
            continue
        expect(False, "It finds an architecture 'nonsense'.")


def _spread(keys: Sequence[str]) -> list[str]:
    return [keys[place] for place in range(0, len(keys), max(1, len(keys) // _KEYS))]
