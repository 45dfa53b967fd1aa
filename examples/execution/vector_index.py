# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "faiss-cpu>=1.8", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "execution"
# title = "FAISS: six indexes over the same vectors"
# devices = ["cpu"]
# environment = "llm"
# budget_seconds = 90
# ///
"""The ten nearest vectors by six indexes of FAISS: what each costs to build, to keep and to ask, and what it misses.

The flat index looks at all vectors. An inverted file (IVF) looks into the lists of the nearest of its centres; a
graph (HNSW) walks from neighbour to neighbour; both look at few vectors and keep all of their bytes. Quantizers
keep fewer bytes: a byte for a number (SQ8), or half a byte for a group of numbers (PQ). One question reads, in the
flat index,

    seconds ≥ vectors · width · 4 B / bandwidth

and asking many at once turns it into a matrix product, which reads each vector once for all of them.

Caveats. One thread. Vectors of 128 numbers that vary in 16 directions, so that recall is that of data with
structure; without it every approximate index does worse. Parameters (lists, probes, links) are one sensible choice
each, not the best; recall and time move together by them.
"""

# %%
from time import perf_counter

import faiss
import points

from stackdoc import Check, Work, example

ex = example()
faiss.omp_set_num_threads(ex.threads)
WIDTH = points.WIDTH
# Specification of the factory, its parameter for searching.
INDEXES = {
    "flat": ("Flat", ""),
    "ivf-4": ("IVF256,Flat", "nprobe=4"),
    "ivf-16": ("IVF256,Flat", "nprobe=16"),
    "hnsw": ("HNSW16", "efSearch=32"),
    "sq8": ("SQ8", ""),
    "pq": ("IVF256,PQ32x4fs", "nprobe=16"),
}
LEAST_RECALL = {"flat": 0.999, "sq8": 0.9}

# %%
for count in ex.sweep("n", [20_000, 100_000], quick=[20_000]):
    base = points.vectors(count)
    asked = points.questions(base)
    right = points.nearest(base, asked)
    for name, (specification, parameter) in INDEXES.items():
        began = perf_counter()
        index = faiss.index_factory(WIDTH, specification, faiss.METRIC_INNER_PRODUCT)
        index.train(base)
        index.add(base)
        ex.report("build", perf_counter() - began, unit="s", index=name, n=count)
        if parameter:
            faiss.ParameterSpace().set_index_parameters(index, parameter)
        bytes_ = faiss.serialize_index(index).nbytes
        ex.report("bytes", bytes_ / count, unit="B", label="a vector", index=name, n=count)
        found = index.search(asked, points.FOUND)[1]
        recall = points.recall(found, right)
        ex.report("recall", recall, unit="%", better="higher", index=name, n=count)
        if name == "flat":
            seconds = ex.roofs.time(bytes=base.nbytes)
            ex.predict("search", seconds, "bytes of the vectors / bandwidth", index=name, n=count)
        least = LEAST_RECALL.get(name, 0.0)
        ex.measure(
            "search",
            lambda index=index, asked=asked: index.search(asked[:1], points.FOUND)[1],
            label="one question",
            index=name,
            n=count,
            work=Work(flop=2 * base.size, bytes=base.nbytes) if name == "flat" else None,
            dtype="float32" if name == "flat" else "",
            check=lambda _, recall=recall, least=least: Check("the exact search", max(0.0, least - recall), 0.0),
        )
        ex.measure(
            "search-many",
            lambda index=index, asked=asked: index.search(asked, points.FOUND)[1],
            label=f"{points.QUESTIONS} questions at once",
            index=name,
            n=count,
        )
