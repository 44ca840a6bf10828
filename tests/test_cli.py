"""The command line: what it prints, what it writes, how it fails, and how it takes Ctrl-C and kill -9."""

import json
import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from zc_bench import cli, console
from zc_bench import observe as observations
from zc_bench.errors import ZcBenchError
from zc_bench.evaluate import Progress
from zc_bench.passes.network_size import NetworkSize
from zc_bench.store import read_store

pytestmark = pytest.mark.usefixtures("data_folder")

ARCHITECTURE = "(4, 0, 3, 1, 4, 3)"
REPORT = ["correlations.csv", "heatmap.pdf", "heatmap.png", "run.json", "spearman.csv"]


@pytest.fixture
def zc_bench(monkeypatch, capsys):
    """Run the command line in this process; return exit status, standard output and standard error."""
    monkeypatch.setattr(console.out, "width", 1000)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["zc-bench", *map(str, words)])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        captured = capsys.readouterr()
        return exit_.value.code or 0, captured.out, captured.err

    return run


def correlate(folder, **options):
    """Spell out a run that takes a second."""
    spelt = {
        "space": "nb201",
        "task": "cifar10",
        "samples": 3,
        "seeds": 2,
        "proxies": "params,grad_norm,l2_norm",
        "batch-size": 4,
        "inputs": "noise",
        "out": folder,
    } | {name.replace("_", "-"): value for name, value in options.items()}
    words = [
        word for name, value in spelt.items() for word in ([f"--{name}"] if value is True else [f"--{name}", value])
    ]
    return ["correlate", "--offline", *map(str, words)]


