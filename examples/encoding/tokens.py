# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# layer = "encoding"
# title = "Tokens for the same text in six languages"
# devices = ["cpu"]
# claims = ["tokenizers-differ"]
# data = ["LICENSE"]
# budget_seconds = 30
# ///
"""Byte-pair encoding learnt from an English text, applied to one article in six languages.

The vocabulary begins with the 256 bytes. The most frequent neighbouring pair becomes a new entry, again and again.
Text like the corpus becomes few tokens; text in another language keeps its accents, letters and signs as single
bytes, and a letter of many scripts is two or three of them. Every later cost is paid by the token.

Caveats. The corpus is one licence text, so the vocabulary is small and narrow; a tokenizer in use has learnt from many
languages, and the differences are smaller and of the same kind. The text is Article 1 of the Universal
Declaration of Human Rights; translations differ in length. The rate is that of plain Python.
"""

# %%
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

from stackdoc import Check, Work, example

ex = example()
CORPUS = (Path(__file__).parents[2] / "LICENSE").read_text("utf-8")
ARTICLE = {
    "english": "All human beings are born free and equal in dignity and rights. They are endowed with reason and "
    "conscience and should act towards one another in a spirit of brotherhood.",
    "french": "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de "
    "conscience et doivent agir les uns envers les autres dans un esprit de fraternité.",
    "german": "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen "
    "begabt und sollen einander im Geiste der Brüderlichkeit begegnen.",
    "russian": "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью "
    "и должны поступать в отношении друг друга в духе братства.",
    "hindi": "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है। उन्हें बुद्धि और "
    "अन्तरात्मा की देन प्राप्त है और परस्पर उन्हें भाईचारे के भाव से बर्ताव करना चाहिए।",
    "chinese": "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。",
}


# %% [markdown]
# Learning: count pairs of neighbours within words, merge the most frequent one, count again.

# %%
Pair = tuple[bytes, bytes]


def words(text: str) -> list[tuple[bytes, ...]]:
    return [tuple(bytes([byte]) for byte in word.encode()) for word in re.findall(r"\s*\S+", text)]


def merged(word: tuple[bytes, ...], pair: Pair) -> tuple[bytes, ...]:
    parts: list[bytes] = []
    for part in word:
        if parts and (parts[-1], part) == pair:
            parts[-1] += part
        else:
            parts.append(part)
    return tuple(parts)


def learn(text: str, size: int) -> list[Pair]:
    counts = Counter(words(text))
    merges: list[Pair] = []
    while len(merges) < size - 256:
        pairs: Counter[Pair] = Counter()
        for word, count in counts.items():
            for pair in pairwise(word):
                pairs[pair] += count
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        counts = Counter({merged(word, best): count for word, count in counts.items()})
    return merges


def encode(text: str, ranks: dict[Pair, int]) -> list[bytes]:
    tokens: list[bytes] = []
    for word in words(text):
        while pairs := [pair for pair in pairwise(word) if pair in ranks]:
            word = merged(word, min(pairs, key=ranks.__getitem__))
        tokens += word
    return tokens


# %% [markdown]
# The tokens together must give the text back.

# %%
for vocabulary in ex.sweep("vocabulary", [320, 512, 768, 1024], quick=[320, 768]):
    ranks = {pair: rank for rank, pair in enumerate(learn(CORPUS, vocabulary))}
    english = len(encode(ARTICLE["english"], ranks))
    for language, text in ARTICLE.items():
        tokens = encode(text, ranks)
        if b"".join(tokens) != text.encode():
            raise ValueError(f"{language}: the tokens do not give the text back")
        place = {"language": language, "vocabulary": vocabulary}
        ex.report("tokens", len(tokens), unit="tokens", better="lower", **place)
        ex.report("bytes-per-token", len(text.encode()) / len(tokens), unit="B/token", better="higher", **place)
        ex.report("tokens-over-english", len(tokens) / english, unit="×", better="lower", **place)
    ex.measure(
        "encode",
        lambda ranks=ranks: encode(ARTICLE["english"], ranks),
        vocabulary=vocabulary,
        work=Work(bytes=len(ARTICLE["english"].encode())),
        label="encoding the English article",
        check=lambda out: Check("the text itself", float(b"".join(out) != ARTICLE["english"].encode()), 0.0),
    )
