"""Images for tests."""

from pathlib import Path

import numpy as np
from PIL import Image

from zc_bench.seeding import below, numpy_generator


def coloured(n: int, side: int, seed: int = 0) -> np.ndarray:
    """Distinct images whose colours change smoothly: uint8 (n, side, side, 3)."""
    coarse = below(numpy_generator(seed, "coloured"), 256, n, 5, 5, 3).astype(np.uint8)
    resized = [
        Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC) for image in coarse
    ]
    return np.stack([np.asarray(image) for image in resized])


def save(path: Path, pixels: np.ndarray) -> Path:
    """Save an image without loss, with the folder that it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path
