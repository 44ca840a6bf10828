"""Statistics of rankings: who is better than whom, whether it is chance, and what a proxy knows beyond size."""

from zc_bench.statistics.analysis import Analysis, analyse

__all__ = ["Analysis", "analyse"]
