# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "data"
# title = "PyTorch DataLoader: workers that wait, and workers that compute"
# devices = ["cpu"]
# environment = "llm"
# budget_seconds = 90
# launches = 3
# ///
"""How long a training loop waits for its batches, by the number of worker processes of PyTorch's DataLoader.

A sample is either waited for, as from a disk or a store far away, or computed, as in decoding. Worker processes
overlap both with the loop; waiting overlaps without limit, computing only as far as there are cores. With a sample
of t seconds, B samples a batch, w workers and a step of s seconds, a batch takes at the least

    seconds ≥ max(s, B · t / w)

where for computing w counts no more than the cores beside the one of the loop. Starting the workers, and the first
batch, which nothing hides, are reported on their own: an epoch pays them again unless workers are kept
(`persistent_workers`).

Caveats. The step of the loop is a wait too, as for an accelerator that computes: it takes no core. Two cores. The
samples are small, so moving them between processes costs little; large ones go through shared memory.
"""

# %%
import time

import torch
from torch.utils.data import DataLoader, Dataset

from stackdoc import example

SAMPLES, BATCH, SAMPLE_S, STEP_S = 128, 16, 0.002, 0.016


class Samples(Dataset[torch.Tensor]):
    """Each takes two milliseconds of waiting, or of a core."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __len__(self) -> int:
        return SAMPLES

    def __getitem__(self, index: int) -> torch.Tensor:
        if self.kind == "wait":
            time.sleep(SAMPLE_S)
        else:
            began = time.thread_time()  # of this thread's CPU: a core that is shared takes longer
            while time.thread_time() - began < SAMPLE_S:
                pass
        return torch.full((256,), float(index))


def epoch(loader: DataLoader[torch.Tensor]) -> tuple[float, float, float, float]:
    """Seconds to the first batch, of the others, that of them the loop waited, and the sum of all samples."""
    start = began = time.perf_counter()
    batches, first, waited, total = iter(loader), 0.0, 0.0, 0.0
    while True:
        asked = time.perf_counter()
        batch = next(batches, None)
        got = time.perf_counter()
        if batch is None:
            return first, got - start, waited, total
        if first:
            waited += got - asked
        else:
            first, start = got - began, got
        total += float(batch[:, 0].sum())
        time.sleep(STEP_S)


# %%
def main() -> None:
    ex = example()
    for kind in ex.sweep("kind", ["wait", "compute"]):
        for workers in (0, 1, 2, 4):
            loader = DataLoader(
                Samples(kind),
                BATCH,
                num_workers=workers,
                persistent_workers=workers > 0,
                multiprocessing_context="fork" if workers else None,
            )
            start, *_ = epoch(loader)
            first, seconds, waited, total = epoch(loader)
            if total != SAMPLES * (SAMPLES - 1) / 2:
                raise ValueError(f"{workers} workers: the samples are not those of the data set")
            place = {"kind": kind, "workers": workers}
            ex.report("samples-per-second", (SAMPLES - BATCH) / seconds, unit="1/s", better="higher", **place)
            ex.report("waited", waited / seconds, unit="%", label="of an epoch the loop waited", **place)
            least = max(STEP_S, BATCH * SAMPLE_S / workers) if workers else STEP_S + BATCH * SAMPLE_S
            ex.report(
                "bound",
                (SAMPLES - BATCH) / BATCH * least / seconds,
                unit="%",
                better="higher",
                label="the bound over it",
                **place,
            )
            ex.report(
                "start", start - first, unit="s", label="the first epoch's first batch over the second's", **place
            )


if __name__ == "__main__":
    main()
