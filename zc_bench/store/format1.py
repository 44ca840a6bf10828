"""Stores of format 1, with one identity for all scores, and with stored scores of reg_swap."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from zc_bench.engine.declare import proxy_registry
from zc_bench.engine.derived import DerivedProxy
from zc_bench.engine.fingerprints import fingerprint
from zc_bench.engine.scores import Score, Status
from zc_bench.proxies.reg_swap import Regularisation
from zc_bench.spaces import space_registry
from zc_bench.store.contents import Contents, Row, TrialKey, column_name, split_column
from zc_bench.tasks import task_registry, with_image_size

Identity = Mapping[str, Mapping[str, Any]]

REG_SWAP = "reg_swap@1"
_BELL_IS_ZERO = "the bell is zero"


def translate(contents: Contents, identity: Identity) -> None:
    """Turn what a store of format 1 holds into what one of format 2 would hold.

    Columns of derived proxies are left out. Where such a store has scores of reg_swap alone, those
    of swap and params follow from them exactly.

    Args:
        contents: of its file and its journal.
        identity: what all its scores depend on: a section "protocol", and per task images, mu, sigma
            and unit.
    """
    _keep_regularisations(contents, identity)
    for key, row in contents.trials.items():
        if REG_SWAP in row.scores:
            row.scores.update(_recovered(key, row, identity))
        row.scores = {
            column: row.scores[column] for column in row.scores if not _is_derived(column)
        }
    whole: dict[str, Mapping[str, Any]] = {"protocol": {}} | {
        section: said if section == "protocol" else {"images": said.get("images")}
        for section, said in identity.items()
    }
    contents.fingerprints = {
        column: fingerprint(split_column(column)[0], whole) for column in contents.columns()
    }


def regularisations(identity: Identity) -> dict[str, Regularisation]:
    """Return mu and sigma by task."""
    return {
        task: Regularisation(said["mu"], said["sigma"], said["unit"])
        for task, said in identity.items()
        if "mu" in said
    }


def _is_derived(column: str) -> bool:
    name, _ = split_column(column)
    return name in proxy_registry and isinstance(proxy_registry[name], DerivedProxy)


def _keep_regularisations(contents: Contents, identity: Identity) -> None:
    """Record mu and sigma where scores of reg_swap were asked for, as stores of format 2 do."""
    asked = {key.task for key, row in contents.trials.items() if REG_SWAP in row.scores}
    records = [contents.provenance, *contents.other_provenance]
    for record in records:
        record.pop("regularisation", None)
    known = {
        task: {"mu": bell.mu, "sigma": bell.sigma, "unit": bell.unit}
        for task, bell in regularisations(identity).items()
        if task in asked
    }
    if known:
        contents.provenance["regularisation"] = known


def _recovered(key: TrialKey, row: Row, identity: Identity) -> dict[str, Score]:
    """Return the missing scores of swap and params that follow from one of reg_swap."""
    swap, params = (column_name(name, 1) for name in ("swap", "params"))
    score = row.scores[REG_SWAP]
    if swap in row.scores or score.reason.startswith(_BELL_IS_ZERO):
        return {}
    if score.status is not Status.DONE:
        return {swap: score}
    if identity["protocol"].get("repeats") != 1:
        return {}
    size = _size(key, row.scores.get(params), identity["protocol"])
    bell = regularisations(identity)[key.task](size)
    count = float(round(score.value / bell))
    if count * bell != score.value:
        return {}
    return {swap: replace(score, value=count), params: Score(size / 1e6, Status.DONE, "", 0.0)}


def _size(key: TrialKey, params: Score | None, protocol: Mapping[str, Any]) -> int:
    if params is not None:
        return round(params.value * 1e6)
    space = space_registry[protocol["space"]]
    task = with_image_size(task_registry[key.task], protocol.get("image_size"))
    return space.parameters(space.parse(key.architecture), task)
