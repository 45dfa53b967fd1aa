# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "stackdoc",
#   "qdrant-client>=1.12",
#   "pymilvus>=2.5",
#   "milvus-lite>=2.4",
#   "chromadb>=1",
#   "faiss-cpu>=1.8",
#   "numpy>=1.26",
# ]
# [tool.stackdoc]
# layer = "execution"
# title = "Three vector databases in one process: write, ask, filter"
# devices = ["cpu"]
# environment = "llm"
# budget_seconds = 120
# launches = 6
# ///
"""The same vectors into Milvus Lite, Chroma and Qdrant's local mode, and the same questions to each of them.

All three keep a collection in files of this process; none is the server of the same name. Qdrant's local mode
compares with every vector, in NumPy: it is made for tests. Chroma walks a graph (HNSW). Milvus Lite has its own
engine; which index it builds is left to it. `filtered` asks for the ten nearest among a tenth of the vectors,
chosen by a number that is stored beside each: a filter that is applied after the search would return too few.

The right answers are those of looking at all vectors with NumPy, which is timed beside them as `numpy`; `faiss` does
the same in a library made for it. Neither is a database: nothing is kept when the process ends.

Caveats. Some thousand vectors, where looking at all of them is no worse than an index. Defaults throughout, cosine
distance, one client, no network. Threads are the libraries' own: two cores at most. Times of the wall clock: the
engines have threads of their own. Questions are asked one by one; writing goes in batches of a thousand.
"""

# %%
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Protocol

os.environ |= {"ANONYMIZED_TELEMETRY": "False", "MILVUS_LITE_LOG_LEVEL": "ERROR"}
import chromadb
import faiss
import numpy as np
import points
from pymilvus import MilvusClient
from qdrant_client import QdrantClient, models

from stackdoc import example

logging.disable(logging.WARNING)
ex = example()
BATCH = 1_000


class Store(Protocol):
    """A collection of numbered vectors, each with the number of its group."""

    def add(self, start: int, vectors: np.ndarray) -> None: ...

    def ask(self, question: np.ndarray, group: int | None) -> list[int]: ...


# %%
class Qdrant:
    def __init__(self, folder: Path) -> None:
        self.client = QdrantClient(path=str(folder / "qdrant"))
        cosine = models.VectorParams(size=points.WIDTH, distance=models.Distance.COSINE)
        self.client.create_collection("points", vectors_config=cosine)

    def add(self, start: int, vectors: np.ndarray) -> None:
        rows = zip(range(start, start + len(vectors)), vectors.tolist(), strict=True)
        made = [models.PointStruct(id=at, vector=row, payload={"group": at % points.GROUPS}) for at, row in rows]
        self.client.upsert("points", made)

    def ask(self, question: np.ndarray, group: int | None) -> list[int]:
        of_group = (
            models.FieldCondition(key="group", match=models.MatchValue(value=group)) if group is not None else None
        )
        wanted = models.Filter(must=[of_group]) if of_group else None
        found = self.client.query_points("points", query=question.tolist(), query_filter=wanted, limit=points.FOUND)
        return [int(point.id) for point in found.points]


class Chroma:
    def __init__(self, folder: Path) -> None:
        settings = chromadb.Settings(anonymized_telemetry=False)
        client = chromadb.PersistentClient(str(folder / "chroma"), settings=settings)
        space = {"hnsw:space": "cosine"}
        self.collection = client.create_collection("points", metadata=space, embedding_function=None)

    def add(self, start: int, vectors: np.ndarray) -> None:
        numbers = range(start, start + len(vectors))
        groups = [{"group": at % points.GROUPS} for at in numbers]
        self.collection.add(ids=list(map(str, numbers)), embeddings=vectors, metadatas=groups)

    def ask(self, question: np.ndarray, group: int | None) -> list[int]:
        wanted = None if group is None else {"group": group}
        found = self.collection.query(query_embeddings=question[None], n_results=points.FOUND, where=wanted, include=[])
        return [int(one) for one in found["ids"][0]]


