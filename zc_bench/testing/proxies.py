"""The contract of every proxy."""

import math
from functools import partial
from unittest import SkipTest

import torch

from zc_bench.engine.declare import Proxy, proxy_registry
from zc_bench.engine.derived import compares_a_set, derive
from zc_bench.engine.execute import execute
from zc_bench.engine.plan import plan
from zc_bench.engine.scores import Score, Status
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.testing.check import Check, bind, expect, run_all
from zc_bench.testing.cost import expect_cheap
from zc_bench.testing.device import on_gpu
from zc_bench.testing.trace import expect_no_trace, expect_no_trace_after_errors
from zc_bench.testing.trials import EDGES, REGULARISATION, ordinary_trial, reordered, with_one_class

_ROUNDING = 1e-6  # relative, in float64
_ROUNDING_ON_GPU = 1e-3  # relative, in float32, because a GPU adds in another order


def check_proxy(name: str) -> None:
    """Run all checks of a proxy, in the order of `proxy_checks`.

    Raises:
        ZcBenchError: if no such proxy is registered.
        BrokenContractError: at the first property that does not hold.
    """
    run_all(proxy_checks(name))


def proxy_checks(name: str) -> tuple[Check, ...]:
    """Return the checks of a proxy, one for each property.

        @pytest.mark.parametrize("check", proxy_checks("mine"), ids=str)
        def test_mine(check):
            check()

    Args:
        name: as it was registered.

    Raises:
        ZcBenchError: if no such proxy is registered.
    """
    promises = (
        has_docstring_and_source,
        has_a_score_on_an_ordinary_network,
        is_finite_or_says_why,
        is_the_same_twice,
        is_the_same_jointly_with_others,
        leaves_no_trace,
        leaves_no_trace_after_an_error,
        does_not_depend_on_the_order_of_the_batch,
        uses_labels_as_it_declares,
        agrees_on_a_gpu,
        costs_little,
    )
    return bind(f"proxy {name}", promises, proxy_registry[name])


def has_docstring_and_source(entry: Proxy) -> None:
    """Have a docstring and a source."""
    expect(
        entry.summary.strip(),
        "The first line of its docstring is empty: say there what it computes.",
    )
    expect(entry.source.strip(), "Its source is empty: name paper and equation.")


def has_a_score_on_an_ordinary_network(entry: Proxy) -> None:
    """Have a number for a convolutional network and a complete trial."""
    score = _score(entry, ordinary_trial())
    expect(score.status is Status.DONE, f"It has status {score.status}: {score.reason}")


def is_finite_or_says_why(entry: Proxy) -> None:
    """Be a finite number, or invalid or undefined with a reason; never fail."""
    for occasion, build in EDGES.items():
        score = _score(entry, build())
        allowed = score.status in (Status.DONE, Status.INVALID, Status.UNDEFINED)
        expect(
            allowed,
            f"For {occasion} it has status {score.status} ({score.reason}): raise InvalidScoreError where its "
            "definition has no finite value, UndefinedScoreError where it does not exist.",
        )
        expect(
            score.status is Status.DONE or score.reason,
            f"For {occasion} it has status {score.status} without a reason: give the error a message.",
        )


def is_the_same_twice(entry: Proxy) -> None:
    """Have the same bits for the same trial."""
    first, second = (_score(entry, ordinary_trial()) for _ in range(2))
    expect(_bits(first) == _bits(second), f"It is {_words(first)}, then {_words(second)}.")


def is_the_same_jointly_with_others(entry: Proxy) -> None:
    """Have the same bits alone and jointly with other proxies, in any order."""
    _expect_steady(entry)
    others = [name for name in proxy_registry if name != entry.name]
    trial = ordinary_trial()
    expected = {**_scores(others, trial), entry.name: _score(entry, trial)}
    for order in ([entry.name, *others], [*others, entry.name]):
        for name, score in _scores(order, trial).items():
            which = "It is" if name == entry.name else f"The score of {name} is"
            expect(
                _bits(score) == _bits(expected[name]),
                f"{which} {_words(expected[name])} alone and {_words(score)} jointly.",
            )


def leaves_no_trace(entry: Proxy) -> None:
    """Leave network, batch and torch unchanged."""
    expect_no_trace(partial(_score, entry))


def leaves_no_trace_after_an_error(entry: Proxy) -> None:
    """Leave them unchanged also if the network or its loss fails."""
    expect_no_trace_after_errors(partial(_score, entry))


def does_not_depend_on_the_order_of_the_batch(entry: Proxy) -> None:
    """Have the same score, up to rounding, for the same images in another order."""
    _expect_steady(entry)
    trial = ordinary_trial(
        dropout=0, dtype=torch.float64
    )  # dropout differs between the first image and the last
    _expect_close(
        _score(entry, trial), _score(entry, reordered(trial)), "in another order", _ROUNDING
    )


def uses_labels_as_it_declares(entry: Proxy) -> None:
    """Change with the labels if, and only if, `uses_labels` says so."""
    if compares_a_set(entry.name):
        message = "it depends on the other trials of a set"
        raise SkipTest(message)
    _expect_steady(entry)
    trial = ordinary_trial()
    changed = _bits(_score(entry, trial)) != _bits(_score(entry, with_one_class(trial)))
    declared = f"it is declared with uses_labels={entry.uses_labels}"
    expect(
        changed == entry.uses_labels,
        f"Other labels {'change' if changed else 'do not change'} its score, {declared}.",
    )


def agrees_on_a_gpu(entry: Proxy) -> None:
    """Have the same score, up to rounding, on a CPU and on a GPU."""
    trial = ordinary_trial(dropout=0)
    moved = on_gpu(ordinary_trial(dropout=0))
    _expect_steady(entry)
    _expect_close(_score(entry, trial), _score(entry, moved), "on a GPU", _ROUNDING_ON_GPU)


def costs_little(entry: Proxy) -> str:
    """Cost, with all its passes, at most some dozens of forward passes."""
    return expect_cheap(partial(_score, entry))


def _scores(names: list[str], trial: TrialInputs) -> dict[str, Score]:
    """Score a trial; a proxy of a set gets this trial twice, because it needs two."""
    computed = execute(plan(names, (TrialInputs,)), trial).scores
    twice = {name: [score, score] for name, score in computed.items()}
    derived = derive(names, twice, REGULARISATION)
    whole = {**computed, **{name: scores[0] for name, scores in derived.items()}}
    return {name: whole[name] for name in names}


def _score(entry: Proxy, trial: TrialInputs) -> Score:
    return _scores([entry.name], trial)[entry.name]


def _bits(score: Score) -> tuple[str, Status, str]:
    """Format a number with all bits."""
    return score.value.hex(), score.status, score.reason


def _words(score: Score) -> str:
    return repr(score.value) if score.status is Status.DONE else str(score.status)


def _expect_steady(entry: Proxy) -> None:
    """Skip a comparison if the score is not the same twice."""
    trial = ordinary_trial()
    if _bits(_score(entry, trial)) != _bits(_score(entry, trial)):
        message = "it is not even the same twice"
        raise SkipTest(message)


def _expect_close(one: Score, other: Score, occasion: str, tolerance: float) -> None:
    close = math.isclose(one.value, other.value, rel_tol=tolerance, abs_tol=tolerance)
    same = close if one.status is Status.DONE else math.isnan(other.value)
    expect(
        same and one.status is other.status, f"It is {_words(one)}, and {_words(other)} {occasion}."
    )
