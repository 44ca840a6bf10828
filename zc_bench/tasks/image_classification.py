"""Classification of whole images: CIFAR-10, CIFAR-100, ImageNet16-120, ImageNet.

Images are normalised as in NAS-Bench-201 and NAS-Bench-Suite-Zero.
"""

from zc_bench.tasks.base import Task, task_registry

for _task in (
    Task("cifar10", 10, 32, (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616), "CIFAR-10"),
    Task("cifar100", 100, 32, (0.5071, 0.4865, 0.4409), (0.2673, 0.2564, 0.2762), "CIFAR-100"),
    Task(
        "imagenet16-120",
        120,
        16,
        (122.68 / 255, 116.66 / 255, 104.01 / 255),
        (63.22 / 255, 61.26 / 255, 65.09 / 255),
        "ImageNet16",
    ),
    Task("imagenet", 1000, 224, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "ImageNet"),
):
    task_registry.register(_task.name, _task)
