"""The gradients of the loss against backward(), finite differences, and sums by hand."""

from collections.abc import Sequence

import pytest
import torch
from probes import small_case, trial_of
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from networks import Case, Recipe, case
from zc_bench.engine.declare import Requested
from zc_bench.engine.scores import InvalidScoreError, UndefinedScoreError
from zc_bench.passes.forward import Forward, forward
from zc_bench.passes.gradient_graph import GradientGraph
from zc_bench.passes.loss_gradients import ChannelGradients, LossGradients, loss_gradients
from zc_bench.passes.weights import weights


def result(built: Case, *kinds: type) -> Sequence:
    trial = trial_of(built)
    requested = Requested([Forward, *kinds])
    given, *_ = forward(trial, requested)
    assert given is not None
    return loss_gradients(trial, given, weights(trial), requested)


def test_gradients_are_those_of_backward() -> None:
    built = Recipe(seed=5).build()
    given = result(built, LossGradients)[0]
    cross_entropy(built.network.train()(built.images), built.labels).backward()
    layers = [
        module for module in built.network.modules() if isinstance(module, nn.Conv2d | nn.Linear)
    ]
    assert all(
        torch.equal(weight, layer.weight)
        for weight, layer in zip(given.weights, layers, strict=True)
    )
    for grad, layer in zip(given.weight_grads, layers, strict=True):
        torch.testing.assert_close(grad, layer.weight.grad, rtol=1e-12, atol=1e-14)


def test_gradients_are_those_of_finite_differences() -> None:
    built = Recipe(size=2, images=3, seed=1).build()
    given = result(built, LossGradients)[0]
    for weight, grad in zip(given.weights, given.weight_grads, strict=True):
        for index in range(weight.numel()):
            value = weight.view(-1)[index].item()
            losses = []
            for step in (1e-6, -1e-6):
                weight.view(-1)[index] = value + step
                losses.append(cross_entropy(built.network(built.images), built.labels).item())
            weight.view(-1)[index] = value
            assert (losses[0] - losses[1]) / 2e-6 == pytest.approx(
                float(grad.view(-1)[index]), rel=1e-4, abs=1e-7
            )


def test_observations_are_outside_the_graph() -> None:
    weights, gates, graph = result(small_case(), LossGradients, ChannelGradients, GradientGraph)
    assert not any(
        tensor.requires_grad
        for tensor in (*weights.weights, *weights.weight_grads, *gates.gate_grads)
    )
    assert all(grad.requires_grad for grad in graph.weight_grads)


def test_what_nobody_wants_is_left_out() -> None:
    assert [type(item) for item in result(small_case(), ChannelGradients)] == [
        type(None),
        ChannelGradients,
        type(None),
    ]


def test_biases_and_batch_normalisation_do_not_count() -> None:
    given = result(small_case(), LossGradients)[0]
    assert [tuple(weight.shape) for weight in given.weights] == [(6, 3, 3, 3), (6, 2, 3, 3), (3, 6)]


def test_tied_weights_count_once_with_the_sum_of_their_gradients() -> None:
    first, second = nn.Linear(4, 4, bias=False), nn.Linear(4, 4, bias=False)
    second.weight = first.weight
    built = case(nn.Sequential(first, nn.ReLU(), second), 5, 4, classes=4)
    given = result(built, LossGradients)[0]
    cross_entropy(built.network(built.images), built.labels).backward()
    assert len(given.weights) == 1
    torch.testing.assert_close(given.weight_grads[0], first.weight.grad)


def test_a_weight_without_influence_has_gradient_zero() -> None:
    class Unused(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.unused = nn.Linear(4, 3), nn.Linear(4, 3)

        def forward(self, x: Tensor) -> Tensor:
            self.unused(x)
            return self.used(x)

    weights, gates, _ = result(case(Unused(), 5, 4), LossGradients, ChannelGradients)
    assert weights.weight_grads[0].abs().sum() > 0
    assert torch.equal(weights.weight_grads[1], torch.zeros(3, 4))
    assert len(gates.gate_grads) == 1


def test_a_gate_sums_the_output_times_its_gradient_over_positions() -> None:
    built = Recipe(seed=3).build()
    outputs: list[Tensor] = []

    def keep(_module: nn.Module, _inputs: object, output: Tensor) -> None:
        output.retain_grad()
        outputs.append(output)

    gates = result(built, ChannelGradients)[1]
    layers = [
        module for module in built.network.modules() if isinstance(module, nn.Conv2d | nn.Linear)
    ]
    for layer in layers:
        layer.register_forward_hook(keep)
    cross_entropy(built.network(built.images), built.labels).backward()
    for gate, output in zip(gates.gate_grads, outputs, strict=True):
        images, channels = output.shape[:2]
        by_hand = [
            [
                (output[image, channel] * output.grad[image, channel]).sum().item()
                for channel in range(channels)
            ]
            for image in range(images)
        ]
        torch.testing.assert_close(gate, torch.tensor(by_hand, dtype=torch.float64))
    assert gates.fan_in == (3 * 9, 4 * 9, 4)


def test_a_linear_layer_over_a_sequence_has_its_channels_last() -> None:
    network = nn.Sequential(nn.Linear(4, 5), nn.Flatten(), nn.Linear(15, 3))
    gates = result(case(network, 6, 3, 4), ChannelGradients)[1]
    assert [tuple(gate.shape) for gate in gates.gate_grads] == [(6, 5), (6, 3)]


def test_a_part_without_gradients_takes_no_gate_and_harms_nobody() -> None:
    class Frozen(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.frozen, self.head = nn.Linear(4, 4), nn.Linear(4, 3)

        def forward(self, x: Tensor) -> Tensor:
            with torch.no_grad():
                x = self.frozen(x)
            return self.head(x)

    weights, gates, _ = result(case(Frozen(), 5, 4), LossGradients, ChannelGradients)
    assert torch.equal(weights.weight_grads[0], torch.zeros(4, 4))
    assert len(gates.gate_grads) == 1


def test_no_labels_make_it_undefined() -> None:
    built = small_case()
    unlabelled = Case(built.network, built.images, None, built.second)
    with pytest.raises(UndefinedScoreError, match="needs labels"):
        result(unlabelled, LossGradients)


def test_no_layers_make_it_invalid() -> None:
    with pytest.raises(InvalidScoreError, match="no Conv2d or Linear"):
        result(case(nn.Sequential(nn.Flatten(), nn.ReLU()), 4, 3, 1, 1), LossGradients)
