# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "numpy"]
# [tool.stackdoc]
# layer = "silicon"
# title = "A linear layer by batch: from memory to arithmetic"
# devices = ["cpu", "cuda"]
# budget_seconds = 60
# ///
"""The time of one linear layer over the number of rows that pass through it together.

Its weights are read once whatever the batch, so by the roofline a small batch takes as long as one row, up to the
batch at which arithmetic takes over. That batch is the ridge times half the bytes of a weight: `critical-batch`, by the
roofs of this machine.

A real kernel has a knee of its own. From some batch on each further row costs the same: a line through batches of 32
to 128 rows gives that cost, and with it the rate of the library once its kernel is full, `full-rate`. The batch whose
arithmetic at this rate takes as long as one row does is `knee-of-line`. Below it a further row costs less than one.
The knee lies far above the critical batch where one row is slow, since waiting for a slow kernel is shared too.

Between the two stands the code: for one row a library calls a matrix-vector kernel, for two a matrix-matrix kernel,
which may not be made for two.

Caveats. One thread, single precision, the product of PyTorch. The weights take 25 MiB and may lie in a large last-level
cache; the roof of that working set is used. Inputs and outputs are counted too, and matter little.
"""

# %%
import statistics

import torch

from stackdoc import Work, close, example

ex = example()
on_gpu = ex.device == "cuda"
torch.set_grad_enabled(False)
WIDTH = 8192 if on_gpu else 2560
FULL = (512, 1024, 2048) if on_gpu else (32, 64, 128)  # batches at which the kernel is full
BATCHES = sorted({1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, *FULL})
weights = torch.randn(WIDTH, WIDTH, device=ex.device) / WIDTH**0.5
weight_bytes = 4 * WIDTH * WIDTH

# %%
timed = {}
for batch in ex.sweep("batch", BATCHES, quick=sorted({1, 2, 4, 16, *FULL})):
    if batch > 4 * max(FULL):
        continue
    x = torch.randn(batch, WIDTH, device=ex.device)
    exact = x.double() @ weights.double().t()
    flop, bytes = 2 * batch * WIDTH * WIDTH, weight_bytes + 8 * batch * WIDTH
    seconds = ex.roofs.time(flop=flop, bytes=bytes, dtype="float32")
    ex.predict("linear", batch=batch, seconds=seconds, formula="max(2·weights·batch / GEMM roof, bytes / bandwidth)")
    timed[batch] = ex.measure(
        "linear",
        lambda x=x: torch.nn.functional.linear(x, weights),
        batch=batch,
        work=Work(flop=flop, bytes=bytes),
        dtype="float32",
        label="linear layer",
        check=lambda out, exact=exact: close(out, exact, rtol=1e-3 if on_gpu else 1e-5),
    )

# %% [markdown]
# **The same row in another library.** Where one row is far above its bound, this tells whether the machine is the cause
# or the kernel: the same weights and a vector, in NumPy's library on a processor.

# %%
row = torch.randn(WIDTH, device=ex.device)
exact = weights.double() @ row.double()
sides = (weights, row) if on_gpu else (weights.numpy(), row.numpy())
ex.predict("vector", seconds=ex.roofs.time(bytes=weight_bytes), formula="bytes of weights / bandwidth")
vector = ex.measure(
    "vector",
    lambda: sides[0] @ sides[1],
    work=Work(flop=2 * WIDTH * WIDTH, bytes=weight_bytes),
    dtype="float32",
    label="the same weights and a vector" + ("" if on_gpu else ", NumPy"),
    check=lambda out: close(torch.as_tensor(out), exact, rtol=1e-3 if on_gpu else 1e-5),
    inputs=sides,
)
ex.ratio("path", slow=timed[1], fast=vector, label="linear layer of one row over the same in another library")

# %% [markdown]
# **What a second row costs, and where the knee is.**

# %%
ex.ratio("second-row", slow=timed[2], fast=timed[1], label="two rows over one")
ex.ratio("many-rows", slow=timed[FULL[0]], fast=timed[1], label=f"{FULL[0]} rows over one", batch=FULL[0])
further = statistics.linear_regression(FULL, [timed[batch].seconds for batch in FULL]).slope  # seconds a row
if further <= 0:  # in a disturbed launch
    further = timed[FULL[-1]].seconds / FULL[-1]
rate = 2 * WIDTH * WIDTH / further
ex.report("full-rate", rate, unit="FLOP/s", better="higher", label="rate of further rows")
ex.report("knee-of-line", timed[1].seconds / further, unit="rows", better="lower", label="knee of the line")
roof, bandwidth = ex.roofs.flops("float32"), ex.roofs.bandwidth(weight_bytes)
if roof and bandwidth:
    ex.report("critical-batch", 4 / 2 * roof / bandwidth, unit="rows", better="lower", label="by the roofs")
