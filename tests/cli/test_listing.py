"""`zc-bench list` and `zc-bench explain`: the registered items, and the proxies of each pass."""

import pytest

from zc_bench.engine import declare as observations
from zc_bench.proxies.groups import default_proxies

pytestmark = pytest.mark.usefixtures("data_folder")


class TestList:
    def test_proxies_with_facts_and_source(self, zc_bench):
        status, out, _ = zc_bench("list", "proxies")
        assert status == 0
        for name, entry in observations.proxy_registry.items():
            assert f"{name}@{entry.version}  {entry.summary}" in out
            assert entry.source in out

    @pytest.mark.parametrize(
        ("kind", "parts"),
        [
            ("spaces", ["nb201", "15,625", "cifar10, cifar100, imagenet16-120"]),
            (
                "tasks",
                ["cifar10", "3 x 32 x 32", "imagenet16-120", "3 x 16 x 16", "accuracy, percent"],
            ),
            (
                "tables",
                [
                    "nb201_zen.zip",
                    "comes with zc-bench",
                    "raspi4_latency",
                    "https://pypi.org/project/analog-nasbench",
                ],
            ),
        ],
    )
    def test_others(self, zc_bench, kind, parts):
        status, out, _ = zc_bench("list", kind)
        assert status == 0
        for part in parts:
            assert part in out


class TestExplain:
    def test_names_passes_gifts_and_whom_they_serve(self, zc_bench):
        status, out, _ = zc_bench("explain", "--proxies", "params,grad_norm")
        assert status == 0
        rows = {line.split()[0]: line.split()[-2:] for line in out.splitlines() if line.strip()}
        assert rows["network_size"] == ["NetworkSize", "params"]
        assert rows["forward"] == ["Forward", "grad_norm"]
        assert rows["loss_gradients"] == ["LossGradients", "grad_norm"]
        assert "swap" not in out

    def test_explains_all_unless_told(self, zc_bench):
        _, out, _ = zc_bench("explain")
        assert all(name in out for name in default_proxies())
