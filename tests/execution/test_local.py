"""Where trials run: what is refused, and what one needs no cluster for."""

import sys

import pytest
import torch

from zc_bench.errors import ZcBenchError
from zc_bench.execution import open_workers
from zc_bench.execution.local import LocalExecutor


class TestOpenWorkers:
    def test_one_is_this_process_with_the_threads_that_were_asked_for(self):
        before = torch.get_num_threads()
        with open_workers(device="cpu", threads=before + 2) as workers:
            assert workers == LocalExecutor(torch.device("cpu"))
            assert workers.environment()["threads"] == torch.get_num_threads() == before + 2
        assert torch.get_num_threads() == before

    @pytest.mark.parametrize("options", [{"count": 0}, {"threads": 0}, {"threads": -1}])
    def test_refuses_numbers_below_1(self, options):
        with (
            pytest.raises(ZcBenchError, match="will not do: expected a whole number from 1 up"),
            open_workers(**options),
        ):
            pass

    @pytest.mark.parametrize("options", [{"count": 2}, {"scheduler": "tcp://127.0.0.1:1"}])
    def test_says_what_to_install(self, options, monkeypatch):
        monkeypatch.setitem(sys.modules, "distributed", None)
        with (
            pytest.raises(
                ZcBenchError, match=r"Workers need the package distributed: `pip install"
            ),
            open_workers(**options),
        ):
            pass
