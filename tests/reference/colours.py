"""Changes of colours, pixel by pixel, in floating point."""

from colorsys import hsv_to_rgb, rgb_to_hsv

import numpy as np


def brightness(image: np.ndarray, factor: float) -> np.ndarray:
    """Scale all channels."""
    return np.clip(image * factor, 0, 255)


def contrast(image: np.ndarray, factor: float) -> np.ndarray:
    """Scale distances from the mean grey."""
    mean = round(float(_grey(image).mean()))
    return np.clip(mean + factor * (image - mean), 0, 255)


def saturation(image: np.ndarray, factor: float) -> np.ndarray:
    """Scale distances from the grey of each pixel."""
    grey = _grey(image)[:, :, None]
    return np.clip(grey + factor * (image - grey), 0, 255)


def hue(image: np.ndarray, turns: float) -> np.ndarray:
    """Turn the hue of each pixel."""
    turned = np.empty(image.shape)
    for place in np.ndindex(image.shape[:2]):
        h, s, v = rgb_to_hsv(*image[place] / 255)
        turned[place] = hsv_to_rgb((h + turns) % 1, s, v)
    return turned * 255


def _grey(image: np.ndarray) -> np.ndarray:
    """Return the luma of ITU-R 601, (H, W)."""
    return image @ np.array([0.299, 0.587, 0.114])
