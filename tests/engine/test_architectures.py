"""The scorer: a trial's scores depend on its name and the protocol alone."""

import math

import pytest
import torch

from zc_bench.engine.architectures import ArchitectureScorer, largest_size, mean_of
from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.derived import compares_a_set
from zc_bench.engine.execute import JobResult
from zc_bench.engine.scores import Score, Status
from zc_bench.images import find_images
from zc_bench.spaces import space_registry
from zc_bench.spec import Protocol
from zc_bench.store import TrialKey
from zc_bench.tasks import task_registry

ARCHITECTURE = "(4, 0, 3, 1, 4, 3)"
KEY = TrialKey("cifar10", ARCHITECTURE, 0)


def scorer(*names, **protocol):
    images = {name: find_images(task_registry[name], "noise") for name in names or ("cifar10",)}
    return ArchitectureScorer(
        "nb201",
        Protocol(**{"batch_size": 4, "inputs": "noise", **protocol}),
        images,
        torch.device("cpu"),
    )


def bits(result):
    """Write scores to the last bit."""
    return {name: score.value.hex() for name, score in result.scores.items()}


class TestObserve:
    def test_scores_with_every_proxy_but_those_that_are_invalid(self):
        result = scorer().score(KEY, tuple(proxy_registry))
        assert result.scores.keys() == proxy_registry.keys()
        undefined = {
            name for name, score in result.scores.items() if score.status is Status.UNDEFINED
        }
        assert undefined == {name for name in proxy_registry if compares_a_set(name)}
        others = {score.status for name, score in result.scores.items() if name not in undefined}
        assert others <= {Status.DONE, Status.INVALID}
        assert result.scores["params"].status is Status.DONE

    def test_is_the_same_again(self):
        names = tuple(proxy_registry)
        assert bits(scorer().score(KEY, names)) == bits(scorer().score(KEY, names))

    def test_is_the_same_alone_and_in_jointly(self):
        jointly = bits(scorer().score(KEY, tuple(proxy_registry)))
        one = scorer()
        alone = {name: bits(one.score(KEY, (name,)))[name] for name in proxy_registry}
        assert alone == jointly

    def test_is_the_same_whatever_was_observed_before(self):
        names = ("grad_norm", "jacov", "swap")
        first, used = scorer(), scorer()
        for seed in (1, 0):
            used.score(TrialKey("cifar10", "(2, 2, 2, 2, 2, 2)", seed), names)
        assert bits(used.score(KEY, names)) == bits(first.score(KEY, names))

    def test_does_not_depend_on_the_global_generator(self):
        torch.manual_seed(1)
        first = bits(scorer().score(KEY, ("grad_norm",)))
        torch.manual_seed(2)
        assert bits(scorer().score(KEY, ("grad_norm",))) == first

    @pytest.mark.parametrize(
        "other", [TrialKey("cifar10", ARCHITECTURE, 1), TrialKey("cifar100", ARCHITECTURE, 0)]
    )
    def test_differs_for_another_seed_or_task(self, other):
        both = scorer("cifar10", "cifar100")
        assert bits(both.score(KEY, ("grad_norm",))) != bits(both.score(other, ("grad_norm",)))

    def test_takes_the_native_string_of_an_architecture_for_the_same(self):
        native = "|avg_pool_3x3~0|+|skip_connect~0|none~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_1x1~2|"
        names = ("params", "flops")
        assert bits(scorer().score(KEY, names)) == bits(
            scorer().score(TrialKey("cifar10", native, 0), names)
        )

    def test_times_building(self):
        assert scorer().score(KEY, ("params",)).pass_seconds["build"] > 0

    def test_architectures_of_a_seed_see_the_same_batch(self):
        one = scorer()
        cifar10 = task_registry["cifar10"]
        assert one.batch(cifar10, 0, "batch") is one.batch(cifar10, 0, "batch")
        assert not one.batch(cifar10, 0, "batch").images.equal(
            one.batch(cifar10, 1, "batch").images
        )

    def test_networks_and_images_are_laid_out_as_is_fastest(self):
        one, cifar10 = scorer(), task_registry["cifar10"]
        tensors = [
            one.batch(cifar10, 0, "batch").images,
            next(one.network(KEY, cifar10).parameters()),
        ]
        assert all(tensor.is_contiguous(memory_format=torch.channels_last) for tensor in tensors)

    def test_networks_of_a_seed_have_their_own_weights(self):
        one, cifar10 = scorer(), task_registry["cifar10"]
        first, again, other = (
            next(one.network(TrialKey("cifar10", ARCHITECTURE, seed), cifar10).parameters())
            for seed in (0, 0, 1)
        )
        assert first.equal(again)
        assert not first.equal(other)


class TestRegularisation:
    def test_the_rule_takes_the_largest_of_a_held_out_sample(self):
        # The largest network of the space, 3x3 convolutions throughout, has 1,531,930 parameters.
        rule = scorer().regularisation("cifar10")
        assert 1.0 < rule.mu <= 1.53193
        assert rule.sigma == rule.mu**2

    @pytest.mark.parametrize("parameters", [100_000, 1_000_000, 3_000_000])
    def test_the_bell_of_the_rule_is_the_same_in_any_unit(self, parameters):
        millions, thousands = (
            scorer(size_unit=unit).regularisation("cifar10") for unit in ("M", "K")
        )
        assert thousands(parameters) == pytest.approx(millions(parameters), rel=1e-12)

    def test_no_network_of_the_space_loses_more_than_a_factor_of_e(self):
        rule = scorer().regularisation("cifar10")
        assert math.exp(-1) < rule(73_306) < rule(1_000_000) < rule(1_101_466) == 1

    def test_the_rule_stays_the_same_in_every_version(self):
        assert scorer().regularisation("cifar10").mu == 1.101466

    @pytest.mark.parametrize(
        ("asked", "expected"), [({"mu": 2.0}, (2.0, 4.0)), ({"sigma": 3.0}, (1.101466, 3.0))]
    )
    def test_gives_way_to_what_is_asked_for(self, asked, expected):
        chosen = scorer(**asked).regularisation("cifar10")
        assert (chosen.mu, chosen.sigma) == expected


