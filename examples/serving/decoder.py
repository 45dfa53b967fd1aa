"""The language model of `application/one_request`, for the examples of this layer."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "application"))
from smollm2 import Cache, Layer, SmolLM2, best_dtype, four_bits, packed, plain

__all__ = ["Cache", "Layer", "SmolLM2", "best_dtype", "four_bits", "packed", "plain"]
