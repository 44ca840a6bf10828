"""All proxies against their twins on networks of NAS-Bench-201."""

import pytest
import torch

from networks import Case, case, score
from reference import TWINS
from zc_bench.spaces import space_registry
from zc_bench.tasks import task_registry

KEYS = ("(4, 0, 3, 1, 4, 3)", "(2, 0, 1, 3, 4, 0)")


def nb201(key: str, dtype: torch.dtype) -> Case:
    """Build in one precision what the other builds: the weights are drawn in float32."""
    space, task = space_registry["nb201"], task_registry["imagenet16-120"]
    with torch.random.fork_rng():
        torch.manual_seed(1)
        network = space.build(space.parse(key), task).to(dtype)
    return case(network, 6, 3, 16, 16, classes=2)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(TWINS) - {"grasp"}))  # too many weights for a Hessian
@pytest.mark.parametrize("key", KEYS)
def test_a_score_equals_its_twins(key: str, name: str) -> None:
    built = nb201(key, torch.float64)
    assert score(built, [name])[name].value == pytest.approx(TWINS[name](built), rel=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["snip", "grad_norm", "fisher", "jacov", "epe_nas", "nwot", "swap", "synflow", "l2_norm"],
)
@pytest.mark.parametrize("key", KEYS)
def test_a_score_in_single_precision_is_near_its_twins_in_double(key: str, name: str) -> None:
    found = score(nb201(key, torch.float32), [name])[name]
    # The pattern of a unit changes where rounding moves a value over zero.
    assert found.value == pytest.approx(TWINS[name](nb201(key, torch.float64)), rel=2e-3)
