"""Which proxies a forward pass is enough for."""

from zc_bench.execution.stages import differentiates, split

from zc_bench.engine.declare import proxy_registry

QUICK = {
    "params",
    "flops",
    "l2_norm",
    "synflow",
    "nwot",
    "zen",
    "linear_regions",
    "swap",
    "reg_swap",
}


def test_nine_of_the_seventeen_differentiate_no_batch():
    assert {name for name in proxy_registry if not differentiates(name)} == QUICK


def test_split_keeps_the_order():
    assert split(["swap", "snip", "params", "grasp"]) == (("swap", "params"), ("snip", "grasp"))


def test_unknown_names_cost_no_more_than_others():
    assert not differentiates("nobody")
