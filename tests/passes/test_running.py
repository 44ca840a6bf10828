"""Running a network on copies, under hooks, in training mode."""

import pytest
import torch
from probes import small_case, trial_of
from torch import nn

from zc_bench.passes.running import hooked, run, training_mode


def test_batch_statistics_go_to_copies() -> None:
    trial = trial_of(small_case())
    before = {name: buffer.clone() for name, buffer in trial.network.named_buffers()}
    run(trial, trial.images)
    assert all(torch.equal(buffer, before[name]) for name, buffer in trial.network.named_buffers())


def test_hooks_last_as_long_as_the_block() -> None:
    layer = nn.Linear(2, 2)
    seen = []
    with hooked([layer], lambda module, _inputs, _output: seen.append(module)):
        layer(torch.ones(1, 2))
    layer(torch.ones(1, 2))
    assert seen == [layer]


def test_hooks_go_when_the_block_fails() -> None:
    layer = nn.Linear(2, 2)
    with pytest.raises(ValueError, match="on purpose"), hooked([layer], lambda *_: None):
        raise ValueError("on purpose")  # noqa: EM101
    assert not layer._forward_hooks


def test_every_module_gets_its_own_mode_back() -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Dropout(), nn.BatchNorm1d(2)))
    network.eval()
    network[1][0].train()
    modes = [module.training for module in network.modules()]
    with training_mode(network):
        assert all(module.training for module in network.modules())
    assert [module.training for module in network.modules()] == modes
