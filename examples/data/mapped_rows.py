# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "datasets>=3", "pyarrow>=17"]
# [tool.stackdoc]
# layer = "data"
# title = "Hugging Face Datasets: rows, batches, and the cache"
# devices = ["cpu"]
# environment = "data"
# ///
"""The same function mapped over a data set: for every row, for batches, once more, and after a change of no meaning.

A data set is an Arrow file, mapped into memory, so it may be larger than memory. `map` writes a new file. By the
row every call crosses from Arrow to Python and back; by the batch once for a thousand rows. The file's name is a
fingerprint of the data and of the function as pickled, so the same call again finds it and computes nothing; a
function whose closure holds another number is another function, even if the number decides nothing.

`resident` is what reading every row adds to the memory of the process that is its own and not the file's, over the
size of the file.

Caveats. Texts are short and the function is light, which is where the crossing weighs most. One process; `num_proc`
would use more. The first `map` also writes its file.
"""

# %%
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_HOME": tempfile.mkdtemp(), "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
import datasets

from stackdoc import example

ex = example()
folder = Path(tempfile.mkdtemp(prefix="datasets-"))
datasets.disable_progress_bars()
SENTENCES = [f"Text {number % 700} about layer {number % 17} of the stack." for number in range(5_000)]


def by_row(row: dict) -> dict:
    return {"letters": len(row["text"])}


def by_batch(batch: dict) -> dict:
    return {"letters": [len(text) for text in batch["text"]]}


def with_number(number: int) -> Callable[[dict], dict]:
    """The same function, with a number in its closure that decides nothing."""

    def mapped(batch: dict) -> dict:
        return {"letters": [len(text) + 0 * number for text in batch["text"]]}

    return mapped


def own_bytes() -> int:
    """Memory of this process that no file backs."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(status.split("RssAnon:")[1].split()[0])


# %%
try:
    for rows in ex.sweep("rows", [20_000, 200_000], quick=[20_000]):
        made = datasets.Dataset.from_dict({"text": SENTENCES * (rows // len(SENTENCES))})
        made.save_to_disk(folder / str(rows))
        data = datasets.load_from_disk(folder / str(rows))
        size = sum(Path(one["filename"]).stat().st_size for one in data.cache_files)
        expected = sum(map(len, data["text"]))
        ways: dict[str, Callable[[], datasets.Dataset]] = {
            "rows": lambda data=data: data.map(by_row),
            "batches": lambda data=data: data.map(by_batch, batched=True),
            "again": lambda data=data: data.map(by_batch, batched=True),
            "number-1": lambda data=data: data.map(with_number(1), batched=True),
            "number-2": lambda data=data: data.map(with_number(2), batched=True),
        }
        taken = {}
        for name, way in ways.items():
            began = time.perf_counter()
            out = way()
            taken[name] = time.perf_counter() - began
            if sum(out["letters"]) != expected:
                raise ValueError(f"{name}: other lengths than those of the texts")
            ex.report("map", taken[name], unit="s", label=name, way=name, rows=rows)
            ex.report("rows-per-second", rows / taken[name], unit="1/s", better="higher", way=name, rows=rows)
        ex.report("batch-gain", taken["rows"] / taken["batches"], unit="×", better="higher", rows=rows)
        ex.report("recomputed", taken["number-2"] / taken["again"], unit="×", rows=rows)
        before = own_bytes()
        letters = sum(len(text) for batch in data.iter(1000) for text in batch["text"])
        if letters != expected:
            raise ValueError("reading all rows gave other texts")
        ex.report("file-bytes", size, unit="B", rows=rows)
        ex.report("resident", max(0, own_bytes() - before) / size, unit="%", rows=rows)
finally:
    shutil.rmtree(folder, ignore_errors=True)
