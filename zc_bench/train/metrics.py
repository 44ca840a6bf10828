"""The loss and the accuracies of a network."""

import torch
from torch import Tensor

_TOP = 5


class Tally:
    """Loss and accuracies, summed over batches on the device of the network.

    Args:
        device: the device. Numbers are copied from it in `means`.
    """

    def __init__(self, device: torch.device) -> None:
        self._sums = torch.zeros(4, dtype=torch.float64, device=device)

    def add(self, loss: Tensor, logits: Tensor, labels: Tensor) -> None:
        """Add a batch.

        Args:
            loss: its mean loss.
            logits: (N, K).
            labels: (N,).
        """
        n = len(labels)
        ranked = logits.detach().topk(min(_TOP, logits.shape[1])).indices == labels[:, None]
        sums = (
            loss.detach() * n,
            ranked[:, 0].sum(),
            ranked.sum(),
            torch.tensor(n, device=loss.device),
        )
        self._sums += torch.stack([number.double() for number in sums])

    def means(self) -> tuple[float, float, float]:
        """Return the mean loss, and the top-1 and top-5 accuracy in percent."""
        loss, first, among, n = self._sums.tolist()
        return loss / n, 100 * first / n, 100 * among / n
