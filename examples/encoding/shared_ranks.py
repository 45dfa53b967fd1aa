# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "tiktoken>=0.8", "tokenizers>=0.20"]
# [tool.stackdoc]
# layer = "encoding"
# title = "tiktoken and Tokenizers with one vocabulary: the same tokens"
# devices = ["cpu"]
# environment = "llm"
# ///
"""One byte-pair vocabulary in two libraries: the tokens must be the same, one by one, and only the time may differ.

Tokenizers learns and keeps a list of merges; tiktoken learns nothing and keeps the rank of every entry. Where each
merge's result has the merge's rank both say the same. tiktoken fetches its named vocabularies over the network when
they are first used; ranks of one's own need none.

Caveats. One thread. Tokenizers also keeps the offsets of every token and normalises where asked; tiktoken gives
numbers alone. It has no cache of words; Tokenizers has one, which is warm after the first call. `repeated` is a
text of one letter without a space, the worst case for merging: it grows with the square of the length in a naive
implementation. Both are asked for it.
"""

# %%
import os

os.environ |= {"TOKENIZERS_PARALLELISM": "false", "RAYON_NUM_THREADS": "1"}
import byte_pairs
import corpus
import tiktoken

from stackdoc import Check, Work, example

ex = example()
SIZE = 8_000
tokenizer = byte_pairs.learnt(SIZE)
ranks = byte_pairs.ranks(tokenizer)
encoding = tiktoken.Encoding("manual", pat_str=corpus.WORDS, mergeable_ranks=ranks, special_tokens={})
TEXTS = {
    "manual": corpus.held_out(),
    "other-language": "Свободные люди рождаются равными. " * 400,
    "repeated": "a" * 4_000,
}


def hugging_face(text: str) -> list[int]:
    return tokenizer.encode(text).ids


def tiktoken_(text: str) -> list[int]:
    return encoding.encode_ordinary(text)


# %% [markdown]
# The same numbers in the same order, and the text back from them.

# %%
for kind, text in TEXTS.items():
    expected = hugging_face(text)
    if encoding.decode(expected) != text:
        raise ValueError(f"{kind}: the tokens do not give the text back")
    place = {"text": kind, "vocabulary": SIZE}
    ex.report("tokens", len(expected), unit="tokens", library="tokenizers", **place)
    ex.report("tokens", len(tiktoken_(text)), unit="tokens", library="tiktoken", **place)
    timed = {}
    for name, encode in {"tokenizers": hugging_face, "tiktoken": tiktoken_}.items():
        timed[name] = ex.measure(
            "encode",
            lambda encode=encode, text=text: encode(text),
            library=name,
            label=name,
            work=Work(bytes=corpus.size_bytes(text)),
            check=lambda out, expected=expected: Check("the tokens of the other", float(out != expected), 0.0),
            **place,
        )
    slow, fast = timed["tokenizers"], timed["tiktoken"]
    ex.ratio("gain", slow=slow, fast=fast, label="Tokenizers over tiktoken", **place)
    density = corpus.size_bytes(text) / len(expected)
    ex.report("bytes-per-token", density, unit="B/token", better="higher", library="tiktoken", **place)

# %% [markdown]
# A name that stands for control must not come from a user's text: by default it is refused.

# %%
special = tiktoken.Encoding("chat", pat_str=corpus.WORDS, mergeable_ranks=ranks, special_tokens={"<|end|>": len(ranks)})
try:
    special.encode("stop <|end|> here")
except ValueError:
    refused = True
else:
    refused = False
if not refused or len(special.encode("<|end|>", allowed_special={"<|end|>"})) != 1:
    raise ValueError("a control token in a text is not handled as documented")
as_text = special.encode("<|end|>", disallowed_special=())
ex.report("control-as-text", len(as_text), unit="tokens", label="the control token taken as plain text")
