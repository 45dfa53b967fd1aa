"""The vectors that indexes and databases are asked about: unit vectors around overlapping topics, as embeddings lie."""

from __future__ import annotations

import numpy as np

WIDTH, DIRECTIONS, TOPICS, FOUND, QUESTIONS = 128, 16, 500, 10, 100
GROUPS = 10  # a number beside each vector, to filter by


def vectors(count: int) -> np.ndarray:
    """`count` vectors of float32 that vary in 16 directions."""
    random = np.random.default_rng(0)
    spread = random.standard_normal((DIRECTIONS, WIDTH))
    topics = 0.7 * random.standard_normal((TOPICS, DIRECTIONS))
    hidden = topics[random.integers(0, TOPICS, count)] + random.standard_normal((count, DIRECTIONS))
    return _unit(hidden @ spread)


def questions(base: np.ndarray) -> np.ndarray:
    """Vectors near some of the base, and in it none of them."""
    random = np.random.default_rng(1)
    chosen = base[random.integers(0, len(base), QUESTIONS)]
    return _unit(chosen + 0.3 / WIDTH**0.5 * random.standard_normal(chosen.shape))


def nearest(base: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Numbers of the ten nearest of each question, found by looking at all."""
    return np.argsort(-(asked @ base.T), axis=1, kind="stable")[:, :FOUND]


def recall(found: list[list[int]] | np.ndarray, right: np.ndarray) -> float:
    """The share of the ten nearest that was found, over all questions."""
    shared = [len(set(map(int, some)) & set(map(int, all_))) for some, all_ in zip(found, right, strict=True)]
    return sum(shared) / (FOUND * len(shared))


def _unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
