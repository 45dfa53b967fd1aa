"""A law for tests of laws: the size of a cache."""

from __future__ import annotations

KV = """
- id: kv
  layer: kernels
  name: Size of a cache
  expression: 2 * layers * bytes_per_number * tokens
  unit: B
  symbols:
    layers: {unit: "1", means: layers}
    bytes_per_number: {unit: B, means: size of a number}
    tokens: {unit: token, means: tokens}
  source: counting
  vectors:
    - given: {layers: 3, bytes_per_number: 2 B, tokens: 10}
      result: 120 B
      source: counting
"""
