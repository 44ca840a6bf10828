"""Layers that record how they are called, for tests of the passes."""

from typing import Any

import torch
from torch import Tensor, nn

from networks import Case, case
from zc_bench.passes.trial_inputs import TrialInputs


class ModeProbe(nn.Module):
    """Writes down under which modes it runs."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[dict[str, bool]] = []

    def forward(self, x: Tensor) -> Tensor:
        self.seen.append(
            {
                "grad": torch.is_grad_enabled(),
                "inference": torch.is_inference_mode_enabled(),
                "graph": x.requires_grad,
                "training": self.training,
            }
        )
        return x


class _CountBackward(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, calls: list[str]) -> Tensor:
        ctx.calls = calls
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        ctx.calls.append("backward")
        return grad, None


class CallProbe(nn.Module):
    """Writes down every forward and backward pass over it, and of how many images."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    def forward(self, x: Tensor) -> Tensor:
        self.calls.append(f"forward {len(x)}")
        return _CountBackward.apply(x, self.calls)

    def __deepcopy__(self, memo: dict[int, Any]) -> "CallProbe":
        """Let copies of the network write into the same list."""
        twin = CallProbe()
        twin.calls = self.calls
        return twin


def small_network(*extra: nn.Module) -> nn.Sequential:
    """Build a network with batch normalisation, dropout and an operation in place.

    Probes see its hidden layer.
    """
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(
            nn.Conv2d(3, 6, 3, padding=1),
            nn.BatchNorm2d(6),
            nn.ReLU(),
            *extra,
            nn.Dropout(0.2),
            nn.Conv2d(6, 6, 3, groups=3),
            nn.ReLU(inplace=True),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(6, 3),
        )


def small_case(*extra: nn.Module) -> Case:
    """Put eight images beside a small network."""
    return case(small_network(*extra), 8, 3, 6, 6)


def trial_of(built: Case) -> TrialInputs:
    """Make the trial of a case, as `zc_bench.score` does."""
    return TrialInputs(
        built.network.train(),
        built.images,
        built.labels,
        nn.functional.cross_entropy,
        built.seed,
        built.second,
    )
