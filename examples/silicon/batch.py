# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "silicon"
# title = "A linear layer by batch: from memory to arithmetic"
# devices = ["cpu", "cuda"]
# budget_seconds = 60
# ///
"""The time of one linear layer over the number of rows that pass through it together.

Its weights are read once whatever the batch, so by the roofline a small batch takes as long as one row, up
to the batch at which arithmetic takes over. That batch is the ridge times half the bytes of a weight.

Two things are reported. `critical-batch` is that formula with the roofs of this machine. `knee` is what was
measured: the batch whose arithmetic, at the rate of the largest batch here, takes as long as one row does. Between
them stands the code: for one row a library calls a matrix-vector kernel, for two a matrix-matrix kernel, which
may not be made for two.

Caveats. One thread, single precision. The weights take about 25 MiB and may lie in a large last-level cache; the
roof of that working set is used. Inputs and outputs are counted too, and matter little.
"""

# %%
import torch

from stackdoc import Work, close, example

ex = example()
torch.set_grad_enabled(False)
WIDTH = 8192 if ex.device == "cuda" else 2560
LARGE = 512 if ex.device == "cuda" else 32
weights = torch.randn(WIDTH, WIDTH, device=ex.device) / WIDTH**0.5
weight_bytes = 4 * WIDTH * WIDTH

# %%
timed = {}
for batch in ex.sweep("batch", [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024], quick=[1, 2, LARGE]):
    if batch > 4 * LARGE:
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
        check=lambda out, exact=exact: close(out, exact, rtol=1e-3 if ex.device == "cuda" else 1e-5),
    )

# %% [markdown]
# **What a second row costs, and where the knee is.**

# %%
ex.ratio("second-row", slow=timed[2], fast=timed[1], label="two rows over one")
ex.ratio("rows-together", slow=timed[LARGE], fast=timed[1], label=f"{LARGE} rows over one", batch=LARGE)
ex.report("knee", LARGE * timed[1].seconds / timed[LARGE].seconds, unit="rows", better="lower")
rate, bandwidth = ex.roofs.flops("float32"), ex.roofs.bandwidth(weight_bytes)
if rate and bandwidth:
    ex.report("critical-batch", 4 / 2 * rate / bandwidth, unit="rows", better="lower")
