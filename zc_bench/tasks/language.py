"""Understanding of language: the mean of GLUE (Wang et al. 2019, arXiv:1804.07461).

Encoders have no head before they are tuned, so there is no loss.
"""

from zc_bench.tasks.base import Task, task_registry

task_registry.register(
    "glue",
    Task(
        "glue",
        outputs=0,
        image_size=128,
        mean=(0.0, 0.0, 0.0),
        std=(1.0, 1.0, 1.0),
        dataset="Text",
        target="none",
        metric="mean of eight scores, percent",
        objective="none",
        vocabulary=30_522,
    ),
)
