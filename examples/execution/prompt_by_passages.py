# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "llama-index-core>=0.14", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "execution"
# title = "What retrieval makes a model read, by passages and by mode (LlamaIndex)"
# devices = ["cpu"]
# environment = "apps"
# budget_seconds = 60
# ///
"""How many words reach the model for one question, and in how many calls, by the number of passages that are
retrieved.

The model is scripted and counts what it is sent; a passage has a known number of words. A query engine has a mode.
The default packs the passages into as few prompts as the model's window takes (`compact`); `refine` shows them one by
one, each time with the answer so far; `tree_summarize` asks for summaries of full windows, then for one of these. For
k passages of w words, and a template of t:

    words, compact ≈ t + k · w           words, refine ≈ k · (t' + w + words of the answer)

Then the search itself, in the store that an index has if none is named. It holds vectors in a dictionary and compares
them one after the other, so its time is a line in their number; one matrix product over the same vectors is the
reference: what the store finds must be as close to the question as its best.

Caveats. Words are counted where a model counts tokens, of which English has about four for three words. The embedding
is a hash of words into 256 numbers, good enough for known questions and no measure of any model of embeddings.
Splitting documents is switched off, to keep passages as long as they are.
"""

# %%
import hashlib
from functools import partial
from typing import Any

import numpy as np
from llama_index.core import Settings, VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata
from llama_index.core.schema import TextNode

from stackdoc import close, example

ex = example()
WORDS, WINDOW, ANSWER = 120, 4000, "The runtime hides the driver. " * 6
read: list[int] = []


# %% [markdown]
# A model that counts, and an embedding that needs none.


# %%
class Counting(CustomLLM):
    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(context_window=WINDOW, num_output=64)

    def complete(self, prompt: str, **_: Any) -> CompletionResponse:
        read.append(len(prompt.split()))
        return CompletionResponse(text=ANSWER)

    def stream_complete(self, prompt: str, **_: Any) -> Any:
        raise NotImplementedError


class Hashed(BaseEmbedding):
    def vector(self, text: str) -> list[float]:
        out = np.zeros(256)
        for word in text.lower().split():
            digest = hashlib.blake2b(word.encode(), digest_size=4).digest()
            out[digest[0]] += 1 if digest[1] % 2 else -1
        return list(out / max(float(np.linalg.norm(out)), 1e-9))

    def _get_query_embedding(self, query: str) -> list[float]:
        return self.vector(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self.vector(text)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self.vector(query)


Settings.llm, Settings.embed_model, Settings.tokenizer = Counting(), Hashed(), str.split


# %%
def passages(count: int) -> list[TextNode]:
    random = np.random.default_rng(7)
    drawn = random.integers(0, 5000, size=(count, WORDS))
    return [TextNode(id_=str(at), text=" ".join(f"w{number}" for number in row)) for at, row in enumerate(drawn)]


nodes = passages(400)
index = VectorStoreIndex(nodes)
question = " ".join(nodes[17].text.split()[:40])

# %% [markdown]
# Words and calls by mode, for one, two, four, eight and more passages.

# %%
counted: dict[tuple[str, int], int] = {}
for mode in ex.sweep("mode", ["compact", "refine", "tree_summarize"]):
    for top in ex.sweep("passages", [1, 2, 4, 8, 16, 64], quick=[1, 2, 4, 16, 64]):
        read.clear()
        answer = index.as_query_engine(similarity_top_k=top, response_mode=mode).query(question)
        if answer.source_nodes[0].node_id != "17" or len(answer.source_nodes) != top:
            raise ValueError(f"{mode}: {[found.node_id for found in answer.source_nodes]} for {top} passages")
        counted[mode, top] = sum(read)
        ex.report("words", sum(read), unit="words", label=f"words read, {mode}", mode=mode, passages=top)
        ex.report("calls", len(read), unit="calls", label=f"calls of the model, {mode}", mode=mode, passages=top)
        if mode == "compact" and top > 1:
            line = counted[mode, 1] + (top - 1) * WORDS
            ex.report("words-expected", line, unit="words", label="by formula, compact", mode=mode, passages=top)
            if top * WORDS < WINDOW / 2 and not close(sum(read), line, rtol=0.02).ok:
                raise ValueError(f"{sum(read)} words for {top} passages, the formula gives {line}")
ex.report(
    "refine-over-compact",
    counted["refine", 16] / counted["compact", 16],
    unit="×",
    label="words of refine over those of compact, 16 passages",
)

# %% [markdown]
# The search in the default store by the number of vectors, and as one matrix product.

# %%
taken: dict[int, float] = {}
for count in ex.sweep("vectors", [100, 400, 1600, 6400], quick=[100, 400, 1600]):
    stored = passages(count)
    retriever = VectorStoreIndex(stored).as_retriever(similarity_top_k=4)
    matrix = np.array([Settings.embed_model.vector(node.text) for node in stored])
    asked = np.array(Settings.embed_model.vector(question))
    alike = matrix @ asked
    best = np.sort(alike)[:-5:-1]  # two passages may be equally alike, so names prove nothing
    as_good = partial(close, reference=best, rtol=1e-9, against="the four greatest of one product")
    if taken:
        first = min(taken)
        ex.predict("search", taken[first] * count / first, formula="vectors × that of 100", vectors=count)
    point = ex.measure(
        "search",
        lambda retriever=retriever: retriever.retrieve(question),
        label="search in the default store",
        check=lambda found, alike=alike, as_good=as_good: as_good(alike[[int(one.node_id) for one in found]]),
        vectors=count,
    )
    taken[count] = point.seconds
    ex.measure(
        "product",
        lambda matrix=matrix, asked=asked: np.argsort(-(matrix @ asked))[:4],
        label="one matrix product",
        check=lambda found, alike=alike, as_good=as_good: as_good(alike[found]),
        vectors=count,
    )
ex.ratio(
    "product-gain", slow="search;vectors=1600", fast="product;vectors=1600", label="default store over the product"
)
