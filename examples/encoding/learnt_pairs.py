# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "tokenizers>=0.20"]
# [tool.stackdoc]
# layer = "encoding"
# title = "Hugging Face Tokenizers: what a larger vocabulary buys"
# devices = ["cpu"]
# environment = "llm"
# ///
"""Byte-level vocabularies of growing size, learnt from a manual, on topics that were held out.

Every text can be written with the 256 bytes, so the round trip must be exact, whatever the vocabulary. A larger one
makes fewer tokens and takes longer to learn; how fast it encodes depends on it little, since a word that was seen
before comes from a cache. `held-out-loss` is what the held-out text takes over text that was learnt from, in tokens
a byte: the part of the gain that was learnt by heart.

Caveats. One thread: the library uses all cores for a batch unless told not to. Half a megabyte of one kind of text;
a vocabulary in use has learnt from a million times as much. The text follows the version of Python.
"""

# %%
import os
import time

os.environ |= {"TOKENIZERS_PARALLELISM": "false", "RAYON_NUM_THREADS": "1"}
import byte_pairs
import corpus

from stackdoc import Check, Work, example

ex = example()
text = corpus.held_out()
seen = "\n".join(corpus.texts(held_out=False)[:20])
ex.report("corpus", sum(map(corpus.size_bytes, corpus.texts(held_out=False))), unit="B")
ex.report("held-out", corpus.size_bytes(text), unit="B")

# %%
for size in ex.sweep("vocabulary", corpus.SIZES):
    began = time.perf_counter()
    tokenizer = byte_pairs.learnt(size)
    ex.report("learn", time.perf_counter() - began, unit="s", vocabulary=size)
    ids = tokenizer.encode(text).ids
    if tokenizer.decode(ids) != text:
        raise ValueError(f"{size} entries: the tokens do not give the text back")
    density = corpus.size_bytes(text) / len(ids)
    learnt = corpus.size_bytes(seen) / len(tokenizer.encode(seen).ids)
    ex.report("bytes-per-token", density, unit="B/token", better="higher", library="tokenizers", vocabulary=size)
    ex.report("held-out-loss", learnt / density - 1, unit="%", vocabulary=size)
    ex.measure(
        "encode",
        lambda tokenizer=tokenizer: tokenizer.encode(text).ids,
        vocabulary=size,
        work=Work(bytes=corpus.size_bytes(text)),
        label="encoding the held-out text",
        check=lambda out, ids=ids: Check("the tokens before", float(out != ids), 0.0),
    )
    cold = byte_pairs.learnt(size)
    began = time.perf_counter()
    cold.encode(text)
    ex.report("first", time.perf_counter() - began, unit="s", label="the first time, words unknown", vocabulary=size)
ex.show(" ".join(tokenizer.encode("Lists are mutable sequences, typically used to store collections.").tokens))
