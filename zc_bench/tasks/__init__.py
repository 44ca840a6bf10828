"""The tasks that networks are trained for, one file per family.

Importing this package registers them.
"""

from zc_bench.tasks import image_classification, language, taskonomy
from zc_bench.tasks.base import Loss, Target, Task, task_registry, with_image_size
from zc_bench.tasks.taskonomy import soft_cross_entropy

__all__ = [
    "Loss",
    "Target",
    "Task",
    "image_classification",
    "language",
    "soft_cross_entropy",
    "task_registry",
    "taskonomy",
    "with_image_size",
]
