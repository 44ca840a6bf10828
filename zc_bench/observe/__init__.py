"""Passes give observations, proxies reduce them to a score; a plan says which run, once each, and in what order.

This package knows no network and no dataset; a plug-in declares its passes and proxies with the same two decorators.
"""

from zc_bench.observe.declarations import Pass, Proxy, Wanted, passes, proxies, proxy, shared_pass
from zc_bench.observe.planning import Plan, plan
from zc_bench.observe.running import Observed, observe
from zc_bench.observe.scores import InvalidScoreError, Score, Status, UndefinedScoreError

__all__ = [
    "InvalidScoreError",
    "Observed",
    "Pass",
    "Plan",
    "Proxy",
    "Score",
    "Status",
    "UndefinedScoreError",
    "Wanted",
    "observe",
    "passes",
    "plan",
    "proxies",
    "proxy",
    "shared_pass",
]
