# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "nvidia-dali-cuda130>=2", "pillow>=11", "numpy>=1.26"]
# [tool.stackdoc]
# layer = "data"
# title = "DALI on the processor: pictures a second, threads, and decoding only what is kept"
# devices = ["cpu"]
# environment = "dali"
# budget_seconds = 90
# launches = 3
# ///
"""Pictures in JPEG become batches of numbers: read, decoded, cut, scaled, colours first; by a loop and by DALI.

DALI is given a graph of operators and carries it out for whole batches, in threads of its own, ahead of whoever takes
the batches. So with seconds p to prepare a batch and s to use it

    seconds of a batch ≥ max(s, p), where a loop takes s + p

The loop is Pillow's decoder and NumPy, a picture at a time. Threads and the size of a batch are varied. Then the two
ways to a cut: decode everything and slice, or tell the decoder what is wanted, so that it can leave out the rest.

Both decode by the same rules, yet the arithmetic of decoders may differ in the last bit: pictures have to agree to one
part in a hundred of the full range everywhere. The two ways to a cut are held against each other by the same measure.

Caveats. On the processor alone: what DALI is made for, decoding on a GPU, is not seen. Two cores; the files lie in the
page cache. The pictures are smooth shapes with noise, which compress like photographs and are none. Times are of the
wall clock, since others do the work.
"""

# %%
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from nvidia.dali import fn, pipeline_def, types
from PIL import Image

from stackdoc import close, example

ex = example()
PICTURES, WIDE, HIGH, SIDE, BATCH, STEP_S = 64, 480, 360, 224, 16, 0.03
LEFT, TOP = (WIDE - SIDE) // 2, (HIGH - SIDE) // 2
MEAN, SPREAD = np.array([124.0, 117.0, 104.0], np.float32), np.array([58.0, 57.0, 57.0], np.float32)
TOLERANCE = 0.01

# %% [markdown]
# The files.


# %%
def picture(number: int) -> np.ndarray:
    """Waves of colour that no two pictures share, with a little noise."""
    random = np.random.default_rng(number)
    across, down = np.meshgrid(np.linspace(0, 6, WIDE), np.linspace(0, 5, HIGH))
    colours = [np.sin(across * a + down * b + c) for a, b, c in random.uniform(0.5, 3, (3, 3))]
    return (128 + 90 * np.stack(colours, -1) + random.normal(0, 6, (HIGH, WIDE, 3))).clip(0, 255).astype(np.uint8)


folder = Path(tempfile.mkdtemp(dir=Path.cwd()))
paths = [str(folder / f"{number:03}.jpg") for number in range(PICTURES)]
for number, path in enumerate(paths):
    Image.fromarray(picture(number)).save(path, quality=90)
ex.report("file", sum(Path(path).stat().st_size for path in paths) / PICTURES, unit="B", label="a file, on average")

# %% [markdown]
# The loop, and the pipelines.


# %%
def prepared(path: str) -> np.ndarray:
    with Image.open(path) as file:
        whole = np.asarray(file.convert("RGB"))
    kept = whole[TOP : TOP + SIDE, LEFT : LEFT + SIDE]
    return np.ascontiguousarray(((kept - MEAN) / SPREAD).transpose(2, 0, 1))


def looped(first: int, count: int) -> np.ndarray:
    return np.stack([prepared(paths[number % PICTURES]) for number in range(first, first + count)])


@pipeline_def(device_id=None)
def graph(cut: str) -> Any:
    encoded, _ = fn.readers.file(files=paths, name="files")
    if cut == "in-decoder":
        kept = fn.decoders.image_slice(encoded, start=(LEFT, TOP), shape=(SIDE, SIDE), axis_names="WH")
    else:
        kept = fn.slice(fn.decoders.image(encoded), start=(LEFT, TOP), shape=(SIDE, SIDE), axis_names="WH")
    return fn.crop_mirror_normalize(kept, dtype=types.FLOAT, output_layout="CHW", mean=list(MEAN), std=list(SPREAD))


def built(threads: int = 1, batch: int = BATCH, cut: str = "after") -> Callable[[], np.ndarray]:
    """A function that gives the next batch of a pipeline."""
    pipe = graph(cut, batch_size=batch, num_threads=threads)
    pipe.build()
    return lambda: np.asarray(pipe.run()[0].as_tensor())


def checked(batch: np.ndarray, what: str) -> None:
    found = close(batch, expected[: len(batch)], rtol=TOLERANCE)
    if not found.ok:
        raise ValueError(f"{what}: pictures differ from Pillow's by {found.error:.2g}")


def seconds(call: Callable[[], object], times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - began) / times


expected = looped(0, BATCH)
ROUNDS = 3 if ex.quick else 7
loop = median(seconds(lambda: looped(0, BATCH), 1) for _ in range(ROUNDS)) / BATCH
ex.report("picture", loop, unit="s", label="a picture, by the loop", way="loop")

# %% [markdown]
# By threads, by the size of a batch, and by the way to the cut. What was prepared ahead is used up first.

# %%
CASES: dict[str, dict[str, Any]] = {
    "one-thread": {},
    "two-threads": {"threads": 2},
    "batches-of-1": {"batch": 1},
    "cut-in-decoder": {"cut": "in-decoder"},
}
taken: dict[str, float] = {}
for way, how in CASES.items():
    take, size = built(**how), how.get("batch", BATCH)
    checked(take(), way)
    for _ in range(4):
        take()
    taken[way] = median(seconds(take, 4 * BATCH // size) for _ in range(ROUNDS)) / size
    ex.report("picture", taken[way], unit="s", label=f"a picture, {way.replace('-', ' ')}", way=way)
ex.report(
    "cut", taken["one-thread"] / taken["cut-in-decoder"], unit="×", better="higher", label="by cutting in the decoder"
)
ex.report("gain", loop / taken["two-threads"], unit="×", better="higher", label="the loop over DALI with two threads")

# %% [markdown]
# Ahead of a step that takes a fixed time, as an accelerator does: the step is a wait.

# %%
take = built()
checked(take(), "ahead")


def stepped(prepare: Callable[[], np.ndarray]) -> float:
    def once() -> None:
        prepare()
        time.sleep(STEP_S)

    for _ in range(4):  # what was prepared before the first step is used up
        once()
    return seconds(once, 12)


preparing = {"loop": loop * BATCH, "dali": taken["one-thread"] * BATCH}
ex.report("step", stepped(lambda: looped(0, BATCH)), unit="s", label="a batch and a step, by the loop", way="loop")
ex.report("step", stepped(take), unit="s", label="a batch and a step, DALI with one thread", way="dali")
ex.report("step-expected", STEP_S + preparing["loop"], unit="s", label="by formula, the loop", way="loop")
ex.report("step-expected", max(STEP_S, preparing["dali"]), unit="s", label="by formula, DALI", way="dali")
shutil.rmtree(folder)
