"""Correlation of the input Jacobian between images of one class."""

import torch
from torch import Tensor

from zc_bench.engine.declare import proxy
from zc_bench.engine.scores import InvalidScoreError, UndefinedScoreError
from zc_bench.passes.input_jacobian import InputJacobian
from zc_bench.proxies.jacov import correlation

_K = 1e-5


@proxy(
    "epe_nas",
    source="Lopes et al. 2021, arXiv:2102.08099, eq. 3-6",
    uses_labels=True,
    classification_only=True,
)
def epe_nas(result: InputJacobian) -> float:
    """Spread over classes of the log correlation between the Jacobians of images of the same class.

    With s_c the sum over pairs of images of class c, an image with itself included, of log(|correlation| + 1e-5): up to
    100 classes the score is the sum over classes of |s_c|; above, s_c is divided by the number of images, classes with
    a single image are left out, and the score is the mean over classes of the sum over classes of |s_c - s_c'|.

    Where labels are distributions over classes, an image is of its likeliest class.

    Raises:
        UndefinedScoreError: if there are no labels, or they are not classes.
        InvalidScoreError: if the Jacobian of an image is constant, or no class counts.
    """
    labels = _classes(result)
    many = result.classes > 100
    matrix = correlation(result.jacobian).abs()
    logs = torch.log(matrix + _K)
    members = [labels == label for label in torch.unique(labels)]
    if many:
        members = [mask for mask in members if int(mask.sum()) > 1]
    if not members:
        message = f"no class has two images among {len(labels)}, and above 100 classes a single image does not count"
        raise InvalidScoreError(message)
    sums = torch.stack(
        [logs[mask][:, mask].sum() / (mask.sum() if many else 1) for mask in members]
    )
    if many:
        return float((sums[:, None] - sums[None, :]).abs().sum() / len(sums))
    return float(sums.abs().sum())


def _classes(result: InputJacobian) -> Tensor:
    """Return the class of each image, int64 (N,)."""
    labels = result.labels
    if labels is not None and labels.dim() == 1 and not labels.is_floating_point():
        return labels
    if (
        labels is not None
        and labels.shape == (len(result.jacobian), result.classes)
        and _are_distributions(labels)
    ):
        return labels.argmax(1)
    message = "epe_nas compares images of one class and the labels are not classes"
    raise UndefinedScoreError(message)


def _are_distributions(labels: Tensor) -> bool:
    sums = labels.sum(1)
    return bool((labels >= 0).all()) and torch.allclose(sums, torch.ones_like(sums), atol=1e-4)
