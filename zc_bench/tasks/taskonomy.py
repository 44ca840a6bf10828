"""The seven tasks of TransNAS-Bench-101, on images of Taskonomy (Duan et al. 2021, arXiv:2105.11871)."""

from dataclasses import replace

import torch
from torch import Tensor, nn

from zc_bench.tasks.base import Task, task_registry


def soft_cross_entropy(outputs: Tensor, labels: Tensor) -> Tensor:
    """Compare class scores with distributions, as TransNAS-Bench-101 does.

    Mean of -sum t ln(softmax(y) + 1e-5).

    Args:
        outputs: (N, K).
        labels: float (N, K), rows that sum to one; or int64 (N,), classes.
    """
    if not labels.is_floating_point():
        labels = nn.functional.one_hot(labels, outputs.shape[1]).to(outputs.dtype)
    return -(labels * torch.log(outputs.softmax(1) + 1e-5)).sum(1).mean()


_SCENE = Task(
    "class_scene",
    63,
    256,
    (0.5224, 0.5222, 0.5221),
    (0.2234, 0.2235, 0.2236),
    "Taskonomy",
    "distribution",
    loss=soft_cross_entropy,
    objective="cross-entropy with a distribution",
)
_AUTOENCODER = Task(
    "autoencoder",
    3,
    256,
    (0.5, 0.5, 0.5),
    (0.5, 0.5, 0.5),
    "Taskonomy",
    "input",
    "structural similarity (SSIM)",
    nn.functional.l1_loss,
    "mean absolute error",
)

for _task in (
    _SCENE,
    replace(_SCENE, name="class_object", outputs=100),
    # Tiles are not normalised.
    Task("jigsaw", 1000, 255, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), "Taskonomy", "permutation"),
    _AUTOENCODER,
    replace(_AUTOENCODER, name="normal", target="normals"),
    replace(
        _AUTOENCODER,
        name="segmentsemantic",
        outputs=17,
        target="class map",
        metric="accuracy of pixels, percent",
        loss=nn.functional.cross_entropy,
        objective="cross-entropy per pixel",
    ),
    replace(
        _SCENE,
        name="room_layout",
        outputs=9,
        target="values",
        metric="negative loss",
        loss=nn.functional.mse_loss,
        objective="mean squared error",
    ),
):
    task_registry.register(_task.name, _task)
