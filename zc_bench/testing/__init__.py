"""Contract checks of proxies, passes, search spaces and tables, for the tests of plug-ins.

`check_proxy("mine")` runs all checks and raises at the first that fails. `proxy_checks("mine")`
returns one check per property, for a parametrised test:

    @pytest.mark.parametrize("check", proxy_checks("mine"), ids=str)
    def test_mine(check):
        check()

`check_pass`, `check_space` and `check_table` work in the same way. `zc-bench check NAME` prints the
results.
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
