"""Inputs: labelled images of a task, and seeded batches of them.

Images are looked for in the data folder, then in an installed package:

1. the official files, as their authors publish them: `cifar-10-batches-py/` or `cifar-10-python.tar.gz`,
   `cifar-100-python/` or `cifar-100-python.tar.gz`, `ImageNet16/`;
2. `<task>.npz`, for instance `cifar10.npz`;
3. the twenty images of a dataset that the package `foolbox` carries.

To bring your own images, write an `.npz` file with two arrays and give its path, or name it as in 2:

    numpy.savez_compressed("mine.npz", images=images, labels=labels)

`images` (or `train_images`) is uint8 (n, H, W, 3), red, green, blue, 0 to 255; `labels` (or `train_labels`) holds n
whole numbers in [0, K). Further arrays are ignored. Images of another size than the task's are resized.
"""

from zc_bench.inputs.batch import Batch, draw_batch
from zc_bench.inputs.find import find_images
from zc_bench.inputs.pool import Images

__all__ = ["Batch", "Images", "draw_batch", "find_images"]
