"""A page for every proxy, from the registry."""

from collections.abc import Iterator
from pathlib import Path

from generator import measured, parity
from generator.markdown import facts, page, plain, table
from zc_bench.engine.declare import Proxy, proxy_registry
from zc_bench.engine.derived import computed_names, needs_in_words
from zc_bench.engine.plan import plan
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.proxies.groups import GROUPS, group_of


def pages() -> Iterator[tuple[str, str | bytes]]:
    """Yield the pages and pictures of all proxies."""
    yield "proxies/index.md", page("# Proxies", _INTRODUCTION, overview(), _COMMANDS)
    for entry in _ours():
        yield f"proxies/{entry.name}.md", _page(entry)
        if entry.name in measured.forwards():
            yield f"proxies/{entry.name}.png", measured.picture(entry.name)


def overview() -> str:
    """Write a table of all proxies."""
    means, costs = measured.report().spearman().iloc[:, 0], measured.forwards()
    rows = [
        (
            f"[{entry.name}]({entry.name}.md)",
            plain(entry.summary),
            group_of(entry.name),
            "yes" if entry.uses_labels else "no",
            f"{costs[entry.name]:.2g}" if entry.name in costs else "",
            f"{means[entry.name]:.2f}" if entry.name in means else "",
        )
        for entry in _ours()
    ]
    return table(("proxy", "what it is", "group", "labels", "cost", "Spearman's rho"), rows)


def groups() -> str:
    """Write a table of the groups of proxies."""
    rows = [
        (f"`{name}`", ", ".join(f"[{member}](proxies/{member}.md)" for member in members))
        for name, members in GROUPS.items()
    ]
    return table(("group", "proxies"), rows)


def passes() -> str:
    """Write a table of all passes: what they produce, what they need, which proxies use them."""
    planned = plan(computed_names(proxy_registry), (TrialInputs,))
    rows = [
        (
            f"`{step.name}`",
            plain((step.function.__doc__ or "").strip().splitlines()[0]),
            ", ".join(f"`{kind.__name__}`" for kind in step.produces),
            ", ".join(f"`{kind.__name__}`" for kind in step.needs.values()),
            ", ".join(entry.name for entry in planned.proxies if step in planned.rests_on(entry)),
        )
        for step in planned.passes
    ]
    return table(("pass", "what it does", "produces", "needs", "used by"), rows)


_INTRODUCTION = """\
Each is a pure function of observations. The [passes](../concepts.md) that produce these run once
for all proxies. *Cost* is the time of a proxy alone, in units of the shared forward pass, which
also builds the graph, packs activation patterns and counts operations. *Spearman's rho* is that of
the shipped scores on NAS-Bench-201 and CIFAR-10, with ground truth from the package
analog-nasbench; the page of a proxy draws it with its interval. [Figure 4](../paper.md#figure-4)
uses the validation accuracies of NAS-Bench-201 itself, so its numbers differ. Published values are
on the [parity page](../parity.md). The proxies of the [group](../concepts.md#groups-of-proxies)
`paper` have shipped scores; where a column is empty there are none."""

_COMMANDS = """\
```bash
zc-bench list proxies
zc-bench explain --proxies swap,snip
zc-bench score --space nb201 --arch "(4, 0, 3, 1, 4, 3)" --task cifar10
```"""


def _ours() -> list[Proxy]:
    """List the proxies that come with the harness.

    A page does not depend on what else is installed.
    """
    found = [
        entry
        for entry in proxy_registry.values()
        if entry.function.__module__.startswith("zc_bench.proxies.")
    ]
    return sorted(found, key=lambda entry: entry.name)


def _page(entry: Proxy) -> str:
    function = f"{entry.function.__module__}.{entry.function.__qualname__}"
    steps = plan([entry.name], (TrialInputs,)).passes
    return page(
        f"# {entry.name}",
        plain(entry.summary),
        facts(
            {
                "source": plain(entry.source),
                "group": f"`{group_of(entry.name)}`",
                "needs": needs_in_words(entry),
                "passes": ", ".join(f"`{step.name}`" for step in steps) or "none",
                "direction": "higher is better" if entry.higher_is_better else "lower is better",
                "labels": "used" if entry.uses_labels else "not used",
                "tasks": "classification only" if entry.classification_only else "all",
                "version": entry.version,
                "second opinion": f"a plain implementation, `tests/reference/{entry.name}.py`",
            }
        ),
        f"## Definition\n\n::: {function}",
        *(_measured(entry.name) if entry.name in measured.forwards() else ()),
    )


def _measured(name: str) -> tuple[str, ...]:
    """Write what the shipped scores of a proxy say."""
    return (
        f"## Cost\n\nAlone, {name} takes {measured.forwards()[name]:.2g} times as long as the shared "
        "forward pass of all proxies. Jointly with others it costs less, because passes are shared.",
        _parity(name),
        f"## Against accuracy\n\n![Scores of {name} and accuracy]({name}.png)\n\n{_run()}",
    )


def _parity(proxy: str) -> str:
    rows = list(parity.rows(proxy))
    if not rows:
        return "## Parity\n\nThere are no published scores for a comparison one by one."
    columns = ("where", "n", "with published", "between our seeds")
    text = (
        "Spearman's rho of our scores with published ones, and of two of our own seeds "
        "([more](../parity.md))."
    )
    return f"## Parity\n\n{text}\n\n{table(columns, rows)}"


def _run() -> str:
    about, rows = measured.provenance(), measured.rows()
    images = Path(about["images"]["cifar10"]).name
    return (
        f"{rows['architecture'].nunique():,} architectures of NAS-Bench-201, CIFAR-10, {rows['seed'].nunique()} seeds "
        f"(`results/shipped/{measured.STORE.name}`). Ground truth: "
        f"{plain(about['table']['source'])}, {plain(about['table']['holds'])}; images: {plain(images)}. The interval "
        "in brackets is of 95 %, from the seeds."
    )
