"""Three functions that every framework computes in its own words: their inputs, and their results in double precision.

`pointwise` is a chain of operations on each element and a normalisation of rows, over 1 MiB. `network` is two dense
layers with a GELU between them. `tiny` is the same network so small that little but starting operations is left.
"""

from __future__ import annotations

import math

import numpy as np

NAMES = ("pointwise", "network", "tiny")
SHAPES = {"pointwise": (256, 1024), "network": (32, 256), "tiny": (4, 16)}
HIDDEN = {"network": 1024, "tiny": 64}
TOLERANCE = 1e-5  # of the largest magnitude of a result, float32 against double precision
GELU = math.sqrt(2 / math.pi), 0.044715  # of the form with a hyperbolic tangent
EPSILON = 1e-5


def inputs(name: str) -> list[np.ndarray]:
    """The arrays that the function takes, in float32: x, and for a network its weights and biases."""
    drawn = np.random.default_rng(1)
    shapes: list[tuple[int, ...]] = [SHAPES[name]]
    if name in HIDDEN:
        width, hidden = SHAPES[name][1], HIDDEN[name]
        shapes += [(width, hidden), (hidden,), (hidden, width), (width,)]
    scale = [1.0, *(1 / math.sqrt(shape[0]) for shape in shapes[1:])]
    return [(s * drawn.standard_normal(shape)).astype(np.float32) for s, shape in zip(scale, shapes, strict=True)]


def result(name: str) -> np.ndarray:
    """What comes out, computed by NumPy in double precision."""
    x, *weights = (value.astype(np.float64) for value in inputs(name))
    if not weights:
        y = _gelu(x) * 0.5 + x
        y = y - y.mean(axis=1, keepdims=True)
        return y / np.sqrt((y * y).mean(axis=1, keepdims=True) + EPSILON)
    first, first_bias, second, second_bias = weights
    return _gelu(x @ first + first_bias) @ second + second_bias


def flop(name: str) -> int:
    """Operations of the products; 0 where there is none."""
    return 4 * SHAPES[name][0] * SHAPES[name][1] * HIDDEN[name] if name in HIDDEN else 0


def _gelu(x: np.ndarray) -> np.ndarray:
    return 0.5 * x * (1 + np.tanh(GELU[0] * (x + GELU[1] * x**3)))
