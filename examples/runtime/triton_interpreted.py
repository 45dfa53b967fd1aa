# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5", "triton>=3.4"]
# [tool.stackdoc]
# layer = "runtime"
# title = "Triton, interpreted: a GPU kernel tested on a processor"
# environment = "low"
# ///
"""A softmax written for GPUs in Triton's language, executed by its interpreter, one program after the other.

The interpreter runs the kernel's own text with NumPy, so a kernel can be tested, and stopped in a debugger, where no
GPU is. That tests its arithmetic and its indices, also for a row that is no power of two and needs a mask. It tests
neither races between programs, since there is one at a time, nor speed.

How slow it is follows a law. A program costs a constant, for each of its operations is a call from Python, and a
little for each element. So the time goes with the number of programs, whatever they compute: the time for many is
predicted from that for few, and a program on a long row costs nearly what one on a short row does.

Caveats. One thread. The library's softmax, on the processor, is what the result is checked against, and stands beside
the interpreter to show the distance; it says nothing of a GPU.
"""

# %%
import os

os.environ["TRITON_INTERPRET"] = "1"  # read when a kernel is defined

import torch
import triton
import triton.language as tl

from stackdoc import close, example

ex = example()


@triton.jit
def softmax(x, y, columns, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    offsets = tl.arange(0, BLOCK)
    inside = offsets < columns
    values = tl.load(x + row * columns + offsets, mask=inside, other=-float("inf"))
    powers = tl.exp(values - tl.max(values, 0))
    tl.store(y + row * columns + offsets, powers / tl.sum(powers, 0), mask=inside)


def interpreted(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    rows, columns = x.shape
    softmax[(rows,)](x, y, columns, BLOCK=triton.next_power_of_2(columns))
    return y


# %% [markdown]
# Rows are programs. The longer sweep is predicted from the first size.

# %%
COLUMNS = 300
found = {}
for rows in ex.sweep("rows", [4, 16, 64], quick=[4, 16]):
    x = torch.randn(rows, COLUMNS)
    y = torch.empty_like(x)
    reference = torch.softmax(x.double(), 1)
    if found:
        ex.predict("interpreted", seconds=rows / 4 * found[4].seconds, formula="programs × that of one", rows=rows)
    found[rows] = ex.measure(
        "interpreted",
        lambda x=x, y=y: interpreted(x, y),
        rows=rows,
        label=f"interpreted, {rows} programs",
        check=lambda out, reference=reference: close(out, reference, rtol=1e-5),
    )
ex.report("program", found[16].seconds / 16, unit="s", label="one program, interpreted")

# %% [markdown]
# **Longer rows, as many programs**: what elements cost beside calls.

# %%
x = torch.randn(4, 16 * COLUMNS)
y = torch.empty_like(x)
long = ex.measure(
    "long-rows",
    lambda: interpreted(x, y),
    label="interpreted, 4 programs on rows 16 times as long",
    check=lambda out: close(out, torch.softmax(x.double(), 1), rtol=1e-5),
)
ex.ratio("length", slow=long, fast=found[4], label="rows 16 times as long over short ones")

# %%
x = torch.randn(16, COLUMNS)
library = ex.measure(
    "library",
    lambda: torch.softmax(x, 1),
    label="torch.softmax, 16 rows",
    check=lambda out: close(out, torch.softmax(x.double(), 1), rtol=1e-5),
)
ex.ratio("distance", slow=found[16], fast=library, label="interpreted over the library")
