"""Trials that do not fit in memory.

Proxies are computed one by one, then over parts of the batch where that is the same.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from zc_bench._internal.out_of_memory import give_memory_back
from zc_bench.engine.declare import Pass, Proxy, Requested, pass_registry
from zc_bench.engine.execute import JobResult, execute
from zc_bench.engine.plan import Plan, plan
from zc_bench.engine.scores import Status
from zc_bench.images import Batch
from zc_bench.passes.independence import images_are_independent
from zc_bench.passes.joining import joins
from zc_bench.passes.trial_inputs import TrialInputs


def execute_within_memory(names: Iterable[str], trial: TrialInputs, *given: object) -> JobResult:
    """Compute the scores of a trial; those that run out of memory are tried again with less at a time.

    Proxies that depend on the same passes are tried without the others first: a graph of gradients
    that grasp needs, for instance, is four times the memory of a forward pass, and the scores are
    the same to the last bit. Then the batch is computed in parts, the largest that fit, if no image
    depends on another: scores differ by rounding, and their reason says so. Where images depend on
    each other, as in batch normalisation, the reason says how many would fit.

    Args:
        names: proxies.
        trial: the trial.
        *given: other observations, found by their type.

    Returns:
        Scores, with times and peaks of all that was tried.
    """
    asked = tuple(dict.fromkeys(names))
    result = _attempt(_planned(asked, trial, given), trial, given)
    groups = _alike(_planned(_starved(result), trial, given))
    for group in groups:
        if set(group) != set(asked):
            result = _updated(result, _attempt(_planned(group, trial, given), trial, given))
    for group in groups:
        if starved := [name for name in group if name in _starved(result)]:
            result = _updated(result, _with_fewer_images(starved, trial, given, result))
    return result


def _attempt(planned: Plan, trial: TrialInputs, given: Sequence[object]) -> JobResult:
    result = execute(planned, trial, *given)
    if _starved(result):
        give_memory_back()
    return result


def _planned(names: Collection[str], trial: TrialInputs, given: Sequence[object]) -> Plan:
    return plan(names, [type(item) for item in (trial, *given)])


def _starved(result: JobResult) -> list[str]:
    return [name for name, score in result.scores.items() if score.status is Status.OUT_OF_MEMORY]


def _alike(planned: Plan) -> list[list[str]]:
    """Group proxies that depend on the same passes.

    Jointly, such proxies need no more memory than the largest alone.
    """
    groups: dict[tuple[str, ...], list[str]] = {}
    for entry in planned.proxies:
        groups.setdefault(tuple(step.name for step in planned.rests_on(entry)), []).append(
            entry.name
        )
    return list(groups.values())


def _updated(before: JobResult, later: JobResult) -> JobResult:
    """Take later scores instead of those before, add up times, and take the largest peaks."""
    names = before.pass_seconds | later.pass_seconds
    seconds = {
        name: before.pass_seconds.get(name, 0.0) + later.pass_seconds.get(name, 0.0)
        for name in names
    }
    measured = before.pass_peak_bytes | later.pass_peak_bytes
    peaks = {
        name: max(before.pass_peak_bytes.get(name, 0), later.pass_peak_bytes.get(name, 0))
        for name in measured
    }
    return JobResult(before.scores | later.scores, seconds, peaks)


def _with_fewer_images(
    names: Sequence[str], trial: TrialInputs, given: Sequence[object], before: JobResult
) -> JobResult:
    """See the batch in the largest parts that fit, or find out how many images would fit."""
    planned = _planned(names, trial, given)
    joined = _joined(planned)
    apart = bool(joined) and images_are_independent(trial)
    do_not_fit = f"a batch of {len(trial.images)} does not fit in memory"
    for size in _halves(len(trial.images)):
        if apart:
            result = _in_parts(planned, joined, trial, given, size)
        else:
            result = _attempt(planned, _part(trial, 0, size), given)
        if not {score.status for score in result.scores.values()} & {
            Status.OUT_OF_MEMORY,
            Status.FAILED,
        }:
            remark = f"in parts of {size} images"
            return (
                _remarked(result, remark)
                if apart
                else _refused(names, before, f"{do_not_fit}, one of {size} does")
            )
    return _refused(names, before, do_not_fit)


def _halves(images: int) -> list[int]:
    """List the powers of two below a number, the largest first.

    Parts of those sizes fill words of patterns evenly.
    """
    return [1 << power for power in reversed(range((images - 1).bit_length()))]


def _refused(names: Iterable[str], before: JobResult, what: str) -> JobResult:
    """Put the reason for a missing score before the reason so far."""
    scores = {name: before.scores[name] for name in names}
    return JobResult(
        {name: replace(score, reason=f"{what}: {score.reason}") for name, score in scores.items()},
        {},
    )


def _remarked(result: JobResult, remark: str) -> JobResult:
    """Record how scores came about that are done."""
    scores = {
        name: replace(score, reason=score.reason or remark) for name, score in result.scores.items()
    }
    return replace(result, scores=scores)


def _joined(planned: Plan) -> dict[type, None]:
    """List the observations from which on parts can be joined, in an order."""
    queue = [kind for entry in planned.proxies for kind in entry.needs.values()]
    found: dict[type, None] = {}
    while queue:
        kind = queue.pop()
        if kind in joins:
            found[kind] = None
        elif kind in pass_registry:
            queue.extend(pass_registry[kind].needs.values())
    return found


def _in_parts(
    planned: Plan, joined: Iterable[type], trial: TrialInputs, given: Sequence[object], size: int
) -> JobResult:
    """Observe part after part, join what they give, and reduce the whole."""
    whole: dict[type, Any] = {}
    seen = 0

    def join(**part: Any) -> float:
        share = seen / min(seen + size, len(trial.images))
        for kind, later in zip(joined, part.values(), strict=True):
            whole[kind] = joins[kind](whole[kind], later, share) if seen else later
        return share

    needs = {kind.__name__: kind for kind in joined}
    joiner = Proxy(
        "parts",
        join,
        needs,
        "",
        1,
        higher_is_better=True,
        uses_labels=False,
        classification_only=False,
        summary="",
    )
    every_part = _plan_of((*planned.rests_on(joiner), joiner))
    result = JobResult({}, {})
    for seen in range(0, len(trial.images), size):
        result = _updated(result, _attempt(every_part, _part(trial, seen, size), given))
        if (score := result.scores.pop(joiner.name)).status is not Status.DONE:
            return replace(result, scores={entry.name: score for entry in planned.proxies})
    rest = _plan_of(_after(planned, whole))
    return _updated(result, _attempt(rest, trial, (*given, *whole.values())))


def _after(planned: Plan, known: Collection[type]) -> Iterator[Pass | Proxy]:
    """Yield the steps of a plan that are left when some observations are known."""
    needed = {kind for entry in planned.proxies for kind in entry.needs.values()}
    left: list[Pass | Proxy] = []
    for step in reversed(planned.steps):
        if isinstance(step, Proxy) or needed & set(step.produces) - set(known):
            needed |= set(step.needs.values())
            left.append(step)
    return reversed(left)


def _plan_of(steps: Iterable[Pass | Proxy]) -> Plan:
    listed = tuple(steps)
    return Plan(listed, Requested(kind for step in listed for kind in step.needs.values()), {})


def _part(trial: TrialInputs, start: int, size: int) -> TrialInputs:
    """Cut some images out of a trial's batch, and out of its second one."""
    place = slice(start, start + size)
    first = Batch(trial.images, trial.labels).map(lambda tensor: tensor[place])
    second = trial.second and trial.second.map(lambda tensor: tensor[place])
    return replace(trial, images=first.images, labels=first.labels, second=second)
