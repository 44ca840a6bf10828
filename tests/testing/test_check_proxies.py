"""Proxies that break one promise each, after which they are named."""

import time
from dataclasses import replace

import pytest
import torch
from promises import CALLS, broken, prepare

from zc_bench import proxy, testing
from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.scores import InvalidScoreError
from zc_bench.passes.input_jacobian import InputJacobian
from zc_bench.passes.loss_gradients import LossGradients
from zc_bench.passes.network_size import NetworkSize
from zc_bench.passes.running import run
from zc_bench.passes.trial_inputs import TrialInputs


def _has_docstring_and_source(size: NetworkSize) -> float:
    """Have no source."""
    return size.parameters


def _has_a_score_on_an_ordinary_network(size: NetworkSize) -> float:
    """Refuse everything."""
    message = f"{size} is never good enough"
    raise InvalidScoreError(message)


def _is_finite_or_says_why(trial: TrialInputs) -> float:
    """Forget that there may be no second batch."""
    return float(trial.second.images.mean())


def _is_the_same_twice(size: NetworkSize) -> float:
    """Count calls."""
    return size.parameters + next(CALLS)


def _is_the_same_jointly_with_others(loss: LossGradients) -> float:
    """Write over gradients that others read."""
    total = sum(float(grad.abs().sum()) for grad in loss.weight_grads)
    for grad in loss.weight_grads:
        grad.zero_()
    return total


def _leaves_no_trace(trial: TrialInputs) -> float:
    """Leave a gradient."""
    weight = next(trial.network.parameters(), trial.images)
    weight.grad = torch.ones_like(weight)
    return 1.0


def _leaves_no_trace_after_an_error(trial: TrialInputs) -> float:
    """Remove a hook, unless the network fails."""
    handle = trial.network.register_forward_hook(lambda *_: None)
    run(trial, trial.images)
    handle.remove()
    return 1.0


def _does_not_depend_on_the_order_of_the_batch(result: InputJacobian) -> float:
    """Look at the first image only."""
    return float(result.jacobian[0].abs().sum())


def _uses_labels_as_it_declares(loss: LossGradients) -> float:
    """Do not say that labels are used."""
    return sum(float(grad.abs().sum()) for grad in loss.weight_grads)


def _agrees_on_a_gpu(trial: TrialInputs) -> float:
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
    _is_the_same_jointly_with_others,
    _leaves_no_trace,
    _leaves_no_trace_after_an_error,
    _does_not_depend_on_the_order_of_the_batch,
    _uses_labels_as_it_declares,
    pytest.param(_agrees_on_a_gpu, marks=pytest.mark.gpu),
    _costs_little,
]


@pytest.mark.usefixtures("registries")
@pytest.mark.parametrize("function", BROKEN_PROXIES, ids=lambda function: function.__name__)
def test_a_broken_proxy_is_caught_by_the_check_of_what_it_breaks(monkeypatch, function):
    prepare(monkeypatch, function)
    source = "" if function is _has_docstring_and_source else "nobody"
    proxy("broken", source=source, uses_labels=function is _is_the_same_jointly_with_others)(
        function
    )
    assert broken(testing.proxy_checks("broken")) == [function.__name__[1:].replace("_", " ")]


@pytest.mark.usefixtures("registries")
def test_a_proxy_without_docstring_is_caught():
    proxy_registry.register("broken", replace(proxy_registry["params"], name="broken", summary=""))
    assert broken(testing.proxy_checks("broken")) == ["has docstring and source"]


def test_every_promise_of_a_proxy_is_broken_by_some_proxy():
    named = {
        getattr(item, "values", [item])[0].__name__[1:].replace("_", " ") for item in BROKEN_PROXIES
    }
    assert named == {check.promise for check in testing.proxy_checks("swap")}
