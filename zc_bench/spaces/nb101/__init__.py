"""NAS-Bench-101."""

from zc_bench.spaces.nb101 import space

__all__ = ["space"]