class Milvus:
    def __init__(self, folder: Path) -> None:
        self.client = MilvusClient(str(folder / "milvus.db"))
        self.client.create_collection("points", dimension=points.WIDTH, metric_type="COSINE")

    def add(self, start: int, vectors: np.ndarray) -> None:
        rows = zip(range(start, start + len(vectors)), vectors, strict=True)
        self.client.insert("points", [{"id": at, "vector": row, "group": at % points.GROUPS} for at, row in rows])

    def ask(self, question: np.ndarray, group: int | None) -> list[int]:
        wanted = "" if group is None else f"group == {group}"
        found = self.client.search("points", data=question[None], filter=wanted, limit=points.FOUND)
        return [int(one["id"]) for one in found[0]]


class Numpy:
    """No database: all vectors in memory, and every question a product with all of them."""

    def __init__(self, _: Path) -> None:
        self.rows = np.empty((0, points.WIDTH), np.float32)

    def add(self, _: int, vectors: np.ndarray) -> None:
        self.rows = np.concatenate([self.rows, vectors])

    def ask(self, question: np.ndarray, group: int | None) -> list[int]:
        scores = self.rows @ question
        if group is not None:
            scores[np.arange(len(scores)) % points.GROUPS != group] = -2
        best = np.argpartition(-scores, points.FOUND)[: points.FOUND]
        return best[np.argsort(-scores[best])].tolist()


class Faiss:
    """No database either: its flat index in memory. A filter is a list of numbers."""

    def __init__(self, _: Path) -> None:
        faiss.omp_set_num_threads(ex.threads)
        self.index = faiss.IndexFlatIP(points.WIDTH)

    def add(self, _: int, vectors: np.ndarray) -> None:
        self.index.add(vectors)

    def ask(self, question: np.ndarray, group: int | None) -> list[int]:
        wanted = None
        if group is not None:
            of_group = faiss.IDSelectorBatch(np.arange(group, self.index.ntotal, points.GROUPS))
            wanted = faiss.SearchParameters(sel=of_group)
        return self.index.search(question[None], points.FOUND, params=wanted)[1][0].tolist()


STORES: dict[str, Callable[[Path], Store]] = {
    "milvus-lite": Milvus,
    "qdrant-local": Qdrant,
    "chroma": Chroma,
    "numpy": Numpy,
    "faiss": Faiss,
}


# %%
def asked_all(store: Store, asked: np.ndarray, group: int | None) -> tuple[float, list[list[int]]]:
    """Seconds of a question, the median, and what was found for each."""
    found, taken = [], []
    store.ask(asked[0], group)
    for question in asked:
        began = perf_counter()
        found.append(store.ask(question, group))
        taken.append(perf_counter() - began)
    return median(taken), found


for count in ex.sweep("n", [1_000, 4_000], quick=[1_000]):
    base = points.vectors(count)
    asked = points.questions(base)
    right = points.nearest(base, asked)
    of_group = np.flatnonzero(np.arange(count) % points.GROUPS == 3)
    right_of_group = of_group[points.nearest(base[of_group], asked)]
    for name, open_ in STORES.items():
        folder = Path(tempfile.mkdtemp(prefix="stores-"))
        try:
            store = open_(folder)
            began = perf_counter()
            for start in range(0, count, BATCH):
                store.add(start, base[start : start + BATCH])
            ex.report("write", (perf_counter() - began) / count, unit="s", label="a vector", store=name, n=count)
            seconds, found = asked_all(store, asked, None)
            ex.report("ask", seconds, unit="s", label="one question", store=name, n=count)
            recall = points.recall(found, right)
            ex.report("recall", recall, unit="%", better="higher", store=name, n=count)
            seconds, found = asked_all(store, asked, 3)
            ex.report("filtered", seconds, unit="s", label="among a tenth", store=name, n=count)
            kept = points.recall(found, right_of_group)
            ex.report("recall-filtered", kept, unit="%", better="higher", store=name, n=count)
            if min(recall, kept) < 0.8 or any(at % points.GROUPS != 3 for some in found for at in some):
                raise ValueError(f"{name}: recall {recall:.2f}, filtered {kept:.2f}, or a vector of another group")
            size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
            ex.report("bytes", size / count, unit="B", label="a vector on disk", store=name, n=count)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
