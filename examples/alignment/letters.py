"""A tiny decoder that reads single letters, for libraries that train: its tokenizer, its model, made of a seed."""

from __future__ import annotations

from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

PADDING, END = 256, 257


def tokenizer() -> PreTrainedTokenizerFast:
    """A token for each of the 256 bytes, one that pads, one that ends."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    entries = {letter: number for number, letter in enumerate(alphabet)} | {"<pad>": PADDING, "<end>": END}
    made = Tokenizer(models.BPE(entries, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=made, pad_token="<pad>", eos_token="<end>", padding_side="left")


def model(width: int = 96, layers: int = 2, inner: int = 256) -> LlamaForCausalLM:
    shape = LlamaConfig(
        vocab_size=258,
        hidden_size=width,
        intermediate_size=inner,
        num_hidden_layers=layers,
        num_attention_heads=4,
        max_position_embeddings=256,
        pad_token_id=PADDING,
        eos_token_id=END,
        bos_token_id=None,
    )
    return LlamaForCausalLM(shape)
