"""Contract checks: ours keep what they promise, and whoever breaks one promise is caught by the check of that one."""

import itertools
import math
import re
import time
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from torch import nn

from zc_bench import load_table, proxy, shared_pass, testing
from zc_bench.errors import ZcBenchError
from zc_bench.observe import InvalidScoreError, Wanted, passes, proxies
from zc_bench.passes.input_jacobian import InputJacobian
from zc_bench.passes.loss_gradients import LossGradients
from zc_bench.passes.network_size import NetworkSize
from zc_bench.passes.running import run
from zc_bench.passes.trial import Trial
from zc_bench.seeding import torch_seeded
from zc_bench.spaces import Architecture, CellGraph, spaces
from zc_bench.tables import Table
from zc_bench.testing import Check, check_pass, check_proxy, check_space, check_table, cost, judge
from zc_bench.testing.observations import first_difference


def marked(check):
    """Mark a check that needs a GPU, or more than a second."""
    marks = [pytest.mark.gpu] * ("gpu" in check.promise)
    large = check.subject.startswith("space ") and check.subject != "space nb201"
    marks += [pytest.mark.slow] * (large and ("networks" in check.promise or "weights" in check.promise))
    return pytest.param(check, id=str(check), marks=marks)


OWN = [
    *(check for name in proxies for check in testing.proxy_checks(name)),
    *(check for name in dict.fromkeys(entry.name for entry in passes.values()) for check in testing.pass_checks(name)),
    *(check for name in spaces for check in testing.space_checks(name)),
]


@pytest.mark.parametrize("check", [marked(check) for check in OWN])
def test_ours_keep_what_they_promise(check):
    check()


@pytest.mark.usefixtures("data_folder")
def test_the_table_that_a_package_carries_keeps_what_it_promises():
    check_table(load_table("nb201", offline=True))


def broken(checks):
    """Name the promises that are not kept."""
    return [verdict.check.promise for verdict in map(judge, checks) if verdict.outcome == "failed"]


@pytest.fixture
def registries(monkeypatch):
    """Let a test register what it likes."""
    monkeypatch.setattr(proxies, "_items", dict(proxies))
    monkeypatch.setattr(spaces, "_items", dict(spaces))
    before = dict(passes)
    yield
    passes.clear()
    passes.update(before)


# Each function below breaks one promise, after which it is named.

CALLS = itertools.count()


def _has_docstring_and_source(size: NetworkSize) -> float:
    """Have no source."""
    return size.parameters


def _has_a_score_on_an_ordinary_network(size: NetworkSize) -> float:
    """Refuse everything."""
    message = f"{size} is never good enough"
    raise InvalidScoreError(message)


def _is_finite_or_says_why(trial: Trial) -> float:
    """Forget that there may be no second batch."""
    return float(trial.second.images.mean())


def _is_the_same_twice(size: NetworkSize) -> float:
    """Count calls."""
    return size.parameters + next(CALLS)


def _is_the_same_in_company(loss: LossGradients) -> float:
    """Write over gradients that others read."""
    total = sum(float(grad.abs().sum()) for grad in loss.weight_grads)
    for grad in loss.weight_grads:
        grad.zero_()
    return total


def _leaves_no_trace(trial: Trial) -> float:
    """Leave a gradient."""
    weight = next(trial.network.parameters(), trial.images)
    weight.grad = torch.ones_like(weight)
    return 1.0


def _leaves_no_trace_after_an_error(trial: Trial) -> float:
    """Remove a hook, unless the network fails."""
    handle = trial.network.register_forward_hook(lambda *_: None)
    run(trial, trial.images)
    handle.remove()
    return 1.0


def _does_not_depend_on_the_order_of_the_batch(observed: InputJacobian) -> float:
    """Look at the first image only."""
    return float(observed.jacobian[0].abs().sum())


def _uses_labels_as_it_declares(loss: LossGradients) -> float:
    """Do not say that labels are used."""
    return sum(float(grad.abs().sum()) for grad in loss.weight_grads)


def _agrees_on_a_gpu(trial: Trial) -> float:
    """Score the device."""
    return float(trial.images.is_cuda)


def _costs_little(size: NetworkSize) -> float:
    """Take a nap."""
    time.sleep(0.2)
    return size.parameters


