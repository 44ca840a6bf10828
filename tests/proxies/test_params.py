from zc_bench.passes.network_size import NetworkSize
from zc_bench.proxies.params import params


def test_it_is_in_millions() -> None:
    assert params(NetworkSize(1_531_546)) == 1.531546
