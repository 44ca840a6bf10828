"""Executors: refused options, and runs in one process."""

import sys

import pytest
import torch

from zc_bench.errors import ZcBenchError
from zc_bench.execution import ExecutionOptions, LocalExecutor, open_executor


class TestExecutionOptions:
    @pytest.mark.parametrize("options", [{"workers": 0}, {"threads": 0}, {"threads": -1}])
    def test_refuses_numbers_below_1(self, options):
        ((name, value),) = options.items()
        with pytest.raises(
            ZcBenchError, match=f"^{name} = {value} will not do: expected a whole number from 1 up"
        ):
            ExecutionOptions(**options)


class TestOpenExecutor:
    def test_one_worker_is_this_process_with_the_threads_that_were_asked_for(self):
        before = torch.get_num_threads()
        with open_executor(ExecutionOptions("cpu", threads=before + 2)) as executor:
            assert executor == LocalExecutor(torch.device("cpu"))
            assert executor.environment()["threads"] == torch.get_num_threads() == before + 2
        assert torch.get_num_threads() == before

    def test_threads_stay_without_being_asked_for(self):
        before = torch.get_num_threads()
        with open_executor(ExecutionOptions("cpu")):
            assert torch.get_num_threads() == before

    @pytest.mark.parametrize("options", [{"workers": 2}, {"scheduler": "tcp://127.0.0.1:1"}])
    def test_says_what_to_install(self, options, monkeypatch):
        monkeypatch.setitem(sys.modules, "distributed", None)
        with (
            pytest.raises(
                ZcBenchError, match=r"Workers need the package distributed: `pip install"
            ),
            open_executor(ExecutionOptions(**options)),
        ):
            pass
