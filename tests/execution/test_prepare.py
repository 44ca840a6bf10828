"""Runs: everything that a spec names is found, or refused."""

from dataclasses import replace

import pytest
import torch
from tiny import tiny

from zc_bench.engine import declare as observations
from zc_bench.errors import ZcBenchError
from zc_bench.execution import find_device, prepare
from zc_bench.spaces import space_registry
from zc_bench.spec import Protocol, Spec


@pytest.mark.usefixtures("data_folder")
class TestPrepare:
    def test_resolves_tasks_and_proxies(self):
        run = prepare(Spec("nb201", protocol=Protocol(inputs="noise")))
        assert run.spec.tasks == ("cifar10", "cifar100", "imagenet16-120")
        assert run.spec.proxies == tuple(observations.proxy_registry)

    def test_takes_what_is_named_twice_for_once(self):
        spec = Spec(
            "nb201",
            ("cifar10", "cifar10"),
            ("swap", "snip", "swap"),
            protocol=Protocol(inputs="noise"),
        )
        resolved = prepare(spec).spec
        assert (resolved.tasks, resolved.proxies) == (("cifar10",), ("swap", "snip"))

    def test_says_which_ground_truth_and_images_are_used(self):
        said = []
        prepare(tiny(), say=said.append)
        assert said[0].startswith("Ground truth of nb201: ")
        assert said[1] == "Images for cifar10: standard normal noise, uniform labels"

    def test_takes_a_device_that_only_the_workers_have(self):
        assert prepare(tiny(), device=torch.device("cuda:7")).scorer.device == torch.device(
            "cuda:7"
        )

    def test_records_the_environment_of_the_workers(self):
        assert prepare(tiny()).about({"device": "theirs"})["environment"] == {"device": "theirs"}

    def test_records_who_computes_from_what(self):
        about = prepare(tiny()).about()
        assert about["spec"]["samples"] == 3
        assert about["environment"]["device"] == "cpu"
        assert about["table"]["source"] == "NAS-Bench-Suite-Zero (NASLib)"
        assert about["images"] == {"cifar10": "standard normal noise, uniform labels"}
        assert {"mu", "sigma"} <= about["regularisation"]["cifar10"].keys()

    def test_the_truth_of_a_spec_changes_no_score(self, tmp_path):
        (tmp_path / "mine.csv").write_text(
            'arch,accuracy\n"(4, 0, 3, 1, 4, 3)",1\n"(0, 0, 0, 0, 0, 0)",2\n'
        )
        spec, official = replace(tiny(), truth=str(tmp_path / "mine.csv")), prepare(tiny())
        run = prepare(spec)
        assert spec.fingerprint() == tiny().fingerprint()
        assert run.scorer.identity() == official.scorer.identity()
        assert set(run.drawn["cifar10", 0]) == {"(4, 0, 3, 1, 4, 3)", "(0, 0, 0, 0, 0, 0)"}
        assert run.about()["table"]["source"] == "your own, named for this run"
        assert prepare(replace(tiny(), truth="raspi4_latency")).drawn == official.drawn

    @pytest.mark.parametrize(
        ("spec", "sentence"),
        [
            (Spec("nb210"), "Unknown search space 'nb210': did you mean 'nb201'"),
            (Spec("nb201", ("cifar",)), "Unknown task 'cifar': did you mean 'cifar10'"),
            (Spec("nb201", proxies=("swapp",)), "Unknown proxy 'swapp': did you mean 'swap'"),
            (
                Spec("nb201", truth="raspi_latency"),
                "Unknown truth of nb201 'raspi_latency': did you mean 'raspi4_",
            ),
            (Spec("nb201", truth="absent.csv"), "There is no file absent.csv"),
            (
                Spec("nb201", ("cifar100",), truth="pgd@linf_eps-1.0"),
                "has no ground truth for task 'cifar100': it holds cifar10",
            ),
            (tiny(inputs="absent.npz"), "There are no images at absent.npz"),
        ],
    )
    def test_refuses_what_is_not_to_be_had(self, spec, sentence):
        with pytest.raises(ZcBenchError, match=sentence):
            prepare(spec)

    def test_refuses_a_task_of_another_space(self, monkeypatch):
        monkeypatch.setattr(space_registry["nb201"], "tasks", ("cifar100",))
        with pytest.raises(
            ZcBenchError,
            match="nb201 has no networks for the task 'cifar10': its tasks are cifar100",
        ):
            prepare(tiny())


class TestDevice:
    def test_auto_takes_what_is_there(self):
        assert find_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")

    def test_takes_what_is_named(self):
        assert find_device("cpu") == torch.device("cpu")

    @pytest.mark.parametrize("name", ["warp-drive", "cuda:99"])
    def test_refuses_what_is_not_there(self, name):
        with pytest.raises(
            ZcBenchError,
            match=rf"^The device '{name}' cannot be used \(.*\): take auto, cpu, or cuda",
        ):
            find_device(name)