BROKEN_PROXIES = [
    _has_docstring_and_source,
    _has_a_score_on_an_ordinary_network,
    _is_finite_or_says_why,
    _is_the_same_twice,
    _is_the_same_in_company,
    _leaves_no_trace,
    _leaves_no_trace_after_an_error,
    _does_not_depend_on_the_order_of_the_batch,
    _uses_labels_as_it_declares,
    pytest.param(_agrees_on_a_gpu, marks=pytest.mark.gpu),
    _costs_little,
]


def prepare(monkeypatch, function):
    """Skip what needs a GPU; make a short nap long enough."""
    if "costs_little" in function.__name__:
        monkeypatch.setattr(cost, "LIMIT", 1)
    if "gpu" in function.__name__ and not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")


@pytest.mark.usefixtures("registries")
@pytest.mark.parametrize("function", BROKEN_PROXIES, ids=lambda function: function.__name__)
def test_a_broken_proxy_is_caught_by_the_check_of_what_it_breaks(monkeypatch, function):
    prepare(monkeypatch, function)
    source = "" if function is _has_docstring_and_source else "nobody"
    proxy("broken", source=source, uses_labels=function is _is_the_same_in_company)(function)
    assert broken(testing.proxy_checks("broken")) == [function.__name__[1:].replace("_", " ")]


@pytest.mark.usefixtures("registries")
def test_a_proxy_without_docstring_is_caught():
    proxies.register("broken", replace(proxies["params"], name="broken", summary=""))
    assert broken(testing.proxy_checks("broken")) == ["has docstring and source"]


def test_every_promise_of_a_proxy_is_broken_by_some_proxy():
    named = {getattr(item, "values", [item])[0].__name__[1:].replace("_", " ") for item in BROKEN_PROXIES}
    assert named == {check.promise for check in testing.proxy_checks("swap")}


@dataclass(frozen=True)
class Number:
    """A number."""

    value: float


@dataclass(frozen=True)
class Bare:
    value: float


@dataclass
class Soft:
    """It can be written to."""

    value: float


class BrokenPasses:
    """Each breaks the promise that it is named after."""

    @staticmethod
    def has_docstrings(trial: Trial) -> Bare:
        """Count images."""
        return Bare(len(trial.images))

    @staticmethod
    def gives_frozen_dataclasses(trial: Trial) -> Soft:
        """Count images."""
        return Soft(len(trial.images))

    @staticmethod
    def gives_what_it_declares_or_says_why(trial: Trial) -> Number:
        """Forget that there may be no labels."""
        return Number(len(trial.labels))

    @staticmethod
    def gives_the_same_twice(trial: Trial) -> Number:
        """Count calls."""
        return Number(len(trial.images) + next(CALLS))

    @staticmethod
    def gives_the_same_whatever_else_is_wanted(trial: Trial, wanted: Wanted) -> Number:
        """Count what is wanted."""
        return Number(len(trial.images) + len(wanted))

    @staticmethod
    def leaves_no_trace(trial: Trial) -> Number:
        """Draw from torch's generator."""
        torch.rand(1)
        return Number(len(trial.images))

    @staticmethod
    def leaves_no_trace_after_an_error(trial: Trial) -> Number:
        """Put the network in evaluation mode, and back unless it fails."""
        trial.network.eval()
        run(trial, trial.images)
        trial.network.train()
        return Number(1)

    @staticmethod
    def agrees_on_a_gpu(trial: Trial) -> Number:
        """Observe the device."""
        return Number(float(trial.images.is_cuda))

    @staticmethod
    def costs_little(trial: Trial) -> Number:
        """Take a nap."""
        time.sleep(0.2)
        return Number(len(trial.images))


@pytest.mark.usefixtures("registries")
@pytest.mark.parametrize(
    "check",
    [
        pytest.param(check.promise, marks=[pytest.mark.gpu] * ("gpu" in check.promise))
        for check in testing.pass_checks("weights")
    ],
)
def test_a_broken_pass_is_caught_by_the_check_of_what_it_breaks(monkeypatch, check):
    function = getattr(BrokenPasses, check.replace(" ", "_"))
    prepare(monkeypatch, function)
    shared_pass(function)
    assert broken(testing.pass_checks(function.__name__)) == [check]


