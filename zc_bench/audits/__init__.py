"""Audits of proxies from stored scores: is a score more than depth and size?"""

from zc_bench.audits.api import Audit, audit
from zc_bench.audits.compare import Comparison, compare
from zc_bench.audits.leaderboard import Leaderboard, leaderboard
from zc_bench.audits.submission import SubmissionCheck, check_submission

__all__ = [
    "Audit",
    "Comparison",
    "Leaderboard",
    "SubmissionCheck",
    "audit",
    "check_submission",
    "compare",
    "leaderboard",
]
