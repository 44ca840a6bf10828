"""The record of what a run was computed on."""

import json
import platform

import torch

from zc_bench._internal import environment as module
from zc_bench._internal.environment import differences, environment
from zc_bench.kernels.pattern_count import forced

CPU = torch.device("cpu")


def test_names_versions_and_hardware():
    record = environment(CPU)
    assert record["python"] == platform.python_version()
    assert record["packages"]["torch"].split("+")[0] == torch.__version__.split("+")[0]
    assert record["threads"] == torch.get_num_threads()
    assert record["device"] == "cpu"
    assert record["pattern_count"] == "cpu"
    assert platform.machine() in record["system"]


def test_names_the_form_of_pattern_counting_that_was_forced():
    with forced("reference"):
        assert environment(CPU)["pattern_count"] == "reference"


def test_is_fit_for_json():
    record = environment(CPU)
    assert json.loads(json.dumps(record)) == record


def test_says_so_where_a_package_is_absent(monkeypatch):
    monkeypatch.setattr(module, "_PACKAGES", ("no-such-package",))
    assert environment(CPU)["packages"] == {"no-such-package": "not installed"}


def test_names_the_processor_where_linux_keeps_no_file_of_it(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "Path", lambda _: tmp_path / "absent")
    monkeypatch.setattr(platform, "processor", lambda: "abacus")
    assert environment(CPU)["processor"] == "abacus"


def test_differences_name_what_moves_the_last_digits() -> None:
    before = {"threads": 2, "device": "cpu", "packages": {"torch": "2.12.0"}, "python": "3.11"}
    now = {"threads": 1, "device": "cpu", "packages": {"torch": "2.13.0"}, "python": "3.12"}
    assert differences(before, now) == "threads 2, now 1; torch 2.12.0, now 2.13.0"
    assert differences(now, now) == ""
    assert differences({}, now) == ""
