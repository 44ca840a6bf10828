"""Tables of the registered proxies, search spaces and tasks."""

import pandas as pd

import zc_bench.proxies  # noqa: F401 - registers the proxies that come with the package
from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.derived import needs_in_words
from zc_bench.proxies.groups import group_of
from zc_bench.registry import warn_of_broken_plugins
from zc_bench.spaces import space_registry
from zc_bench.tables import facts
from zc_bench.tasks import task_registry


def list_proxies() -> pd.DataFrame:
    """List the proxies, those of plug-ins included.

    Returns:
        Indexed by name: group, version, summary, higher_is_better, uses_labels, classification_only, needs
        (observations or other scores), source.

    Examples:
        >>> bool(list_proxies().loc["swap", "higher_is_better"])
        True
    """
    warn_of_broken_plugins()
    rows = [
        {
            "name": entry.name,
            "group": group_of(entry.name),
            "version": entry.version,
            "summary": entry.summary,
            "higher_is_better": entry.higher_is_better,
            "uses_labels": entry.uses_labels,
            "classification_only": entry.classification_only,
            "needs": needs_in_words(entry),
            "source": entry.source,
        }
        for entry in proxy_registry.values()
    ]
    return pd.DataFrame(rows).set_index("name").sort_index()


def list_spaces() -> pd.DataFrame:
    """List the search spaces, those of plug-ins included.

    Returns:
        Indexed by name: architectures (how many), tasks (separated by commas).

    Examples:
        >>> int(list_spaces().loc["nb201", "architectures"])
        15625
    """
    warn_of_broken_plugins()
    rows = [
        {"name": space.name, "architectures": space.size, "tasks": ", ".join(space.tasks)}
        for space in space_registry.values()
    ]
    return pd.DataFrame(rows).set_index("name").sort_index()


def list_tasks() -> pd.DataFrame:
    """List the tasks.

    Returns:
        Indexed by name: dataset, image_size (pixels, of texts tokens), input (its form), target, outputs, loss, metric.

    Examples:
        >>> list_tasks().loc["cifar10", "metric"]
        'accuracy, percent'
    """
    warn_of_broken_plugins()
    rows = [
        {
            "name": task.name,
            "dataset": task.dataset,
            "image_size": task.image_size,
            "input": task.input,
            "target": task.target,
            "outputs": task.outputs,
            "loss": task.objective,
            "metric": task.metric,
        }
        for task in task_registry.values()
    ]
    return pd.DataFrame(rows).set_index("name")


def list_measurements() -> pd.DataFrame:
    """List how the ground truth of every space and task was measured.

    Returns:
        Columns space, task, split, epochs, runs (trainings averaged); None where it is not stated.
    """
    rows = [
        (space.name, task, known.split, known.epochs, known.runs)
        for space in space_registry.values()
        for task in space.tasks
        if (known := facts(space.name, task))
    ]
    return pd.DataFrame(rows, columns=["space", "task", "split", "epochs", "runs"], dtype=object)
