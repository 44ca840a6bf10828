"""Tasks: shapes of labels, and losses against plain formulas."""

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, softmax

from zc_bench.images import draw_batch
from zc_bench.images.dataset import noise
from zc_bench.seeding import numpy_generator
from zc_bench.tasks import soft_cross_entropy, task_registry, with_image_size

N = 3


def one_hot(labels, classes):
    return np.eye(classes)[labels]


# By the words of `Task.objective`, from outputs and labels with the classes in the last dimension.
FORMULAS = {
    "cross-entropy": lambda y, t: -(one_hot(t, y.shape[-1]) * log_softmax(y, -1)).sum(-1).mean(),
    "cross-entropy per pixel": lambda y, t: (
        -(one_hot(t, y.shape[-1]) * log_softmax(y, -1)).sum(-1).mean()
    ),
    "cross-entropy with a distribution": lambda y, t: (
        -(t * np.log(softmax(y, -1) + 1e-5)).sum(-1).mean()
    ),
    "mean absolute error": lambda y, t: np.abs(y - t).mean(),
    "mean squared error": lambda y, t: ((y - t) ** 2).mean(),
}


def shapes(task):
    """Return the shapes of the outputs and of the labels of N images."""
    side = task.image_size
    return {
        "class": ((N, task.outputs), (N,)),
        "permutation": ((N, task.outputs), (N,)),
        "distribution": ((N, task.outputs), (N, task.outputs)),
        "values": ((N, task.outputs), (N, task.outputs)),
        "input": ((N, 3, side, side), (N, 3, side, side)),
        "normals": ((N, 3, side, side), (N, 3, side, side)),
        "class map": ((N, task.outputs, side, side), (N, side, side)),
    }[task.target]


# A task without labels has the target "none".
@pytest.mark.parametrize("name", [n for n, task in task_registry.items() if task.target != "none"])
def test_the_loss_of_drawn_labels_is_its_formula(name):
    task = with_image_size(task_registry[name], 24)
    labels = draw_batch(noise(task), task, N, seed=0).labels
    outputs_shape, labels_shape = shapes(task)
    # Only the class is known of an image of noise.
    assert labels.shape == labels_shape or (task.target == "distribution" and labels.dim() == 1)
    outputs = numpy_generator(0, "outputs", name).normal(size=outputs_shape)
    plain = labels.double().numpy() if labels.is_floating_point() else labels.numpy()
    if task.target == "distribution" and labels.dim() == 1:
        plain = one_hot(plain, task.outputs)
    last = np.moveaxis(outputs, 1, -1)
    if labels.is_floating_point() and labels.dim() == 4:
        plain = np.moveaxis(plain, 1, -1)
    found = task.loss(
        torch.from_numpy(outputs), labels.double() if labels.is_floating_point() else labels
    )
    assert float(found) == pytest.approx(FORMULAS[task.objective](last, plain), rel=1e-9)


def test_a_class_is_a_distribution_with_one_entry():
    outputs = torch.from_numpy(numpy_generator(0, "a test").normal(size=(N, 5)))
    labels = torch.tensor([0, 3, 3])
    rows = torch.nn.functional.one_hot(labels, 5).double()
    assert soft_cross_entropy(outputs, labels) == soft_cross_entropy(outputs, rows)


def test_another_image_size_changes_nothing_else():
    task = task_registry["cifar10"]
    small = with_image_size(task, 8)
    assert (small.image_size, with_image_size(small, 32)) == (8, task)
    assert with_image_size(task, None) is task
