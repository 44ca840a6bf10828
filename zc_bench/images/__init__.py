"""Inputs: labelled images of a task, and seeded batches of them.

The search for images goes through the data folder, then an installed package:

1. the official files, as their authors publish them: `cifar-10-batches-py/` or
   `cifar-10-python.tar.gz`, `cifar-100-python/` or `cifar-100-python.tar.gz`, `ImageNet16/`, and
   `taskonomy/`, laid out by building;
2. `<task>.npz`, for instance `cifar10.npz`;
3. image files, `<task>/<class>/*.jpg` or `.png`, for instance
   `imagenet/n01440764/n01440764_18.JPEG`, or without classes `<task>/*.jpg`;
4. the twenty images per dataset of the package `foolbox`: ImageNet for the tasks of Taskonomy.

Images of your own: write an `.npz` file with two arrays, and pass its path or name it as in 2:

    numpy.savez_compressed("mine.npz", images=images, labels=labels)

`images` (or `train_images`) is uint8 (n, H, W, 3), red, green, blue, 0 to 255; `labels` (or
`train_labels`) holds n whole numbers in [0, K), or labels in the form of the task, which
`zc_bench.images.labels` describes. Further arrays are ignored. Images are resized to the size of
the task.

Jigsaws and autoencoders need no labels. Missing labels of other tasks without classes, and of image
files without classes, are random. They depend on task and image alone, and the source of the images
says so.
"""

from zc_bench.images.batch import Batch, draw_batch
from zc_bench.images.dataset import Images
from zc_bench.images.find import find_images

__all__ = ["Batch", "Images", "draw_batch", "find_images"]