class TestRegularisations:
    def test_are_worked_out_where_a_proxy_reads_them(self):
        assert scorer().regularisations(["swap", "reg_swap"])["cifar10"].mu == 1.101466

    def test_are_left_alone_otherwise(self, monkeypatch):
        # A run of swap alone does not count the sizes of a thousand architectures.
        monkeypatch.setattr(space_registry["nb201"], "parameters", None)
        largest_size.cache_clear()
        one = scorer()
        assert one.regularisations(["swap", "params"]) == {}
        assert one.score(KEY, ["swap"]).scores["swap"].status is Status.DONE
        assert one.fingerprints(["swap"]).keys() == {"swap@1"}
        with pytest.raises(TypeError):
            one.score(KEY, ["reg_swap"])


class TestDerived:
    def test_is_swap_times_the_bell(self):
        result = scorer(mu=0.2, sigma=0.5).score(KEY, ("reg_swap", "swap"))
        assert list(result.scores) == ["reg_swap", "swap"]
        size = space_registry["nb201"].parameters(
            space_registry["nb201"].parse(ARCHITECTURE), task_registry["cifar10"]
        )
        bell = math.e ** (-((size / 1e6 - 0.2) ** 2) / 0.5)
        expected = result.scores["swap"].value * bell
        assert result.scores["reg_swap"].value == pytest.approx(expected, rel=1e-12)

    def test_of_repeats_it_is_that_of_the_mean(self):
        names = ("swap", "params", "reg_swap")
        alone, thrice = (scorer(mu=0.2, repeats=n).score(KEY, names).scores for n in (1, 3))
        assert thrice["params"].value == alone["params"].value
        ratio = thrice["reg_swap"].value / thrice["swap"].value
        assert ratio == pytest.approx(alone["reg_swap"].value / alone["swap"].value, rel=1e-12)


class TestFingerprints:
    def test_have_a_section_for_the_protocol_and_one_per_task(self):
        found = scorer("cifar10", "cifar100").fingerprints(["swap"])["swap@1"]
        assert list(found) == ["protocol", "cifar10", "cifar100"]
        assert found["protocol"] == {
            "space": "nb201", "batch_size": 4, "augment": True, "weights": "space", "repeats": 1,
        }  # fmt: skip
        assert found["cifar10"].keys() == {"images"}

    def test_of_a_derived_proxy_are_those_that_it_reads(self):
        assert scorer().fingerprints(["reg_swap"]).keys() == {"swap@1", "params@1"}

    @pytest.mark.parametrize(
        ("change", "affected"),
        [
            ({"batch_size": 8}, {"swap@1", "zen@1"}),
            ({"augment": False}, {"swap@1"}),
            ({"weights": "normal"}, {"swap@1", "l2_norm@1", "synflow@1"}),
            ({"repeats": 2}, {"swap@1", "l2_norm@1", "synflow@1", "zen@1"}),
            (
                {"image_size": 16},
                {"swap@1", "l2_norm@1", "synflow@1", "zen@1", "flops@1", "params@1"},
            ),
            ({"mu": 2.0}, set()),
            ({"sigma": 2.0}, set()),
            ({"size_unit": "K"}, set()),
        ],
    )
    def test_change_with_what_is_read(self, change, affected):
        names = ("swap", "l2_norm", "synflow", "zen", "flops", "params")
        before, after = (scorer(**options).fingerprints(names) for options in ({}, change))
        assert {column for column in before if before[column] != after[column]} == affected

    @pytest.mark.usefixtures("data_folder")
    def test_change_with_the_images_where_those_are_read(self):
        bundled = ArchitectureScorer(
            "nb201",
            Protocol(4),
            {"cifar10": find_images(task_registry["cifar10"])},
            torch.device("cpu"),
        )
        names = ("swap", "zen")
        before, after = scorer().fingerprints(names), bundled.fingerprints(names)
        assert {column for column in before if before[column] != after[column]} == {"swap@1"}


class TestMeanOf:
    def repeat(self, value, seconds, peak, status=Status.DONE):
        return JobResult(
            {"swap": Score(value, status, "", 1.0)}, {"forward": seconds}, {"forward": peak}
        )

    def test_averages_scores_adds_up_times_and_keeps_the_largest_peak(self):
        mean = mean_of([self.repeat(1.0, 2.0, 30), self.repeat(4.0, 3.0, 20)])
        assert mean.scores["swap"] == Score(2.5, Status.DONE, "", 2.0)
        assert mean.pass_seconds == {"forward": 5.0}
        assert mean.pass_peak_bytes == {"forward": 30}

    def test_the_mean_of_equal_scores_is_that_score(self):
        # 7 * 0.1 / 7 is not 0.1 when it is rounded on the way.
        for value in (0.1, 1 / 3, 0.073306):
            mean = mean_of([self.repeat(value, 0.0, 0)] * 7)
            assert mean.scores["swap"].value == value

    def test_has_no_score_where_a_repeat_has_none(self):
        mean = mean_of(
            [self.repeat(1.0, 2.0, 30), self.repeat(float("nan"), 3.0, 20, Status.INVALID)]
        )
        assert mean.scores["swap"].status is Status.INVALID
