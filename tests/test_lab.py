"""The lab: a trial's scores depend on its name and the protocol alone."""

import math

import pytest
import torch

from zc_bench.inputs import find_images
from zc_bench.lab import Lab, mean_of
from zc_bench.observe import Observed, Score, Status, proxies
from zc_bench.spec import Protocol
from zc_bench.store import TrialKey
from zc_bench.tasks import tasks

ARCHITECTURE = "(4, 0, 3, 1, 4, 3)"
KEY = TrialKey("cifar10", ARCHITECTURE, 0)


def lab(*names, **protocol):
    images = {name: find_images(tasks[name], "noise") for name in names or ("cifar10",)}
    return Lab("nb201", Protocol(**{"batch_size": 4, "inputs": "noise", **protocol}), images, torch.device("cpu"))


def bits(observed):
    """Write scores to the last bit."""
    return {name: score.value.hex() for name, score in observed.scores.items()}


class TestObserve:
    def test_scores_with_every_proxy_but_those_that_are_invalid(self):
        observed = lab().observe(KEY, tuple(proxies))
        assert observed.scores.keys() == proxies.keys()
        assert {score.status for score in observed.scores.values()} <= {Status.DONE, Status.INVALID}
        assert observed.scores["params"].status is Status.DONE

    def test_is_the_same_again(self):
        names = tuple(proxies)
        assert bits(lab().observe(KEY, names)) == bits(lab().observe(KEY, names))

    def test_is_the_same_alone_and_in_company(self):
        company = bits(lab().observe(KEY, tuple(proxies)))
        one = lab()
        alone = {name: bits(one.observe(KEY, (name,)))[name] for name in proxies}
        assert alone == company

    def test_is_the_same_whatever_was_observed_before(self):
        names = ("grad_norm", "jacov", "swap")
        first, used = lab(), lab()
        for seed in (1, 0):
            used.observe(TrialKey("cifar10", "(2, 2, 2, 2, 2, 2)", seed), names)
        assert bits(used.observe(KEY, names)) == bits(first.observe(KEY, names))

    def test_does_not_depend_on_the_global_generator(self):
        torch.manual_seed(1)
        first = bits(lab().observe(KEY, ("grad_norm",)))
        torch.manual_seed(2)
        assert bits(lab().observe(KEY, ("grad_norm",))) == first

    @pytest.mark.parametrize("other", [TrialKey("cifar10", ARCHITECTURE, 1), TrialKey("cifar100", ARCHITECTURE, 0)])
    def test_differs_for_another_seed_or_task(self, other):
        both = lab("cifar10", "cifar100")
        assert bits(both.observe(KEY, ("grad_norm",))) != bits(both.observe(other, ("grad_norm",)))

    def test_takes_the_native_string_of_an_architecture_for_the_same(self):
        native = "|avg_pool_3x3~0|+|skip_connect~0|none~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_1x1~2|"
        names = ("params", "flops")
        assert bits(lab().observe(KEY, names)) == bits(lab().observe(TrialKey("cifar10", native, 0), names))

    def test_times_building(self):
        assert lab().observe(KEY, ("params",)).pass_seconds["build"] > 0

    def test_architectures_of_a_seed_see_the_same_batch(self):
        one = lab()
        cifar10 = tasks["cifar10"]
        assert one.batch(cifar10, 0, "batch") is one.batch(cifar10, 0, "batch")
        assert not one.batch(cifar10, 0, "batch").images.equal(one.batch(cifar10, 1, "batch").images)

    def test_networks_and_images_are_laid_out_as_is_fastest(self):
        one, cifar10 = lab(), tasks["cifar10"]
        tensors = [one.batch(cifar10, 0, "batch").images, next(one.network(KEY, cifar10).parameters())]
        assert all(tensor.is_contiguous(memory_format=torch.channels_last) for tensor in tensors)

    def test_networks_of_a_seed_have_their_own_weights(self):
        one, cifar10 = lab(), tasks["cifar10"]
        first, again, other = (
            next(one.network(TrialKey("cifar10", ARCHITECTURE, seed), cifar10).parameters()) for seed in (0, 0, 1)
        )
        assert first.equal(again)
        assert not first.equal(other)


class TestRegularisation:
    def test_the_rule_takes_the_largest_of_a_held_out_sample(self):
        # The largest network of the space, 3x3 convolutions throughout, has 1,531,930 parameters.
        rule = lab().regularisation("cifar10")
        assert 1.0 < rule.mu <= 1.53193
        assert rule.sigma == rule.mu**2

    @pytest.mark.parametrize("parameters", [100_000, 1_000_000, 3_000_000])
    def test_the_bell_of_the_rule_is_the_same_in_any_unit(self, parameters):
        millions, thousands = (lab(size_unit=unit).regularisation("cifar10") for unit in ("M", "K"))
        assert thousands(parameters) == pytest.approx(millions(parameters), rel=1e-12)

    def test_no_network_of_the_space_loses_more_than_a_factor_of_e(self):
        rule = lab().regularisation("cifar10")
        assert math.exp(-1) < rule(73_306) < rule(1_000_000) < rule(1_101_466) == 1

    def test_the_rule_stays_the_same_in_every_version(self):
        assert lab().regularisation("cifar10").mu == 1.101466

    @pytest.mark.parametrize(("asked", "expected"), [({"mu": 2.0}, (2.0, 4.0)), ({"sigma": 3.0}, (1.101466, 3.0))])
    def test_gives_way_to_what_is_asked_for(self, asked, expected):
        chosen = lab(**asked).regularisation("cifar10")
        assert (chosen.mu, chosen.sigma) == expected


class TestIdentity:
    def test_has_a_section_for_the_protocol_and_one_per_task(self):
        identity = lab("cifar10", "cifar100").identity()
        assert list(identity) == ["protocol", "cifar10", "cifar100"]
        assert identity["protocol"].items() >= {"space": "nb201", "batch_size": 4}.items()
        assert identity["cifar10"].keys() >= {"images", "mu", "sigma"}

    @pytest.mark.parametrize("change", [{"batch_size": 8}, {"mu": 2.0}, {"sigma": 2.0}])
    def test_changes_with_the_protocol(self, change):
        assert lab(**change).identity() != lab().identity()

    @pytest.mark.usefixtures("data_folder")
    def test_changes_with_the_images(self):
        carried = Lab("nb201", Protocol(4), {"cifar10": find_images(tasks["cifar10"])}, torch.device("cpu"))
        assert carried.identity() != lab().identity()


class TestMeanOf:
    def repeat(self, value, seconds, peak, status=Status.DONE):
        return Observed({"swap": Score(value, status, "", 1.0)}, {"forward": seconds}, {"forward": peak})

    def test_averages_scores_adds_up_times_and_keeps_the_largest_peak(self):
        mean = mean_of([self.repeat(1.0, 2.0, 30), self.repeat(4.0, 3.0, 20)])
        assert mean.scores["swap"] == Score(2.5, Status.DONE, "", 2.0)
        assert mean.pass_seconds == {"forward": 5.0}
        assert mean.pass_peak_bytes == {"forward": 30}

    def test_has_no_score_where_a_repeat_has_none(self):
        mean = mean_of([self.repeat(1.0, 2.0, 30), self.repeat(float("nan"), 3.0, 20, Status.INVALID)])
        assert mean.scores["swap"].status is Status.INVALID
