"""Proxies, passes, spaces and the table of ours keep what they promise."""

import pytest

from zc_bench import load_table, testing
from zc_bench.engine.declare import pass_registry, proxy_registry
from zc_bench.spaces import space_registry
from zc_bench.testing import check_table


def marked(check):
    """Mark a check that needs a GPU, or more than a second."""
    marks = [pytest.mark.gpu] * ("gpu" in check.promise)
    large = check.subject.startswith("space ") and check.subject != "space nb201"
    marks += [pytest.mark.slow] * (
        large and ("networks" in check.promise or "weights" in check.promise)
    )
    return pytest.param(check, id=str(check), marks=marks)


OWN = [
    *(check for name in proxy_registry for check in testing.proxy_checks(name)),
    *(
        check
        for name in dict.fromkeys(entry.name for entry in pass_registry.values())
        for check in testing.pass_checks(name)
    ),
    *(check for name in space_registry for check in testing.space_checks(name)),
]


@pytest.mark.parametrize("check", [marked(check) for check in OWN])
def test_ours_keep_what_they_promise(check):
    check()


TABLES = [
    *((space, "") for space in ("nb101", "nb201", "nb301", "tnb101_micro", "tnb101_macro")),
    *(("nb201", truth) for truth in ("edgetpu_latency", "fgsm@linf_eps-1.0")),
]


@pytest.mark.usefixtures("data_folder")
@pytest.mark.parametrize(("space", "truth"), TABLES)
def test_the_tables_that_come_with_the_package_keep_what_they_promise(space, truth):
    check_table(load_table(space, truth))
