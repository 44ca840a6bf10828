"""FlexiBERT's ways to mix tokens and the vision transformers' blocks, written plainly, in float64."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dctn, fft2
from scipy.special import erf, softmax

Array = NDArray[np.float64]
Weights = Mapping[str, Array]


def linear(weights: Weights, name: str, values: Array) -> Array:
    product = values @ weights[f"{name}.weight"].T
    return product + weights.get(f"{name}.bias", np.zeros(1))


def normalised(weights: Weights, name: str, values: Array, epsilon: float) -> Array:
    centred = values - values.mean(-1, keepdims=True)
    unit = centred / np.sqrt(np.square(centred).mean(-1, keepdims=True) + epsilon)
    return unit * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def gelu(values: Array) -> Array:
    return values * (1 + erf(values / math.sqrt(2))) / 2


def attention(query: Array, key: Array, value: Array, heads: int) -> Array:
    """Attend head by head: (T, heads * d) each."""
    parts = (np.split(part, heads, axis=1) for part in (query, key, value))
    joined = [
        softmax(q @ k.T / math.sqrt(q.shape[1]), axis=1) @ v for q, k, v in zip(*parts, strict=True)
    ]
    return np.concatenate(joined, axis=1)


def mixing(weights: Weights, kind: str, tokens: Array, heads: int) -> Array:
    """Mix the tokens (T, H) of one text."""
    family, parameter = kind.split(":")
    if family == "LT":
        parts = np.split(linear(weights, "input", tokens), heads, axis=1)
        transform = (lambda part: fft2(part).real) if parameter == "DFT" else dctn
        return np.concatenate([transform(part) for part in parts], axis=1)
    query, key, value = (linear(weights, name, tokens) for name in ("query", "key", "value"))
    if family == "SA":
        query = linear(weights, "weight", query) if parameter == "WMA" else query
        return attention(query, key, value, heads)
    attended = attention(query, key, value, heads // 2)
    return np.concatenate([attended, span_convolution(weights, tokens, query, heads // 2)], axis=1)


def span_convolution(weights: Weights, tokens: Array, query: Array, heads: int) -> Array:
    """Convolve with kernels that depend on the place, value by value."""
    length, width = tokens.shape
    depthwise = weights["depthwise.weight"][:, 0]
    size = depthwise.shape[1]
    edge = size // 2

    def at(values: Array, place: int) -> Array:
        return values[place] if 0 <= place < length else np.zeros(values.shape[1])

    keys = np.array(
        [
            sum(depthwise[:, n] * at(tokens, place + n - edge) for n in range(size))
            for place in range(length)
        ]
    )
    keys = keys @ weights["pointwise.weight"][:, :, 0].T + weights["bias"].T
    kernels = linear(weights, "kernels", keys * query)
    span = linear(weights, "span", tokens)
    per_head = width // 2 // heads
    output = np.zeros((length, width // 2))
    for place in range(length):
        for value in range(width // 2):
            head = value // per_head
            kernel = softmax(kernels[place, head * size : (head + 1) * size])
            output[place, value] = sum(
                kernel[n] * at(span, place + n - edge)[value] for n in range(size)
            )
    return output


def block(weights: Weights, tokens: Array, heads: int) -> Array:
    """Run a block of a vision transformer on the tokens (T, D) of one image."""
    query, key, value = np.split(
        linear(weights, "qkv", normalised(weights, "norm", tokens, 1e-6)), 3, axis=1
    )
    tokens = tokens + linear(weights, "projection", attention(query, key, value, heads))
    inner = linear(weights, "forwards.1", normalised(weights, "forwards.0", tokens, 1e-6))
    return tokens + linear(weights, "forwards.3", gelu(inner))
