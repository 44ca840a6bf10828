"""Zero-cost NAS proxies on real search spaces: exact, reproducible, fast."""

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from zc_bench._internal.lazy import lazy_names
from zc_bench._internal.threads import import_torch

if TYPE_CHECKING:
    from zc_bench.audits.api import Audit, audit
    from zc_bench.audits.compare import Comparison, compare
    from zc_bench.audits.leaderboard import Leaderboard, leaderboard
    from zc_bench.audits.submission import SubmissionCheck, check_submission
    from zc_bench.benchmark import run
    from zc_bench.catalogue import list_proxies, list_spaces, list_tasks
    from zc_bench.costs import Estimate, estimate
    from zc_bench.engine.declare import proxy, shared_pass
    from zc_bench.engine.derived import derived_proxy
    from zc_bench.engine.networks import score
    from zc_bench.engine.scores import Score, Status
    from zc_bench.errors import ZcBenchError
    from zc_bench.figures.plugins import figure
    from zc_bench.paper import reproduce
    from zc_bench.proxies.reg_swap import Regularisation
    from zc_bench.result import Result
    from zc_bench.scoring import score_architecture, score_factory
    from zc_bench.searches.api import SearchResult, search
    from zc_bench.spec import Experiment, Protocol, Spec
    from zc_bench.statistics.correlate import correlate
    from zc_bench.store.sources import load_scores
    from zc_bench.tables import load_table

    __version__: str

_WITHOUT_TORCH = ("ZcBenchError",)

# Where each public name is defined. A module is imported when its name is first used.
_HOMES = {
    "Estimate": "costs",
    "Audit": "audits.api",
    "Comparison": "audits.compare",
    "Experiment": "spec",
    "Leaderboard": "audits.leaderboard",
    "Protocol": "spec",
    "Regularisation": "proxies.reg_swap",
    "Result": "result",
    "Score": "engine.scores",
    "SearchResult": "searches.api",
    "Spec": "spec",
    "Status": "engine.scores",
    "SubmissionCheck": "audits.submission",
    "ZcBenchError": "errors",
    "audit": "audits.api",
    "check_submission": "audits.submission",
    "compare": "audits.compare",
    "correlate": "statistics.correlate",
    "derived_proxy": "engine.derived",
    "estimate": "costs",
    "figure": "figures.plugins",
    "leaderboard": "audits.leaderboard",
    "list_proxies": "catalogue",
    "list_spaces": "catalogue",
    "list_tasks": "catalogue",
    "load_scores": "store.sources",
    "load_table": "tables",
    "proxy": "engine.declare",
    "reproduce": "paper",
    "run": "benchmark",
    "score": "engine.networks",
    "score_architecture": "scoring",
    "score_factory": "scoring",
    "search": "searches.api",
    "shared_pass": "engine.declare",
}

__all__ = [
    "Audit",
    "Comparison",
    "Estimate",
    "Experiment",
    "Leaderboard",
    "Protocol",
    "Regularisation",
    "Result",
    "Score",
    "SearchResult",
    "Spec",
    "Status",
    "SubmissionCheck",
    "ZcBenchError",
    "__version__",
    "audit",
    "check_submission",
    "compare",
    "correlate",
    "derived_proxy",
    "estimate",
    "figure",
    "leaderboard",
    "list_proxies",
    "list_spaces",
    "list_tasks",
    "load_scores",
    "load_table",
    "proxy",
    "reproduce",
    "run",
    "score",
    "score_architecture",
    "score_factory",
    "search",
    "shared_pass",
]


_load, _names = lazy_names(__name__, _HOMES)


def __getattr__(name: str) -> Any:
    """Import the module of a public name when the name is first used."""
    if name == "__version__":
        return version("zc-bench")
    if name in _HOMES and name not in _WITHOUT_TORCH:
        import_torch()
    return _load(name)


def __dir__() -> list[str]:
    return sorted({*_names(), *__all__})
