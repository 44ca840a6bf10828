"""Classification of whole images: CIFAR, ImageNet16-120, ImageNet, Flowers-102, Chaoyang.

Images are normalised as in NAS-Bench-201 and NAS-Bench-Suite-Zero. Vision transformers take those of
224 x 224 pixels: CIFAR-100 enlarged, 102 kinds of flowers, and Chaoyang, four kinds of tissue of the
colon (Zhu et al. 2021), normalised as ImageNet.
"""

from dataclasses import replace

from zc_bench.tasks.base import Task, task_registry

_IMAGENET = Task("imagenet", 1000, 224, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "ImageNet")
_CIFAR100 = Task(
    "cifar100", 100, 32, (0.5071, 0.4865, 0.4409), (0.2673, 0.2564, 0.2762), "CIFAR-100"
)

for _task in (
    Task("cifar10", 10, 32, (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616), "CIFAR-10"),
    _CIFAR100,
    Task(
        "imagenet16-120",
        120,
        16,
        (122.68 / 255, 116.66 / 255, 104.01 / 255),
        (63.22 / 255, 61.26 / 255, 65.09 / 255),
        "ImageNet16",
    ),
    _IMAGENET,
    replace(_CIFAR100, name="cifar100-224", image_size=224),
    replace(_IMAGENET, name="flowers", outputs=102, dataset="Flowers-102"),
    replace(_IMAGENET, name="chaoyang", outputs=4, dataset="Chaoyang"),
):
    task_registry.register(_task.name, _task)
