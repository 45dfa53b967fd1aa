# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "sentencepiece>=0.2"]
# [tool.stackdoc]
# layer = "encoding"
# title = "SentencePiece: two models, and what does not come back"
# devices = ["cpu"]
# environment = "llm"
# ///
"""A unigram model and byte pairs, learnt by SentencePiece from the same text with the same number of entries.

Byte pairs are merged bottom-up. The unigram model starts with many pieces, drops those that the likelihood of the
text misses least, and cuts a text in the most probable way; it can also draw other cuts, for training on more than
one.

What a user must know is what is lost before any model is asked: by default text is normalised (NFKC, spaces
joined), so the round trip is not exact, and a letter that was never seen is one unknown token. `lossless` keeps the
text as it is and falls back to bytes. `changed` counts texts of a set of hard ones that do not come back.

Caveats. One thread. Lines are the unit, as the library wants it, and the longest are left out. The vocabulary is
small. Encoding goes through Python lists.
"""

# %%
import io
import time

import corpus
import sentencepiece

from stackdoc import Check, Work, example

ex = example()
KINDS = ("unigram", "bpe")
LOSSLESS = {"normalization_rule_name": "identity", "remove_extra_whitespaces": False, "byte_fallback": True}
HARD = [
    "two  spaces",
    " a space before",
    "½ and ﬁ",
    "Ａ wide letter",
    "tab\tinside",
    "Ω ≠ Ω",
    "日本語",
    "🙂",
    "plain text",
]
lines = [line for text in corpus.texts(held_out=False) for line in text.split("\n") if 20 < len(line) < 400]
text = corpus.held_out()
held_out = [line for line in text.split("\n") if line.strip()]
bytes_ = sum(map(corpus.size_bytes, held_out))


# %%
def learnt(kind: str, size: int, **options: object) -> sentencepiece.SentencePieceProcessor:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_writer=model,
        vocab_size=size,
        model_type=kind,
        num_threads=1,
        minloglevel=2,
        **options,
    )
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


def changed(model: sentencepiece.SentencePieceProcessor) -> int:
    return sum(model.decode(model.encode(one)) != one for one in HARD)


for size in ex.sweep("vocabulary", [2_000, 4_000]):
    for kind in KINDS:
        began = time.perf_counter()
        model = learnt(kind, size)
        ex.report("learn", time.perf_counter() - began, unit="s", model=kind, vocabulary=size)
        place = {"model": kind, "vocabulary": size}
        ids = model.encode(held_out)
        density = bytes_ / sum(map(len, ids))
        ex.report("bytes-per-token", density, unit="B/token", better="higher", library="sentencepiece", **place)
        ex.measure(
            "encode",
            lambda model=model: model.encode(held_out),
            label=kind,
            work=Work(bytes=bytes_),
            check=lambda out, ids=ids: Check("the pieces before", float(out != ids), 0.0),
            **place,
        )

# %% [markdown]
# What comes back: as it is by default, and with nothing taken away.

# %%
size = 2_000
for name, options in {"default": {}, "lossless": LOSSLESS}.items():
    model = learnt("unigram", size, **options)
    ex.report("changed", changed(model), unit="texts", label=f"of {len(HARD)} hard texts", setting=name)
    unknown = sum(model.encode(one).count(model.unk_id()) for one in HARD)
    ex.report("unknown", unknown, unit="tokens", setting=name)
    density = bytes_ / sum(map(len, model.encode(held_out)))
    ex.report("density", density, unit="B/token", better="higher", setting=name)
if changed(model):
    raise ValueError("a text does not come back although nothing may be lost")
sampled = {
    tuple(model.encode("initialization", out_type=str, enable_sampling=True, alpha=0.3, nbest_size=-1))
    for _ in range(50)
}
ex.report("cuts", len(sampled), unit="cuts", better="higher", label="different cuts of one word in fifty draws")
ex.show("\n".join(" ".join(one) for one in sorted(sampled)[:5]))