class Layer(nn.Module):
    """One operation of the toy space: none, identity, or a rectified convolution."""

    def __init__(self, digit):
        super().__init__()
        self.digit = digit
        self.conv = nn.Conv2d(3, 3, 2 * digit - 3, padding=digit - 2) if digit > 1 else None

    def forward(self, x):
        return self.conv(x).relu() if self.conv else x * self.digit


class ToySpace:
    """Three operations in a row: none, identity, 1x1 convolution or 3x3 convolution."""

    name = "toy"
    tasks = ("cifar10", "cifar100")
    size = 4**3

    def parse(self, text):
        if not re.fullmatch("[0-3]{3}|[0-3]-[0-3]-[0-3]", text):
            message = f"{text!r} is no architecture of the toy space: expected three digits 0..3 like '213'."
            raise ZcBenchError(message)
        return Architecture("toy", text.replace("-", ""))

    def native(self, architecture):
        return "-".join(architecture.key)

    def canonical(self, architecture):
        # Whatever comes before a none does not matter, an identity never does.
        none, _, rest = architecture.key.rpartition("0")
        return ("none" if none or len(rest) < 3 else "") + rest.replace("1", "")

    def graphs(self, architecture):
        return (
            CellGraph(
                "network",
                ("input", "1", "2", "output"),
                tuple(zip(range(3), range(1, 4), architecture.key, strict=False)),
            ),
        )

    def sample(self, generator):
        return Architecture("toy", "".join(map(str, generator.integers(4, size=3))))

    def neighbours(self, architecture):
        key = architecture.key
        for place, digit in itertools.product(range(3), "0123"):
            if digit != key[place]:
                yield Architecture("toy", key[:place] + digit + key[place + 1 :])

    def crossover(self, first, second, generator):
        pairs = zip(first.key, second.key, generator.integers(2, size=3), strict=True)
        return Architecture("toy", "".join((one, other)[which] for one, other, which in pairs))

    def parameters(self, architecture, task):
        return 12 * architecture.key.count("2") + 84 * architecture.key.count("3") + 4 * task.outputs

    def build(self, architecture, task):
        layers = map(Layer, map(int, architecture.key))
        return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, task.outputs))


class Halved(nn.Module):
    def forward(self, outputs):
        return outputs[:, ::2]


class BrokenSpaces:
    """Each breaks the promise that it is named after."""

    class describes_itself(ToySpace):  # noqa: N801 - named after a promise
        """A space of no size."""

        size = 0

    class draws_the_same_from_the_same_generator(ToySpace):  # noqa: N801
        """A space that draws from a generator of its own."""

        def sample(self, _generator):
            return super().sample(np.random.default_rng(next(CALLS)))

    class reads_what_it_writes(ToySpace):  # noqa: N801
        """A space that writes no operation but one."""

        def native(self, _architecture):
            return super().native(self.parse("111"))

    class refuses_what_is_no_architecture(ToySpace):  # noqa: N801
        """A space that fails on what it cannot read."""

        def parse(self, text):
            return super().parse(text if text else None)

    class has_graphs_in_topological_order(ToySpace):  # noqa: N801
        """A space of graphs that lead backwards."""

        def graphs(self, architecture):
            return tuple(
                replace(graph, edges=tuple((target, source, label) for source, target, label in graph.edges))
                for graph in super().graphs(architecture)
            )

    class has_neighbours_that_differ(ToySpace):  # noqa: N801
        """A space where everybody is his own neighbour."""

        def neighbours(self, architecture):
            yield from (architecture, *super().neighbours(architecture))

    class is_a_neighbour_of_its_neighbours(ToySpace):  # noqa: N801
        """A space of one-way streets."""

        def neighbours(self, architecture):
            return (found for found in super().neighbours(architecture) if found.key > architecture.key)

    class takes_every_choice_from_a_parent(ToySpace):  # noqa: N801
        """A space where parents do not matter."""

        def crossover(self, _first, _second, generator):
            return self.sample(generator)

    class knows_the_parameters_of_its_networks(ToySpace):  # noqa: N801
        """A space that counts one too many."""

        def parameters(self, architecture, task):
            return super().parameters(architecture, task) + 1

    class has_networks_for_its_tasks(ToySpace):  # noqa: N801
        """A space whose networks know half of the classes."""

        def build(self, architecture, task):
            return nn.Sequential(super().build(architecture, task), Halved())

    class draws_weights_from_the_global_generator(ToySpace):  # noqa: N801
        """A space whose weights are always the same."""

        def build(self, architecture, task):
            with torch_seeded(0, "always the same"):
                return super().build(architecture, task)

    class gives_equal_networks_one_canonical_form(ToySpace):  # noqa: N801
        """A space that tells apart by the first operation only."""

        def canonical(self, architecture):
            return architecture.key[0]


