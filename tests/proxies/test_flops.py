from zc_bench.passes.multiply_adds import MultiplyAdds
from zc_bench.proxies.flops import flops


def test_it_is_in_millions() -> None:
    assert flops(MultiplyAdds(222_860_992)) == 222.860992
