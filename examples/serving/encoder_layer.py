"""One layer of an encoder, for runtimes that take an exported graph: the same network, weights and input for each."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, layer_norm, scaled_dot_product_attention

WIDTH, HEADS, INNER, TOKENS = 256, 4, 1024, 64


class EncoderLayer(nn.Module):
    """Attention and a network of two matrices, each with what went in added and normalised."""

    def __init__(self) -> None:
        super().__init__()
        sizes = {"query": (WIDTH, WIDTH), "key": (WIDTH, WIDTH), "value": (WIDTH, WIDTH), "mix": (WIDTH, WIDTH)}
        sizes |= {"widen": (WIDTH, INNER), "narrow": (INNER, WIDTH)}
        self.layers = nn.ModuleDict({name: nn.Linear(*size) for name, size in sizes.items()})

    def forward(self, x: Tensor) -> Tensor:
        parts = [self.layers[name](x).unflatten(-1, (HEADS, -1)).transpose(1, 2) for name in ("query", "key", "value")]
        mixed = scaled_dot_product_attention(*parts).transpose(1, 2).flatten(2)
        x = layer_norm(x + self.layers["mix"](mixed), (WIDTH,))
        return layer_norm(x + self.layers["narrow"](gelu(self.layers["widen"](x))), (WIDTH,))


def made() -> tuple[nn.Module, Tensor, Tensor]:
    """The layer, an input, and its result in float64, which rounds least."""
    torch.manual_seed(0)
    layer, x = EncoderLayer().eval(), torch.randn(1, TOKENS, WIDTH)
    with torch.inference_mode():
        exact = layer.double()(x.double())
    return layer.float(), x, exact


def flop() -> int:
    """Operations of the matrix products for one input."""
    return 2 * TOKENS * (4 * WIDTH * WIDTH + 2 * WIDTH * INNER) + 4 * TOKENS * TOKENS * WIDTH
