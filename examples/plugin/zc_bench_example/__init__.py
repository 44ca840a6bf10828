"""Two proxies for zc-bench; importing this package registers them."""

from zc_bench_example import bn_score, meco_layers

__all__ = ["bn_score", "meco_layers"]
