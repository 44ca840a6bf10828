"""`zc-bench check`: whether proxies, passes and search spaces keep what they promise."""

from collections.abc import Callable, Iterator
from typing import Annotated

import typer

from zc_bench.cli import console
from zc_bench.cli.application import new_app
from zc_bench.engine.declare import pass_registry, proxy_registry
from zc_bench.errors import ZcBenchError, unknown_name
from zc_bench.spaces import space_registry
from zc_bench.testing import Check, judge, pass_checks, proxy_checks, space_checks

app = new_app()


@app.command()
def check(
    names: Annotated[
        list[str] | None, typer.Argument(help="Proxies, passes and search spaces, by name.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All that are known, plug-ins included.")
    ] = False,
) -> None:
    """Check proxies, passes and search spaces, your own or others'.

    Exit with status 1 if a promise is not kept.
    """
    requested = list(_known()) if everything else names
    if not requested:
        message = (
            "There is nothing to check: name a proxy, a pass or a search space, or give --all."
        )
        raise ZcBenchError(message)
    verdicts = [judge(promise) for name in requested for promise in _checks(name)]
    rows = [
        (item.check.subject, item.check.promise, item.outcome, item.remark) for item in verdicts
    ]
    console.show_table(dict.fromkeys(("what", "promise", "verdict", "remark"), "left"), rows)
    outcomes = [verdict.outcome for verdict in verdicts]
    console.say(
        ", ".join(
            f"{outcomes.count(outcome)} {outcome}" for outcome in ("passed", "failed", "skipped")
        )
        + "."
    )
    if "failed" in outcomes:
        raise typer.Exit(1)


def _known() -> dict[str, list[Callable[[str], tuple[Check, ...]]]]:
    """Return by name who checks it; a proxy and a pass may have the same."""
    known: dict[str, list[Callable[[str], tuple[Check, ...]]]] = {}
    kinds = (
        (proxy_registry, proxy_checks),
        ({item.name for item in pass_registry.values()}, pass_checks),
        (space_registry, space_checks),
    )
    for names, checks in kinds:
        for name in sorted(names):
            known.setdefault(name, []).append(checks)
    return known


def _checks(name: str) -> Iterator[Check]:
    known = _known()
    if name not in known:
        kind = "proxy, pass or search space"
        raise unknown_name(kind, name, known)
    for checks in known[name]:
        yield from checks(name)
