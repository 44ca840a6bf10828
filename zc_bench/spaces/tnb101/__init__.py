"""TransNAS-Bench-101: micro and macro."""

from zc_bench.spaces.tnb101 import macro, micro

__all__ = ["macro", "micro"]
