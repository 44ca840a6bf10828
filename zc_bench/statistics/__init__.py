"""Statistics of rankings: comparisons of proxies, selection, bias towards size, information."""

from zc_bench.statistics.analysis import Analysis, analyse

__all__ = ["Analysis", "analyse"]
