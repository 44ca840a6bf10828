"""Audits of proxies from stored scores: is a score more than depth and size?"""

from zc_bench.audits.api import Audit, audit
from zc_bench.audits.compare import Comparison, compare

__all__ = ["Audit", "Comparison", "audit", "compare"]
