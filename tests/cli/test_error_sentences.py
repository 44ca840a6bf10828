"""Errors of the command line: one sentence, no traceback, nothing written."""

import pytest
from command_line import ARCHITECTURE, correlate

from zc_bench.cli import application
from zc_bench.errors import ZcBenchError
from zc_bench.store import read_store

pytestmark = pytest.mark.usefixtures("data_folder")

SCORE = ("score", "--space", "nb201", "--task", "cifar10", "--inputs", "noise")


class TestErrors:
    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (
                ("correlate", "--space", "nb202"),
                "Unknown search space 'nb202': did you mean 'nb201'?",
            ),
            (correlate("x", proxies="swapp"), "Unknown proxy 'swapp': did you mean 'swap'?"),
            (correlate("x", task="cifar"), "Unknown task 'cifar': did you mean 'cifar10'?"),
            (
                correlate("x", truth="absent.csv"),
                "There is no file absent.csv: give one that is there, or a metric",
            ),
            (
                correlate("x", task="cifar100", truth="analog"),
                "has no ground truth for task 'cifar100'",
            ),
            (("correlate", "--space", "darts_search"), "There is no ground truth for darts_search"),
            (
                correlate("x", budget="10"),
                "'10' is no duration: write it like 90s, 10m or 1h30m, or none.",
            ),
            (correlate("x", device="warp-drive"), "The device 'warp-drive' cannot be used"),
            (correlate("x", device="cuda:99"), "The device 'cuda:99' cannot be used"),
            (
                correlate("x", inputs="absent"),
                "There are no images at absent: expected an .npz file, a folder",
            ),
            (
                correlate("x", samples=0),
                "samples = 0 will not do: expected a whole number from 1 up.",
            ),
            (correlate("x", seeds=0), "seeds = 0 will not do: expected a whole number from 1 up."),
            (
                correlate("x", batch_size=0),
                "batch_size = 0 will not do: expected a whole number from 1 up.",
            ),
            (correlate("x", sigma=0), "sigma = 0.0 will not do: expected a number above 0."),
            (
                (*SCORE, "--arch", "(9,)"),
                "'(9,)' is not a NAS-Bench-201 architecture: expected six digits",
            ),
            (
                (*SCORE, "--arch", ARCHITECTURE, "--proxies", "snp"),
                "Unknown proxy 'snp': did you mean 'snip'?",
            ),
            (
                (*SCORE[:3], "--task", "cifra10", "--arch", ARCHITECTURE),
                "Unknown task 'cifra10': did you mean 'cifar10'?",
            ),
            (("explain", "--proxies", "snp"), "Unknown proxy 'snp': did you mean 'snip'?"),
        ],
    )
    def test_are_one_sentence(self, zc_bench, words, sentence, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        status, out, err = zc_bench(*words)
        *remarks, error = err.strip().splitlines()
        assert status == 2
        assert out == ""
        assert error.startswith("Error: ")
        assert sentence in error
        assert not any("Traceback" in remark for remark in remarks)
        assert list(tmp_path.iterdir()) == []

    def test_another_protocol_is_refused_with_the_difference(self, zc_bench, tmp_path):
        zc_bench(*correlate(tmp_path, samples=1, proxies="swap,params"))
        status, _, err = zc_bench(
            *correlate(tmp_path, samples=1, proxies="swap,params", batch_size=5, quiet=True)
        )
        assert status == 2
        assert err == (
            f"Error: {tmp_path}/scores.h5 holds scores that depend on something else: "
            "swap@1 (protocol batch_size: 4 there, 5 now). Choose another folder with --out, or start over with --fresh.\n"  # noqa: E501
        )

    def test_a_store_that_is_none_is_refused(self, zc_bench, tmp_path):
        (tmp_path / "scores.h5").write_text("no store")
        status, _, err = zc_bench(*correlate(tmp_path, quiet=True))
        assert status == 2
        assert err.startswith(
            f"Error: {tmp_path}/scores.h5 is not a store of zc-bench, or damaged ("
        )

    def test_a_folder_that_cannot_be_written_to_is_named(self, zc_bench, tmp_path):
        (tmp_path / "file").touch()
        status, _, err = zc_bench(*correlate(tmp_path / "file", quiet=True))
        assert status == 2
        assert err.startswith(f"Error: Could not write {tmp_path}/file/scores.h5 (")

    def test_a_report_that_cannot_be_written_comes_after_the_table(self, zc_bench, tmp_path):
        (tmp_path / "file").touch()
        words = correlate(
            tmp_path / "file", store=tmp_path / "scores.h5", samples=1, proxies="params", quiet=True
        )
        status, out, err = zc_bench(*words)
        assert status == 2
        assert "params" in out
        assert err.startswith(f"Error: Could not write {tmp_path}/file (")
        assert len(read_store(tmp_path / "scores.h5").trials) == 2

    @pytest.mark.parametrize(
        "words", [["correlate"], ["score"], ["list", "nothing"], ["dance"], ["score", "--arch"]]
    )
    def test_of_usage_exit_with_the_same_status(self, zc_bench, words):
        status, _, err = zc_bench(*words)
        assert status == 2
        assert "Traceback" not in err

    def test_keep_square_brackets(self, zc_bench, monkeypatch):
        # The printer interprets them as markup by default.
        def fail():
            message = "the key [bold] is odd"
            raise ZcBenchError(message)

        monkeypatch.setattr(application, "app", fail)
        assert zc_bench("list") == (2, "", "Error: the key [bold] is odd\n")
