"""The tasks that networks are trained for: images, head, loss, metric."""

from zc_bench.tasks.base import (
    Loss,
    Target,
    Task,
    soft_cross_entropy,
    task_registry,
    with_image_size,
)

__all__ = ["Loss", "Target", "Task", "soft_cross_entropy", "task_registry", "with_image_size"]
