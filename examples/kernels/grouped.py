# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.9"]
# [tool.stackdoc]
# layer = "kernels"
# title = "Grouped products: the same tokens, spread over more experts"
# devices = ["cpu", "cuda"]
# profiles = ["full"]
# data = ["docs/data/laws/kernels.yml"]
# budget_seconds = 60
# launches = 6
# ///
"""The first matrix of a mixture-of-experts layer: each token is multiplied by the matrix of its expert.

The number of tokens, and so the arithmetic, stays the same while the experts become more. What changes is the number of
weights that are read, and the number of rows that each matrix meets. At few experts the products are limited by
arithmetic; once each expert sees fewer tokens than the ridge needs, the layer is limited by reading weights.

`loop` calls the library once for each expert, on its rows. `padded` makes one batched call, for which all experts get
as many rows as the fullest. `grouped` is one call that knows where the rows of each expert begin. The routing is
`even`, or `skewed` as by a router without balancing: the counts of rows fall off as 1/k.

The prediction is the roofline of all products plus a dispatch for each call, at the rate that the library reaches with
one expert. For `padded` it counts the rows of padding, so the loss by an uneven router is in the prediction.

Caveats. One thread, single precision. Tokens are sorted by expert beforehand, which a real layer must do as well.
"""

# %%
import torch

from stackdoc import Work, close, example

ex = example()
torch.set_grad_enabled(False)
on_gpu = ex.device == "cuda"
TOKENS, WIDTH, INNER = (4096, 4096, 4096) if on_gpu else (256, 1024, 1024)
EXPERTS = [1, 2, 4, 8, 16, 32, 64]
NAMES = {"loop": "one call an expert", "padded": "padded to the fullest", "grouped": "one grouped call"}
tokens = torch.randn(TOKENS, WIDTH, device=ex.device)
weights = torch.randn(max(EXPERTS), WIDTH, INNER, device=ex.device) / WIDTH**0.5

# %% [markdown]
# **The routing**: how many rows each expert gets.


# %%
def counts(routing: str, experts: int) -> list[int]:
    """Rows of each expert, at least one, whose sum is TOKENS."""
    shares = [1 / (k + 1) if routing == "skewed" else 1.0 for k in range(experts)]
    rows = [max(1, int(TOKENS * share / sum(shares))) for share in shares]
    rows[0] += TOKENS - sum(rows)
    return rows


# %% [markdown]
# **Three ways.**


# %%
def loop(rows: list[int]) -> torch.Tensor:
    return torch.cat([part @ weights[k] for k, part in enumerate(tokens.split(rows))])


def padded(rows: list[int]) -> torch.Tensor:
    room = torch.zeros(len(rows), max(rows), WIDTH, device=ex.device)
    for k, part in enumerate(tokens.split(rows)):
        room[k, : rows[k]] = part
    out = torch.bmm(room, weights[: len(rows)])
    return torch.cat([out[k, :count] for k, count in enumerate(rows)])


def grouped(rows: list[int], ends: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.grouped_mm(tokens, weights[: len(rows)], offs=ends)


# %% [markdown]
# By the number of experts, evenly; and with a skewed router at one of them. With one expert the roof is that of the
# machine. With more, the rate of arithmetic is what the library reached with one.

# %%
dtype = "float32"
peak = ex.roofs.flops(dtype)
for routing, numbers in {"even": EXPERTS, "skewed": [32]}.items():
    for experts in ex.sweep("experts", numbers) if routing == "even" else numbers:
        rows = counts(routing, experts)
        ends = torch.tensor(rows).cumsum(0).to(torch.int32).to(ex.device)
        exact = torch.cat([part.double() @ weights[k].double() for k, part in enumerate(tokens.split(rows))])
        weight_bytes = 4 * experts * WIDTH * INNER
        work = Work(flop=2 * TOKENS * WIDTH * INNER, bytes=weight_bytes + 4 * TOKENS * (WIDTH + INNER))
        ways = {"loop": lambda rows=rows: loop(rows)}
        if not on_gpu:  # where the grouped product takes bfloat16 alone
            ways["grouped"] = lambda rows=rows, ends=ends: grouped(rows, ends)
        if experts == 32:
            ways["padded"] = lambda rows=rows: padded(rows)
        timed, bandwidth = {}, ex.roofs.bandwidth(weight_bytes)
        for name, call in ways.items():
            if peak and bandwidth:
                seconds = ex.law(
                    "grouped-time",
                    tokens=experts * max(rows) if name == "padded" else TOKENS,
                    inner=WIDTH,
                    columns=INNER,
                    experts=experts,
                    bytes_per_number=4,
                    peak=peak,
                    bandwidth=bandwidth,
                    calls=experts if name == "loop" else 1,
                    dispatch=ex.roofs.dispatch or 0,
                )
                ex.predict(name, seconds=seconds, experts=experts, routing=routing)
            timed[name] = ex.measure(
                name,
                call,
                work=work,
                dtype=dtype,
                label=NAMES[name],
                check=lambda out, exact=exact: close(out, exact, rtol=1e-3 if on_gpu else 1e-5),
                experts=experts,
                routing=routing,
            )
        if experts == 1:
            peak = work.flop / timed["loop"].seconds
        where = {"experts": experts, "routing": routing}
        ex.report("rows", TOKENS / experts, unit="rows", better="higher", label="rows an expert", **where)
        if "padded" in timed:
            ex.report("padding", experts * max(rows) / TOKENS, unit="×", label="padded rows over real ones", **where)
            ex.ratio("padding-cost", slow=timed["padded"], fast=timed["loop"], label="padded over a call each", **where)
