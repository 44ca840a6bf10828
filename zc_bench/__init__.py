"""Zero-cost NAS proxies on real search spaces: exact, reproducible, fast."""

from zc_bench import figures
from zc_bench._internal import threads as _threads
from zc_bench.engine.declare import proxy, shared_pass
from zc_bench.engine.networks import score
from zc_bench.errors import ZcBenchError
from zc_bench.execution import evaluate
from zc_bench.proxies.reg_swap import Regularisation
from zc_bench.spec import Protocol, Spec
from zc_bench.statistics.correlate import correlate
from zc_bench.tables import load_table

__all__ = [
    "Protocol",
    "Regularisation",
    "Spec",
    "ZcBenchError",
    "correlate",
    "evaluate",
    "figures",
    "load_table",
    "proxy",
    "score",
    "shared_pass",
]