@pytest.mark.usefixtures("registries")
def test_a_good_space_keeps_what_it_promises():
    spaces.register("toy", ToySpace())
    assert [judge(check).outcome for check in testing.space_checks("toy")] == ["passed"] * 12


@pytest.mark.usefixtures("registries")
@pytest.mark.parametrize("promise", [check.promise for check in testing.space_checks("nb201")])
def test_a_broken_space_is_caught_by_the_check_of_what_it_breaks(promise):
    spaces.register("toy", getattr(BrokenSpaces, promise.replace(" ", "_"))())
    assert broken(testing.space_checks("toy")) == [promise]


KEYS = ("(0, 0, 0, 0, 0, 0)", "(0, 0, 0, 0, 0, 1)", "(4, 0, 3, 1, 4, 3)")
TABLE = Table(
    "nb201",
    KEYS,
    {"cifar10": np.array([1.0, np.nan, 3.0])},
    {"source": "a test", "file": "none", "licence": "none"},
)


class Forgetful(Table):
    def lookup(self, task, keys):
        return super().lookup(task, keys)[::-1]


BROKEN_TABLES = {
    "has canonical keys": replace(TABLE, keys=tuple(key.replace(" ", "") for key in KEYS)),
    "has sorted keys": replace(TABLE, keys=(KEYS[0], KEYS[0], KEYS[2]), metrics={"cifar10": np.ones(3)}),
    "has numbers for every key": replace(TABLE, metrics={"cifar10": np.array([1.0, math.inf, 3.0])}),
    "has known tasks": replace(TABLE, metrics={"mnist": np.ones(3)}),
    "says where it is from": replace(TABLE, provenance={"source": "a test", "file": "none"}),
    "finds what it holds": Forgetful(TABLE.space, TABLE.keys, TABLE.metrics, TABLE.provenance),
}


def test_a_good_table_keeps_what_it_promises():
    check_table(TABLE)


@pytest.mark.parametrize("promise", [check.promise for check in testing.table_checks(TABLE)])
def test_a_broken_table_is_caught_by_the_check_of_what_it_breaks(promise):
    assert broken(testing.table_checks(BROKEN_TABLES[promise])) == [promise]


class TestCheck:
    def test_whatever_is_raised_is_a_verdict(self):
        def fail():
            message = "oh"
            raise LookupError(message)

        verdict = judge(Check("proxy mine", "is good", fail))
        assert (verdict.outcome, verdict.remark) == ("failed", "LookupError: oh")

    def test_a_remark_is_kept(self):
        assert judge(Check("proxy mine", "is good", lambda: "very")).remark == "very"

    @pytest.mark.usefixtures("registries")
    def test_all_at_once_stop_at_the_first_that_fails(self):
        proxy("broken", source="nobody")(_is_finite_or_says_why)
        with pytest.raises(testing.BrokenContractError, match=r"^proxy broken is finite or says why: no\. For a trial"):
            check_proxy("broken")

    def test_all_at_once_pass(self):
        check_proxy("params")
        check_pass("network_size")

    @pytest.mark.parametrize("check", [check_proxy, check_pass, check_space])
    def test_an_unknown_name_is_refused(self, check):
        with pytest.raises(ZcBenchError, match="Unknown"):
            check("nonsense")

    def test_observations_are_compared_by_place(self):
        one, other = Number(1.0), Number(2.0)
        assert first_difference(one, one) == ""
        assert first_difference(one, other) == "Number.value"
        assert first_difference(one, other, tolerance=2) == ""
        nan = LossGradients((torch.tensor([math.nan]),), ())
        assert first_difference(nan, nan) == ""
        assert first_difference(nan, LossGradients((torch.tensor([0.0]),), ())) == "LossGradients.weights[0]"
