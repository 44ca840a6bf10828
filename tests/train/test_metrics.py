import pytest
import torch

from zc_bench.train.metrics import Tally


def test_means_are_those_over_all_images() -> None:
    generator = torch.Generator().manual_seed(0)
    tally = Tally(torch.device("cpu"))
    logits, labels = (
        torch.randn(50, 10, generator=generator),
        torch.randint(0, 10, (50,), generator=generator),
    )
    losses = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
    for part in (slice(0, 32), slice(32, 50)):
        tally.add(losses[part].mean(), logits[part], labels[part])
    ranks = (logits > logits[torch.arange(50), labels][:, None]).sum(1)
    expected = (
        losses.mean().item(),
        100 * (ranks == 0).float().mean().item(),
        100 * (ranks < 5).float().mean().item(),
    )
    assert tally.means() == pytest.approx(expected, rel=1e-6)


def test_with_two_classes_the_right_one_is_always_among_five() -> None:
    tally = Tally(torch.device("cpu"))
    tally.add(torch.tensor(1.0), torch.tensor([[0.0, 1.0]]), torch.tensor([0]))
    assert tally.means() == (1, 0, 100)
