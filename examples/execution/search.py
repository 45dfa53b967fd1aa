# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "execution"
# title = "Exact and approximate search: recall against time"
# devices = ["cpu", "cuda"]
# claims = ["vector-stores-carry-retrieval"]
# budget_seconds = 60
# ///
"""The ten nearest of some tens of thousands of vectors, found by looking at all of them or at some.

The exact search reads every vector for every question; nothing can be faster that does so:

    seconds ≥ bytes of vectors / bandwidth

An inverted index puts each vector into the list of the nearest of 256 centres, and a search looks only into the
lists of the centres nearest to the question (the probes). It reads a share of the bytes, and misses a neighbour that
lies in another list. Recall is the share of the true ten found, over 200 questions; the time is the mean over 32 of
them, asked one by one.

Caveats. One thread. The vectors have 128 numbers, vary in 16 directions and lie around topics that overlap, as
embeddings do: with less structure recall is worse, with more of it better. The index is plain torch, so a search
pays a dozen dispatches; a library does the same in one. The exact search is one product. Building the index is not
timed with the search; it is reported.
"""

# %%
from time import perf_counter

import torch

from stackdoc import Check, Work, example

ex = example()
torch.manual_seed(0)
WIDTH, DIRECTIONS, TOPICS, LISTS, ROUNDS = 128, 16, 500, 256, 4
COUNT, QUESTIONS, ASKED, FOUND, ACCURATE = 50_000, 200, 32, 10, 32


# %%
def vectors(count: int) -> torch.Tensor:
    """Unit vectors that vary in 16 directions, around topics that overlap."""
    topics = 0.7 * torch.randn(TOPICS, DIRECTIONS, device=ex.device)
    hidden = topics[torch.randint(TOPICS, (count,), device=ex.device)] + torch.randn(
        count, DIRECTIONS, device=ex.device
    )
    return torch.nn.functional.normalize(hidden @ torch.randn(DIRECTIONS, WIDTH, device=ex.device), dim=1)


class Inverted:
    """Vectors by list: those of a list stand next to one another."""

    def __init__(self, base: torch.Tensor) -> None:
        self.centres = base[torch.randperm(len(base), device=ex.device)[:LISTS]].clone()
        sample = base[:: max(1, len(base) // 10_000)]
        for _ in range(ROUNDS):
            nearest = (sample @ self.centres.T).argmax(1)
            sums = torch.zeros_like(self.centres).index_add_(0, nearest, sample)
            filled = sums.norm(dim=1, keepdim=True) > 0
            self.centres = torch.where(filled, torch.nn.functional.normalize(sums, dim=1), self.centres)
        place = (base @ self.centres.T).argmax(1)
        self.order = place.argsort()
        self.base = base[self.order].contiguous()
        self.ends = torch.bincount(place, minlength=LISTS).cumsum(0).tolist()

    def search(self, question: torch.Tensor, probes: int) -> torch.Tensor:
        """Numbers of the ten nearest among the lists of the nearest centres."""
        scores, numbers = [], []
        for one in (self.centres @ question).topk(probes).indices.tolist():
            start, end = self.ends[one - 1] if one else 0, self.ends[one]
            scores.append(self.base[start:end] @ question)
            numbers.append(self.order[start:end])
        best = torch.cat(scores).topk(FOUND).indices
        return torch.cat(numbers)[best]


def exact(base: torch.Tensor, question: torch.Tensor) -> torch.Tensor:
    return (base @ question).topk(FOUND).indices


def recall(found: list[set[int]], truth: list[set[int]]) -> float:
    return sum(len(one & two) for one, two in zip(found, truth, strict=True)) / (FOUND * len(truth))


# %% [markdown]
# The exact search checks itself against a product with all questions at once; the others are held against it.

# %%
everything = vectors(COUNT + QUESTIONS)
base, questions = everything[:COUNT], everything[COUNT:]
truth = [set(row) for row in (questions @ base.T).topk(FOUND).indices.tolist()]
started = perf_counter()
index = Inverted(base)
ex.report("build", perf_counter() - started, unit="s", better="lower", label="build the index")
bytes_read = 4 * base.numel()
ex.predict("flat", ex.roofs.time(flop=2 * base.numel(), bytes=bytes_read), formula="bytes of vectors / bandwidth")


def all_equal(_: object) -> Check:
    found = [set(exact(base, question).tolist()) for question in questions[:ASKED]]
    return Check("the same search as one product", 1 - recall(found, truth[:ASKED]), 0.01)


number = iter(range(1 << 60))
flat = ex.measure(
    "flat",
    lambda: exact(base, questions[next(number) % ASKED]),
    work=Work(flop=2 * base.numel(), bytes=bytes_read),
    dtype="float32",
    label="all vectors",
    check=all_equal,
)
ex.report("vectors", COUNT, unit="vectors", better="higher")
for probes in ex.sweep("probes", [1, 2, 4, 8, 16, 32], quick=[1, 4, 32]):
    found = [set(index.search(question, probes).tolist()) for question in questions]
    share = recall(found, truth)
    if probes >= ACCURATE and share < 0.9:
        raise ValueError(f"{probes} probes find {share:.0%}: the claim is judged where nine in ten are found")
    ex.report("recall", share, unit="%", better="higher", label="recall of ten", probes=probes)
    part = Work(flop=2 * base.numel() * probes / LISTS, bytes=bytes_read * probes / LISTS)
    ex.predict("lists", ex.roofs.time(flop=part.flop, bytes=part.bytes), formula="bytes / bandwidth", probes=probes)
    some = ex.measure(
        "lists",
        lambda probes=probes: index.search(questions[next(number) % ASKED], probes),
        work=part,
        dtype="float32",
        label="some lists",
        check=lambda out: len(out) == FOUND,
        probes=probes,
    )
    ex.ratio("gain", slow=flat, fast=some, label="all over some", probes=probes)