def start(*words):
    """Start the command line in a process of its own."""
    # What is started in the background by a shell ignores Ctrl-C, and so would what it starts.
    script = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    script += "from zc_bench.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for_trials(process, folder, count):
    """Wait until a process has finished some trials."""
    journal = folder / "scores.h5.journal"
    # The first line lists what was drawn.
    while not journal.exists() or journal.read_bytes().count(b"\n") < 1 + count:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A folder with the results of a run, and what it printed on standard output and on standard error."""
    folder = tmp_path_factory.mktemp("run") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZC_BENCH_DATA", str(tmp_path_factory.mktemp("data")))
        process = start(*correlate(folder))
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return folder, out, err


class TestCorrelate:
    def test_writes_report_figure_record_and_scores(self, done):
        folder, _, err = done
        names = sorted(item.name for item in folder.iterdir() if not item.name.startswith("."))
        assert names == sorted([*REPORT, "scores.h5"])
        assert f"Written to {folder}: " in err

    def test_prints_the_table_on_standard_output(self, done):
        _, out, _ = done
        heading, *rows = filter(None, (line.strip() for line in out.splitlines()))
        assert heading.startswith("Spearman's rank correlation with the ground truth: mean ± standard deviation")
        assert {row.split()[0] for row in rows[2:]} == {"params", "grad_norm", "l2_norm"}

    def test_says_what_it_works_on(self, done):
        _, _, err = done
        assert "Ground truth of nb201:" in err
        assert "Images for cifar10: standard normal noise, uniform labels" in err

    def test_correlations_are_tidy(self, done):
        frame = pd.read_csv(done[0] / "correlations.csv")
        columns = ["space", "task", "proxy", "seed", "n", "invalid", "spearman", "kendall", "low", "high"]
        assert list(frame)[: len(columns)] == columns
        assert len(frame) == 3 * 2
        assert set(frame["n"]) == {3}

    def test_means_are_proxies_by_tasks(self, done):
        frame = pd.read_csv(done[0] / "spearman.csv", index_col=0)
        assert sorted(frame.index) == ["grad_norm", "l2_norm", "params"]
        assert list(frame) == ["nb201-cifar10"]

    def test_pictures_are_pictures(self, done):
        assert (done[0] / "heatmap.png").read_bytes().startswith(b"\x89PNG")
        assert (done[0] / "heatmap.pdf").read_bytes().startswith(b"%PDF")

    def test_the_record_says_what_was_computed_from_what(self, done):
        record = json.loads((done[0] / "run.json").read_text())
        assert record["spec"]["samples"] == 3
        assert record["spec"]["protocol"]["batch_size"] == 4
        assert record["environment"]["packages"].keys() >= {"zc-bench", "torch"}
        assert record["table"].keys() >= {"source", "sha256", "licence", "split"}
        assert record["images"].keys() == {"cifar10"}

    def test_quiet_prints_the_table_only(self, zc_bench, tmp_path):
        status, out, err = zc_bench(*correlate(tmp_path, quiet=True, proxies="params", budget="0s"))
        assert (status, err) == (0, "")
        heading, _, _, row = filter(None, (line.strip() for line in out.splitlines()))
        assert heading.startswith("Spearman's rank correlation")
        assert row.split() == ["params", "undefined"]

    def test_two_architectures_are_too_few_and_no_obstacle(self, zc_bench, tmp_path):
        status, out, _ = zc_bench(*correlate(tmp_path, samples=2))
        assert status == 0
        assert out.count("undefined") == 3

    def test_a_budget_that_is_used_up_says_how_to_go_on(self, zc_bench, tmp_path):
        status, _, err = zc_bench(*correlate(tmp_path, budget="0s"))
        assert status == 0
        # The proxies that need a forward pass only, of one architecture.
        assert "The budget of 0 s is used up: 0 of 6 trials are complete, 0 for each of 2 pairs of task and seed" in err
        assert "Run the same command again to go on" in err
        assert set(pd.read_csv(tmp_path / "correlations.csv")["n"]) == {1}

    def test_the_same_command_goes_on(self, zc_bench, tmp_path):
        zc_bench(*correlate(tmp_path, budget="0s"))
        before = read_store(tmp_path / "scores.h5").trials
        status, _, err = zc_bench(*correlate(tmp_path, budget="none"))
        assert status == 0
        assert "used up" not in err
        after = read_store(tmp_path / "scores.h5").trials
        # Times never repeat: what was there was not computed again.
        assert {key: {name: after[key].scores[name] for name in trial.scores} for key, trial in before.items()} == {
            key: trial.scores for key, trial in before.items()
        }
        assert len(after) == 6

    def test_fresh_starts_over(self, zc_bench, tmp_path):
        zc_bench(*correlate(tmp_path))
        status, *_ = zc_bench(*correlate(tmp_path, batch_size=5, fresh=True))
        assert status == 0
        assert len(read_store(tmp_path / "scores.previous.h5").trials) == 6

    def test_scores_may_lie_elsewhere(self, zc_bench, tmp_path):
        _, _, err = zc_bench(*correlate(tmp_path / "out", store=tmp_path / "mine.h5"))
        assert len(read_store(tmp_path / "mine.h5").trials) == 6
        assert not (tmp_path / "out" / "scores.h5").exists()
        assert f"Scores: {tmp_path / 'mine.h5'}" in err

    def test_results_go_to_a_folder_of_the_space(self, zc_bench, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        words = correlate("unused", samples=1, seeds=1, proxies="params")
        zc_bench(*words[: words.index("--out")])
        assert (tmp_path / "results" / "nb201" / "scores.h5").exists()

    @pytest.mark.parametrize("invalid", ["worst", "drop"])
    def test_invalid_scores_are_counted_with_the_policy(self, zc_bench, tmp_path, monkeypatch, invalid):
        monkeypatch.setattr(observations.proxies, "_items", dict(observations.proxies._items))

        @observations.proxy("wild", source="nobody")
        def wild(size: NetworkSize) -> float:
            """Leave the numbers."""
            return float("inf")

        status, _, err = zc_bench(*correlate(tmp_path, proxies="wild,params", invalid=invalid))
        assert status == 0
        words = {"worst": "ranked worst", "drop": "left out"}[invalid]
        assert f"Invalid scores, {words} (--invalid): wild 6." in err


class TestScore:
    WORDS = ("score", "--space", "nb201", "--task", "cifar10", "--inputs", "noise", "--batch-size", "4")

    def test_prints_a_table(self, zc_bench):
        status, out, err = zc_bench(*self.WORDS, "--arch", ARCHITECTURE, "--proxies", "params,swap")
        assert status == 0
        assert ["params", "0.129306"] in [line.split() for line in out.splitlines()]
        assert f"{ARCHITECTURE} = |avg_pool_3x3~0|" in err
        assert "seed 0; images: standard normal noise" in err

    def test_json_is_json_and_nothing_else(self, zc_bench):
        status, out, err = zc_bench(*self.WORDS, "--arch", ARCHITECTURE, "--json")
        assert (status, err) == (0, "")
        document = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
        assert document["space"] == "nb201"
        assert document["task"] == "cifar10"
        assert document["architecture"] == ARCHITECTURE
        assert document["seed"] == 0
        assert document["scores"].keys() == observations.proxies.keys()
        assert document["scores"]["params"] == {"value": 0.129306, "status": "done", "reason": ""}

    def test_an_invalid_score_has_no_value(self, zc_bench):
        # Nothing is connected: the loss has no gradient.
        _, out, _ = zc_bench(*self.WORDS, "--arch", "(1, 1, 1, 1, 1, 1)", "--json")
        scores = json.loads(out)["scores"].values()
        assert {entry["value"] is None for entry in scores if entry["status"] != "done"} <= {True}
        assert all(entry["reason"] for entry in scores if entry["status"] != "done")

    def test_takes_the_native_string(self, zc_bench):
        native = "|avg_pool_3x3~0|+|skip_connect~0|none~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_1x1~2|"
        _, by_native, _ = zc_bench(*self.WORDS, "--arch", native, "--json", "--proxies", "grad_norm")
        _, by_key, _ = zc_bench(*self.WORDS, "--arch", ARCHITECTURE, "--json", "--proxies", "grad_norm")
        assert by_native == by_key

    def test_is_the_number_of_a_run_to_the_last_bit(self, zc_bench, tmp_path):
        zc_bench(*correlate(tmp_path, samples=1, proxies="params,grad_norm,swap"))
        for key, trial in read_store(tmp_path / "scores.h5").trials.items():
            words = ("--arch", key.architecture, "--seed", key.seed, "--json", "--proxies", "params,grad_norm,swap")
            _, out, _ = zc_bench(*self.WORDS, *words)
            ours = {name: entry["value"].hex() for name, entry in json.loads(out)["scores"].items()}
            assert ours == {column.partition("@")[0]: entry.value.hex() for column, entry in trial.scores.items()}


class TestList:
    def test_proxies_with_facts_and_source(self, zc_bench):
        status, out, _ = zc_bench("list", "proxies")
        assert status == 0
        for name, entry in observations.proxies.items():
            assert f"{name}@{entry.version}  {entry.summary}" in out
            assert entry.source in out

    @pytest.mark.parametrize(
        ("kind", "parts"),
        [
            ("spaces", ["nb201", "15,625", "cifar10, cifar100, imagenet16-120"]),
            ("tasks", ["cifar10", "3 x 32 x 32", "imagenet16-120", "3 x 16 x 16", "accuracy, percent"]),
            ("tables", ["nb201", "data.anb", "yes", "https://pypi.org/project/analog-nasbench"]),
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
        assert all(name in out for name in observations.proxies)


SCORE = ("score", "--space", "nb201", "--task", "cifar10", "--inputs", "noise")


class TestErrors:
    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (("correlate", "--space", "nb202"), "Unknown search space 'nb202': did you mean 'nb201'?"),
            (correlate("x", proxies="swapp"), "Unknown proxy 'swapp': did you mean 'swap'?"),
            (correlate("x", task="cifar"), "Unknown task 'cifar': did you mean 'cifar10'?"),
            (correlate("x", task="cifar100"), "has no ground truth for task 'cifar100'"),
            (correlate("x", budget="10"), "'10' is no duration: write it like 90s, 10m or 1h30m, or none."),
            (correlate("x", device="warp-drive"), "The device 'warp-drive' cannot be used"),
            (correlate("x", device="cuda:99"), "The device 'cuda:99' cannot be used"),
            (correlate("x", inputs="absent"), "There are no images at absent: expected an .npz file, a folder"),
            (correlate("x", samples=0), "samples = 0 will not do: expected a whole number from 1 up."),
            (correlate("x", seeds=0), "seeds = 0 will not do: expected a whole number from 1 up."),
            (correlate("x", batch_size=0), "batch_size = 0 will not do: expected a whole number from 1 up."),
            (correlate("x", sigma=0), "sigma = 0.0 will not do: expected a number above 0."),
            ((*SCORE, "--arch", "(9,)"), "'(9,)' is not a NAS-Bench-201 architecture: expected six digits"),
            ((*SCORE, "--arch", ARCHITECTURE, "--proxies", "snp"), "Unknown proxy 'snp': did you mean 'snip'?"),
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
        zc_bench(*correlate(tmp_path, samples=1, proxies="params"))
        status, _, err = zc_bench(*correlate(tmp_path, samples=1, proxies="params", batch_size=5, quiet=True))
        assert status == 2
        assert err == (
            f"Error: {tmp_path}/scores.h5 holds scores of another kind (protocol batch_size: 4 there, 5 now). "
            "Choose another folder with --out, or start over with --fresh.\n"
        )

    def test_a_store_that_is_none_is_refused(self, zc_bench, tmp_path):
        (tmp_path / "scores.h5").write_text("no store")
        status, _, err = zc_bench(*correlate(tmp_path, quiet=True))
        assert status == 2
        assert err.startswith(f"Error: {tmp_path}/scores.h5 is not a store of zc-bench, or damaged (")

    def test_a_folder_that_cannot_be_written_to_is_named(self, zc_bench, tmp_path):
        (tmp_path / "file").touch()
        status, _, err = zc_bench(*correlate(tmp_path / "file", quiet=True))
        assert status == 2
        assert err.startswith(f"Error: Could not write {tmp_path}/file/scores.h5 (")

    def test_a_report_that_cannot_be_written_comes_after_the_table(self, zc_bench, tmp_path):
        (tmp_path / "file").touch()
        words = correlate(tmp_path / "file", store=tmp_path / "scores.h5", samples=1, proxies="params", quiet=True)
        status, out, err = zc_bench(*words)
        assert status == 2
        assert "params" in out
        assert err.startswith(f"Error: Could not write {tmp_path}/file (")
        assert len(read_store(tmp_path / "scores.h5").trials) == 2

    @pytest.mark.parametrize("words", [["correlate"], ["score"], ["list", "nothing"], ["dance"], ["score", "--arch"]])
    def test_of_usage_exit_with_the_same_status(self, zc_bench, words):
        status, _, err = zc_bench(*words)
        assert status == 2
        assert "Traceback" not in err

    def test_keep_square_brackets(self, zc_bench, monkeypatch):
        # The printer takes them for markup unless told otherwise.
        def fail():
            message = "the key [bold] is odd"
            raise ZcBenchError(message)

        monkeypatch.setattr(cli, "app", fail)
        assert zc_bench("list") == (2, "", "Error: the key [bold] is odd\n")


def complete(folder):
    """Count the trials of a store that have all three scores."""
    return sum(len(trial.scores) == 3 for trial in read_store(folder / "scores.h5").trials.values())


class TestInterruption:
    def test_by_ctrl_c_keeps_what_is_finished_and_writes_the_report(self, zc_bench, tmp_path, monkeypatch):
        trials = cli.computing.run_trials

        def interrupted(*arguments):
            for progress in trials(*arguments):
                yield progress
                if progress.computed == 2:
                    raise KeyboardInterrupt

        monkeypatch.setattr(cli.computing, "run_trials", interrupted)
        status, out, err = zc_bench(*correlate(tmp_path))
        assert status == 130
        assert "Stopped: 2 of 6 trials are complete, 10 or more for 0 of 2 pairs of task and seed. Run the same" in err
        assert "Spearman" in out
        assert all((tmp_path / name).exists() for name in REPORT)
        assert complete(tmp_path) == 2

    def test_by_ctrl_c_before_the_first_trial_is_no_error(self, zc_bench, tmp_path, monkeypatch):
        def interrupted(*_):
            yield Progress(0, 6, 0, 0)
            raise KeyboardInterrupt

        monkeypatch.setattr(cli.computing, "run_trials", interrupted)
        status, out, err = zc_bench(*correlate(tmp_path))
        assert (status, out) == (130, "")
        assert "Error" not in err
        assert read_store(tmp_path / "scores.h5").trials == {}

    def test_by_a_real_ctrl_c_ends_within_seconds(self, tmp_path):
        process = start(*correlate(tmp_path, samples=1000))
        wait_for_trials(process, tmp_path, 3)
        process.send_signal(signal.SIGINT)
        sent = time.monotonic()
        out, err = process.communicate(timeout=60)
        assert time.monotonic() - sent < 20
        assert process.returncode == 130
        assert "Traceback" not in err
        assert "Spearman" in out
        finished = len(read_store(tmp_path / "scores.h5").trials)
        assert finished >= 3
        assert f"Stopped: {complete(tmp_path)} of 2000 trials are complete, " in err
        n = pd.read_csv(tmp_path / "correlations.csv").groupby("proxy")["n"].sum()
        assert n["params"] == n["l2_norm"] == finished
        assert n.get("grad_norm", 0) == complete(tmp_path)

    @pytest.mark.slow
    def test_by_kill_9_costs_nothing_that_was_finished(self, tmp_path):
        disturbed, calm = tmp_path / "disturbed", tmp_path / "calm"
        process = start(*correlate(disturbed, samples=8))
        wait_for_trials(process, disturbed, 4)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        before = read_store(disturbed / "scores.h5").trials
        assert 4 <= len(before) < 16
        for folder in (disturbed, calm):
            process = start(*correlate(folder, samples=8))
            process.communicate(timeout=120)
            assert process.returncode == 0
        after = read_store(disturbed / "scores.h5").trials
        # Times never repeat: what was there was not computed again.
        assert {key: {name: after[key].scores[name] for name in trial.scores} for key, trial in before.items()} == {
            key: trial.scores for key, trial in before.items()
        }
        assert (disturbed / "correlations.csv").read_bytes() == (calm / "correlations.csv").read_bytes()
        assert (disturbed / "spearman.csv").read_bytes() == (calm / "spearman.csv").read_bytes()
        assert (disturbed / "heatmap.png").read_bytes() == (calm / "heatmap.png").read_bytes()
