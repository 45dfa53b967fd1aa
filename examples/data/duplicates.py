# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "data"
# title = "Near-duplicates: finding them, and what they do to a model"
# devices = ["cpu"]
# claims = ["deduplication-helps"]
# data = ["LICENSE", "LICENSES/CC-BY-4.0.txt", "LICENSES/CC0-1.0.txt"]
# budget_seconds = 30
# ///
"""Paragraphs of three licences, some of them copied with a word changed here and there, and a model learnt from them.

Two ways to find the copies. `exact` compares whole paragraphs. `minhash` turns each into 64 numbers, each the
smallest hash of its three-word pieces; two paragraphs agree in as many of the numbers as their pieces overlap, and
only those that agree in one of 16 groups of four are compared. A copy is found when six tenths of the pieces seem
shared.

A model that predicts each byte from up to three before it is learnt from the text with copies, and from what is
left without them. Its loss on paragraphs that it has not seen, in bits a byte, says which text was better, though
it was less text. Its loss on the paragraphs that were copied, against the one on those that were not, says how much
it recites.

Caveats. The text is small and of one kind, the model counts and does not generalise as a network does, and the
copies are planted, so that it is known what should be found. Losses and counts are the same on any machine; only
the time to make the numbers differs.
"""

# %%
import re
import zlib
from collections import Counter, defaultdict
from math import log2
from pathlib import Path
from random import Random

import numpy as np

from stackdoc import Check, Work, example

ex = example()
ROOT = Path(__file__).parents[2]
SIGNATURE, BAND, PIECE, ALIKE, COPIED = 64, 4, 3, 0.6, 8


def paragraphs() -> list[str]:
    texts = [(ROOT / name).read_text("utf-8") for name in ("LICENSE", "LICENSES/CC-BY-4.0.txt", "LICENSES/CC0-1.0.txt")]
    found = [" ".join(part.split()) for text in texts for part in re.split(r"\n\s*\n", text)]
    return [part for part in found if len(part.split()) >= 25]


def changed(text: str, random: Random) -> str:
    """One word in thirty replaced by another of the same text."""
    words = text.split()
    for _ in range(max(1, len(words) // 30)):
        words[random.randrange(len(words))] = random.choice(words)
    return " ".join(words)


# %% [markdown]
# Signatures, and the pairs that they call alike.

# %%
random = np.random.default_rng(0)
PRIME = (1 << 31) - 1
factors, shifts = (random.integers(1, PRIME, SIGNATURE, dtype=np.uint64)[:, None] for _ in range(2))


def signature(text: str) -> np.ndarray:
    words = text.split()
    pieces = {" ".join(words[at : at + PIECE]) for at in range(len(words) - PIECE + 1)}
    hashes = np.array([zlib.crc32(piece.encode()) for piece in pieces], dtype=np.uint64) % PRIME
    return ((factors * hashes + shifts) % PRIME).min(axis=1)


def signatures(texts: list[str]) -> np.ndarray:
    return np.stack([signature(text) for text in texts])


def alike(signed: np.ndarray) -> tuple[list[int], int]:
    """Texts that are like an earlier one, and how many pairs were compared."""
    groups: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    compared: set[tuple[int, int]] = set()
    repeated: list[int] = []
    for index, row in enumerate(signed):
        keys = [(start, row[start : start + BAND].tobytes()) for start in range(0, SIGNATURE, BAND)]
        candidates = {earlier for key in keys for earlier in groups[key]}
        compared |= {(earlier, index) for earlier in candidates}
        if any((signed[earlier] == row).mean() >= ALIKE for earlier in candidates):
            repeated.append(index)
        else:
            for key in keys:
                groups[key].append(index)
    return repeated, len(compared)


# %% [markdown]
# The model: counts of each byte after contexts of three, two, one and no bytes, mixed by how often a context was seen.


# %%
class Model:
    def __init__(self, texts: list[str]) -> None:
        self.counts: dict[bytes, Counter[int]] = defaultdict(Counter)
        for text in texts:
            data = text.encode()
            for at, byte in enumerate(data):
                for order in range(min(3, at) + 1):
                    self.counts[data[at - order : at]][byte] += 1
        self.totals = {context: (sum(seen.values()), len(seen)) for context, seen in self.counts.items()}

    def loss(self, texts: list[str]) -> float:
        """Bits a byte."""
        bits = length = 0.0
        for text in texts:
            data = text.encode()
            for at, byte in enumerate(data):
                bits -= log2(self._probability(data[max(0, at - 3) : at], byte))
            length += len(data)
        return bits / length

    def _probability(self, context: bytes, byte: int) -> float:
        probability = 1 / 256
        for order in range(len(context) + 1):
            suffix = context[len(context) - order :]
            if suffix not in self.totals:
                break
            total, kinds = self.totals[suffix]
            probability = (self.counts[suffix][byte] + kinds * probability) / (total + kinds)
        return probability


# %% [markdown]
# A quarter of the paragraphs is held out. Of the others the first eight, in random order, are copied.

# %%
texts = paragraphs()
Random(0).shuffle(texts)
held_out, distinct = texts[: len(texts) // 4], texts[len(texts) // 4 :]
copied, single = distinct[:COPIED], distinct[COPIED : 3 * COPIED]
for copies in ex.sweep("copies", [4, 16, 64], quick=[4, 16]):
    random_copies = Random(copies)
    planted = [changed(text, random_copies) for text in copied for _ in range(copies)]
    corpus = distinct + planted
    signed = signatures(corpus)
    repeated, compared = alike(signed)
    found = [index for index in repeated if index >= len(distinct)]
    kept = [text for index, text in enumerate(corpus) if index not in set(repeated)]
    seen_before = len(corpus) - len(set(corpus))
    pairs = len(corpus) * (len(corpus) - 1) / 2
    ex.report("copies-share", len(planted) / len(corpus), unit="%", copies=copies)
    ex.report("found", seen_before / len(planted), unit="%", better="higher", method="exact", copies=copies)
    ex.report("found", len(found) / len(planted), unit="%", better="higher", method="minhash", copies=copies)
    ex.report("wrongly-removed", len(repeated) - len(found), unit="paragraphs", copies=copies)
    ex.report("pairs-compared", compared / pairs, unit="%", copies=copies)
    models = {"with": Model(corpus), "without": Model(kept)}
    losses = {name: model.loss(held_out) for name, model in models.items()}
    for name, model in models.items():
        ex.report("held-out-loss", losses[name], unit="bit/B", label=f"{name} copies", duplicates=name, copies=copies)
        recital = model.loss(single) / model.loss(copied)
        ex.report("recital", recital, unit="×", label="loss on single over copied", duplicates=name, copies=copies)
    ex.report("loss-saved", losses["with"] - losses["without"], unit="bit/B", better="higher", copies=copies)
    if copies == 4:
        size = sum(len(text.encode()) for text in corpus)
        ex.measure(
            "signatures",
            lambda corpus=corpus: signatures(corpus),
            work=Work(bytes=size),
            label="64 numbers for each paragraph",
            check=lambda out, signed=signed: Check("the same again", float((out != signed).sum()), 0.0),
        )
