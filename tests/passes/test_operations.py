"""Hooks on modules observe every operation of the networks of the spaces.

Of others, the operations do, and both say the same.
"""

import numpy as np
import pytest
import torch
from _pytest.mark import ParameterSet
from probes import CallProbe
from torch import nn
from torch.nn import functional

from networks import Case, case, score
from zc_bench.engine.scores import Status
from zc_bench.passes import forward, gaussian_forward, relu_patterns
from zc_bench.passes.activations import activation
from zc_bench.passes.operations import Operations, hidden_part, only_modules
from zc_bench.spaces import activations_of, space_registry
from zc_bench.tasks import task_registry

TASKS = {
    name: ["class_object", "segmentsemantic", "jigsaw"] for name in ("tnb101_micro", "tnb101_macro")
}
QUICK = [("darts_cell", "cifar10"), ("nb201", "cifar10"), ("tnb101_micro", "class_object")]
# Transformers compute with functions as well.
NETWORKS = [
    (name, task)
    for name, space in space_registry.items()
    if activations_of(space) == "relu"
    for task in TASKS.get(name, ["cifar10"])
]


def slow(parameters: tuple[str, str]) -> ParameterSet:
    return pytest.param(*parameters, marks=pytest.mark.slow)


def of_space(name: str, task: str, seed: int) -> Case:
    space = space_registry[name]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = space.build(space.sample(np.random.default_rng(seed)), task_registry[task])
    return case(
        network,
        2,
        *(
            (9, 3, 32, 32)
            if task == "jigsaw"
            else (3, 16, 16)
            if task == "cifar10"
            else (3, 32, 32)
        ),
    )


@pytest.mark.parametrize(("name", "task"), NETWORKS)
def test_modules_tell_all_of_the_networks_of_the_spaces(name: str, task: str) -> None:
    assert only_modules(of_space(name, task, 0).network)


@pytest.mark.parametrize(
    ("name", "task"), [network if network in QUICK else slow(network) for network in NETWORKS]
)
def test_operations_say_of_them_what_modules_say(
    name: str, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the last bit, together with the proxies that differentiate and without them."""
    built = of_space(name, task, 1)
    names = [["swap", "nwot", "flops"], ["swap", "nwot", "flops", "jacov", "zen"]]
    expected = [score(built, some) for some in names]
    assert {entry.status for entry in expected[0].values()} <= {Status.DONE, Status.INVALID}
    for module in (forward, gaussian_forward, relu_patterns):
        monkeypatch.setattr(module, "only_modules", lambda _network: False)
    for some, before in zip(names, expected, strict=True):
        found = score(built, some)
        assert {
            key: (entry.status, entry.reason, entry.value.hex()) for key, entry in found.items()
        } == {key: (entry.status, entry.reason, entry.value.hex()) for key, entry in before.items()}


@pytest.mark.parametrize(
    "module", [nn.ReLU(), nn.Sequential(nn.Conv2d(3, 3, 1), nn.ModuleList([nn.Identity()]))]
)
def test_modules_of_torch_tell_all(module: nn.Module) -> None:
    assert only_modules(module)


class Odd(nn.ReLU):
    """A class of one's own may do anything."""


def with_hook(module: nn.Module) -> nn.Module:
    module.register_forward_hook(lambda _module, _inputs, output: functional.relu(output))
    return module


def with_forward(module: nn.Module) -> nn.Module:
    module.forward = functional.gelu
    return module


def compiled(module: nn.Module) -> nn.Module:
    module.compile(backend="eager")
    return module


@pytest.mark.parametrize(
    "module",
    [
        Odd(),
        CallProbe(),
        nn.GELU(),
        with_hook(nn.ReLU()),
        with_forward(nn.ReLU()),
        compiled(nn.ReLU()),
    ],
    ids=["class", "probe", "another", "hook", "forward", "compiled"],
)
def test_others_may_compute_between_them(module: nn.Module) -> None:
    assert not only_modules(nn.Sequential(nn.Conv2d(3, 3, 1), module))
    assert hidden_part(module) == ""


class Names(Operations):
    """Lists what comes by."""

    whole = frozenset({"linear"})

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def after(self, name: str, _args: tuple[object, ...], _output: object, /) -> None:
        self.names.append(name)


@pytest.mark.parametrize("inference", [True, False])
def test_operations_are_taken_apart_but_those_that_are_wanted_whole(*, inference: bool) -> None:
    x, weight = torch.randn(4, 5), torch.randn(5, 5)
    with torch.inference_mode(inference), Names() as seen:
        torch.matmul(functional.relu6(x), weight).relu_()
    assert seen.names == ["hardtanh", "mm", "relu"]
    with torch.inference_mode(), Names() as seen:
        functional.linear(x, weight)
    assert seen.names == ["linear"]
    assert seen.unseen == ""


X, ZERO = torch.ones(2, 3), torch.zeros(())


@pytest.mark.parametrize(
    ("name", "args", "kind"),
    [
        ("relu", (X,), "relu"),
        ("clamp", (X, 0), "relu"),
        ("clamp", (X, 0.0, None), "relu"),
        ("clamp", (X, ZERO), "relu"),
        ("clamp", (X, 0, 6), "all"),
        ("clamp", (X, None, 0), None),
        ("clamp", (X, 1e-6), None),
        ("clamp", (X, X), None),
        ("clamp_min", (X, 0), "relu"),
        ("clamp_min", (X, 1), None),
        ("clamp_max", (X, 0), None),
        ("hardtanh", (X,), None),
        ("hardtanh", (X, 0.0, 6.0), "all"),
        ("hardtanh", (X, 0.0), "all"),
        ("threshold", (X, 0, 0), "relu"),
        ("threshold", (X, 0, 1), None),
        ("threshold", (X, 1, 1), None),
        ("maximum", (X, torch.zeros(2, 3)), "relu"),
        ("maximum", (ZERO, X), "relu"),
        ("maximum", (X, X), None),
        ("gelu", (X,), "all"),
        ("_prelu_kernel", (X, X), "all"),
        ("sigmoid", (X,), None),
        ("add", (X, X), None),
    ],
)
def test_which_operations_are_activations(
    name: str, args: tuple[object, ...], kind: str | None
) -> None:
    assert activation(name, args) == kind


def test_a_recurrent_layer_in_one_piece_hides_its_relu() -> None:
    given = [X] * 6
    for mode, hidden in ((0, True), (1, False)):
        seen = relu_patterns._Activations("relu", lambda _: None)
        seen.after("_cudnn_rnn", (*given, mode), (X, X))
        assert bool(seen.unseen) == hidden
