"""The contract of every pass."""

from dataclasses import is_dataclass
from functools import partial
from unittest import SkipTest

from zc_bench.engine.declare import PARTS, Pass, pass_registry
from zc_bench.engine.fingerprints import observation_parts
from zc_bench.engine.scores import InvalidScoreError, UndefinedScoreError
from zc_bench.errors import unknown_name
from zc_bench.passes.trial_inputs import TrialInputs
from zc_bench.testing.check import Check, bind, expect, run_all
from zc_bench.testing.cost import expect_cheap
from zc_bench.testing.device import on_gpu
from zc_bench.testing.observations import all_needed, first_difference, observation
from zc_bench.testing.trace import expect_no_trace, expect_no_trace_after_errors
from zc_bench.testing.trials import EDGES, changed, ordinary_trial

_ROUNDING_ON_GPU = 1e-3


def check_pass(name: str) -> None:
    """Run all checks of a pass, in the order of `pass_checks`.

    Raises:
        ZcBenchError: if no such pass is registered.
        BrokenContractError: at the first property that does not hold.
    """
    run_all(pass_checks(name))


def pass_checks(name: str) -> tuple[Check, ...]:
    """Return the checks of a pass, one for each property.

    Args:
        name: the name of its function.

    Raises:
        ZcBenchError: if no such pass is registered.
    """
    named = {entry.name: entry for entry in pass_registry.values()}
    if name not in named:
        kind = "pass"
        raise unknown_name(kind, name, named)
    promises = (
        has_docstrings,
        gives_frozen_dataclasses,
        gives_what_it_declares_or_says_why,
        gives_the_same_twice,
        gives_the_same_whatever_else_is_requested,
        reads_only_what_it_declares,
        leaves_no_trace,
        leaves_no_trace_after_an_error,
        agrees_on_a_gpu,
        costs_little,
    )
    return bind(f"pass {name}", promises, named[name])


def has_docstrings(entry: Pass) -> None:
    """Have docstrings of its function and of its observations."""
    expect(entry.function.__doc__, "Its function has no docstring.")
    for kind in entry.produces:
        # The default docstring of a dataclass is its signature.
        own = kind.__doc__ and not kind.__doc__.startswith(f"{kind.__name__}(")
        expect(own, f"{kind.__name__} has no docstring: say what it holds, and in which shapes.")


def gives_frozen_dataclasses(entry: Pass) -> None:
    """Produce frozen dataclasses."""
    for kind in entry.produces:
        frozen = is_dataclass(kind) and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
        expect(frozen, f"{kind.__name__} is no frozen dataclass.")


def gives_what_it_declares_or_says_why(entry: Pass) -> None:
    """Produce its observations for an ordinary network, and those or a reason in edge cases."""
    for occasion, build in EDGES.items():
        for kind in entry.produces:
            try:
                given = observation(kind, build(), all_needed(kind))
            except (InvalidScoreError, UndefinedScoreError) as reason:
                expect(build is not ordinary_trial, f"It produces nothing for {occasion}: {reason}")
                expect(
                    str(reason),
                    f"It produces nothing for {occasion}, without a reason: give the error a message.",
                )
                continue
            except Exception as error:  # noqa: BLE001 - the check examines the exception
                expect(False, f"For {occasion} it raises {type(error).__name__}: {error}")
            expect(
                isinstance(given, kind),
                f"For {occasion} it produces {type(given).__name__}, not {kind.__name__}.",
            )


def gives_the_same_twice(entry: Pass) -> None:
    """Produce the same bits for the same trial."""
    place = _changing_place(entry)
    expect(not place, f"{place} changes from call to call.")


def gives_the_same_whatever_else_is_requested(entry: Pass) -> None:
    """Produce the same bits whether other observations are requested or not."""
    if _changing_place(entry):
        message = "it is not even the same twice"
        raise SkipTest(message)
    trial = ordinary_trial()
    for kind in entry.produces:
        alone, among_others = (
            observation(kind, trial, requested) for requested in (all_needed(kind), pass_registry)
        )
        place = first_difference(alone, among_others)
        expect(not place, f"{place} changes where other observations are requested as well.")


def reads_only_what_it_declares(entry: Pass) -> None:
    """Give the same bits where parts of the trial change that it does not declare to read."""
    if _changing_place(entry):
        message = "it is not even the same twice"
        raise SkipTest(message)
    for kind in entry.produces:
        expected = observation(kind, ordinary_trial(dropout=0), all_needed(kind))
        for part in sorted(PARTS - observation_parts(kind)):
            other = observation(kind, changed(ordinary_trial(dropout=0), part), all_needed(kind))
            place = first_difference(expected, other)
            expect(not place, f"{place} changes with {part}, which `reads` does not list.")


def leaves_no_trace(entry: Pass) -> None:
    """Leave network, batch and torch unchanged."""
    expect_no_trace(partial(_run, entry))


def leaves_no_trace_after_an_error(entry: Pass) -> None:
    """Leave them unchanged also if the network or its loss fails."""
    expect_no_trace_after_errors(partial(_run, entry))


def agrees_on_a_gpu(entry: Pass) -> None:
    """Produce the same, up to rounding, on a CPU and on a GPU."""
    for kind in entry.produces:
        moved = observation(kind, on_gpu(ordinary_trial(dropout=0)), all_needed(kind))
        here = observation(kind, ordinary_trial(dropout=0), all_needed(kind))
        place = first_difference(here, moved, tolerance=_ROUNDING_ON_GPU)
        expect(not place, f"{place} is not the same on a GPU.")


def costs_little(entry: Pass) -> str:
    """Cost, with all passes that it needs, at most some dozens of forward passes."""
    return expect_cheap(partial(_run, entry))


def _run(entry: Pass, trial: TrialInputs) -> None:
    """Run the pass once for each of its observations."""
    for kind in entry.produces:
        observation(kind, trial, all_needed(kind))


def _changing_place(entry: Pass) -> str:
    """Return a path in its observations that changes from call to call."""
    trial = ordinary_trial()
    pairs = (
        [observation(kind, trial, all_needed(kind)) for _ in range(2)] for kind in entry.produces
    )
    return next(filter(None, (first_difference(*pair) for pair in pairs)), "")
