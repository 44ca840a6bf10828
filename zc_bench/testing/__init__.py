"""Contract checks: what proxies, passes, search spaces and tables promise, for the tests of those who bring their own.

`check_proxy("mine")` checks everything and raises at the first promise that is not kept. `proxy_checks("mine")` returns
one check per promise, to be tests of their own:

    @pytest.mark.parametrize("check", proxy_checks("mine"), ids=str)
    def test_mine(check):
        check()

The same goes for `check_pass`, `check_space` and `check_table`. `zc-bench check NAME` prints what they find.
"""

from zc_bench.testing.check import BrokenContractError, Check, Verdict, judge
from zc_bench.testing.passes import check_pass, pass_checks
from zc_bench.testing.proxies import check_proxy, proxy_checks
from zc_bench.testing.spaces import check_space, space_checks
from zc_bench.testing.tables import check_table, table_checks

__all__ = [
    "BrokenContractError",
    "Check",
    "Verdict",
    "check_pass",
    "check_proxy",
    "check_space",
    "check_table",
    "judge",
    "pass_checks",
    "proxy_checks",
    "space_checks",
    "table_checks",
]
