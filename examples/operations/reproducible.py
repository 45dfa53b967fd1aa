# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "operations"
# title = "Again, bit by bit: what a repeated run needs"
# devices = ["cpu", "cuda"]
# claims = ["tracking-makes-reproducible"]
# budget_seconds = 30
# ///
"""A short training run, repeated from its record, and what has to stay the same for the same bits to come out.

The record holds what trackers keep: seed, data, parameters, code. It is written as JSON, and the run is repeated from
what was written: with nothing changed, with another number of threads, which trackers don't ask for, and with the rows
of each batch in another order, which is the same sum on paper. Then one row goes through one layer alone and in a batch
of 64, as it happens to a request on a busy server. Rounding is the suspect, and it is put to the test: the same layer
on small whole numbers, whose sums are exact in any order, must give the same bits.

Last, the price of torch's switch for deterministic algorithms: buffers that are allocated and then overwritten, sums
by index, and a training step. The switch also fills fresh memory with NaN; that can be turned off by itself.

Caveats. A small model for a few steps, float32; which results move, and how far, depends on library and processor.
On a device the number of threads of the host changes nothing, and sums by index use atomic operations unless the
switch is on.
"""

# %%
import json
import zlib

import torch
from torch.nn.functional import linear, mse_loss

from stackdoc import close, example

ex = example()
ROWS, WIDTH, BATCH, STEPS = 1024, 128, 512, 4


# %% [markdown]
# One run from one record: all weights after a few steps.


# %%
def network() -> torch.nn.Sequential:
    layers = [torch.nn.Linear(WIDTH, 2 * WIDTH), torch.nn.LayerNorm(2 * WIDTH), torch.nn.GELU()]
    return torch.nn.Sequential(*layers, torch.nn.Linear(2 * WIDTH, 1)).to(ex.device)


RECORD = json.dumps({"seed": 0, "rows": ROWS, "batch": BATCH, "steps": STEPS, "rate": 0.1})


def train(threads: int = 1, reverse: bool = False, **changed: int) -> torch.Tensor:
    """Of the record as it was written, but for what is changed."""
    tracked = json.loads(RECORD) | changed
    torch.manual_seed(tracked["seed"])
    data = torch.randn(tracked["rows"], WIDTH)
    batches = [torch.randint(tracked["rows"], (tracked["batch"],)) for _ in range(tracked["steps"])]
    model = network()
    torch.set_num_threads(threads)
    for batch in batches:
        rows = data[batch.flip(0) if reverse else batch].to(ex.device)
        model.zero_grad()
        mse_loss(model(rows), rows[:, :1] * rows[:, 1:2]).backward()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter -= tracked["rate"] * parameter.grad
    torch.set_num_threads(ex.threads)
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def equal(one: torch.Tensor, other: torch.Tensor) -> float:
    """The share of numbers that agree in every bit."""
    return float((one == other).float().mean())


CHANGES = {
    "nothing": ("repeated from its record", {}),
    "threads": ("with two threads", {"threads": 2}),
    "order": ("with the rows of each batch reversed", {"reverse": True}),
    "seed": ("with another seed", {"seed": 1}),
}
reference = train()
digest = zlib.crc32(reference.cpu().numpy().tobytes()) / 2**32
ex.report("digest", digest, label="checksum of the weights, the same in every launch or not")
for changed in ex.sweep("changed", [*CHANGES]):
    label, options = CHANGES[changed]
    again = train(**options)
    ex.report("equal", equal(again, reference), unit="%", better="higher", label=label, changed=changed)
    apart = float((again - reference).abs().max() / reference.abs().max())
    ex.report("apart", apart, better="lower", label=label, changed=changed)

# %% [markdown]
# One row alone, and the same row in a batch: with real numbers, and with whole ones whose sums are exact.


# %%
def alone_against_batch(weights: torch.Tensor, rows: torch.Tensor) -> float:
    return equal(linear(rows[:1], weights), linear(rows, weights)[:1])


torch.manual_seed(3)
size = (1024, 1024)
inputs = {
    "real": (torch.randn(size, device=ex.device), torch.randn(64, 1024, device=ex.device)),
    "whole": (
        torch.randint(-8, 8, size, device=ex.device).float(),
        torch.randint(-8, 8, (64, 1024), device=ex.device).float(),
    ),
}
LABELS = {"real": "a row alone and among 64", "whole": "the same, with whole numbers"}
for numbers in ex.sweep("numbers", [*inputs]):
    share = alone_against_batch(*inputs[numbers])
    ex.report("batch", share, unit="%", better="higher", label=LABELS[numbers], numbers=numbers)

# %% [markdown]
# The price of deterministic algorithms.

# %%
source = torch.randn(4096, 32, device=ex.device)
index = torch.randint(512, (4096,), device=ex.device)
sums = torch.randn(512, 32, device=ex.device)
long = torch.randn(1 << 18, device=ex.device)
model = network()
rows = torch.randn(64, WIDTH, device=ex.device)


def step() -> torch.Tensor:
    model.zero_grad()
    loss = mse_loss(model(rows), rows[:, :1])
    loss.backward()
    return loss.detach()


exact = sums.double().index_add(0, index, source.double())
calls = {
    "buffer": (lambda: torch.empty_like(long).copy_(long), "allocate and overwrite 1 MiB", long.clone()),
    "sums": (lambda: sums.index_add(0, index, source), "sums by index", exact),
    "step": (step, "forward and backward", step()),
}
MODES = {"free": ("default", True), "deterministic": ("warn", True), "unfilled": ("warn", False)}
for call in ex.sweep("call", [*calls], quick=["buffer", "step"]):
    function, label, expected = calls[call]
    timed = {}
    for mode, (switch, fill) in MODES.items():
        torch.set_deterministic_debug_mode(switch)
        torch.utils.deterministic.fill_uninitialized_memory = fill
        timed[mode] = ex.measure(
            call,
            function,
            label=f"{label}, {mode}",
            check=lambda out, expected=expected: close(out, expected, rtol=1e-4),
            mode=mode,
        )
    torch.set_deterministic_debug_mode("default")
    torch.utils.deterministic.fill_uninitialized_memory = True
    ex.ratio("price", slow=timed["deterministic"], fast=timed["free"], label=f"{label}: switch on over off", call=call)
    ex.ratio("unfilled", slow=timed["unfilled"], fast=timed["free"], label=f"{label}: no filling", call=call)
