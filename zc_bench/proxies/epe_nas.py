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

    Formula, with C the matrix of Pearson's correlations between the Jacobians of the N images (see
    `jacov`), i and j images of class c (i = j included), and k = 10^-5:

        s_c = sum_{i,j} ln(|C_ij| + k)
        score = sum_c |s_c|                             up to 100 classes
        score = mean_c sum_{c'} |s_c - s_c'|            above 100 classes

    Above 100 classes, s_c is divided by the number of its images, and a class with a single image
    does not count.

    Args:
        result: `jacobian` holds one row per image, (N, C * H * W); `labels` holds classes, int64
            (N,), or distributions over classes, float (N, K), of which the likeliest class counts.

    Returns:
        A number without unit, from 0 up; higher is better.

    Raises:
        UndefinedScoreError: if there are no labels, or they are not classes.
        InvalidScoreError: if the Jacobian of an image is constant or not finite, or no class
            counts.

    Examples:
        The images of class 0 have the same Jacobian: s_0 = 4 ln(1 + k). Those of class 1 are
        uncorrelated: s_1 = 2 ln(1 + k) + 2 ln(k), about -23.026.

        >>> import torch
        >>> from zc_bench.passes.input_jacobian import InputJacobian
        >>> one, other = [1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 1.0, -1.0]
        >>> rows = torch.tensor([one, one, one, other])
        >>> round(epe_nas(InputJacobian(rows, torch.tensor([0, 0, 1, 1]), classes=10)), 3)
        23.026

    References:
        Lopes et al. 2021, EPE-NAS, arXiv:2102.08099, eq. 3-6.

    Deviations:
        None known on tasks of classes. NAS-Bench-Suite-Zero takes the argmax of every
        two-dimensional target as a class, zc-bench of distributions alone.
    """
    labels = _classes(result)
    many = result.classes > 100
    matrix = correlation(result.jacobian).abs()
    logs = torch.log(matrix + _K)
    members = [labels == label for label in torch.unique(labels)]
    if many:
        members = [mask for mask in members if int(mask.sum()) > 1]
    if not members:
        message = (
            f"no class has two images among {len(labels)}, and above 100 classes a single image "
            "does not count"
        )
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
