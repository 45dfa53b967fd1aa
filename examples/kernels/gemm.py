# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "torch>=2.5"]
# [tool.stackdoc]
# layer = "kernels"
# title = "Matrix multiplication: plain loops against the library"
# devices = ["cpu", "cuda"]
# claims = ["libraries-beat-plain-code"]
# budget_seconds = 60
# ///
"""One product of two n × n matrices, written four ways, against the roof of this machine.

`plain` is the triple loop in Python. `outer` adds n rank-one updates: every element operation is
vectorised, but the result passes through memory n times. `rows` makes each row of the result with one
matrix-vector product: n library calls, each reading the whole right-hand matrix. `library` is one call.

What to take away: vectorising is not enough. What the library adds is reuse: a block of the
matrices stays in registers and cache while all arithmetic that needs it is done.

Caveats. One thread. `plain` measures the Python interpreter as much as the loop, and it runs on the
host whatever the device; for compiled loops see `runtime/loops`. Small sizes measure the dispatch.
"""

# %%
import torch

from stackdoc import Work, close, example

ex = example()


# %% [markdown]
# The triple loop. It works on Python lists: indexing a tensor element by element would be slower still.


# %%
def plain(a: list[list[float]], b: list[list[float]]) -> list[list[float]]:
    n = len(a)
    c = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            total = 0.0
            for k in range(n):
                total += a[i][k] * b[k][j]
            c[i][j] = total
    return c


# %% [markdown]
# The same operations in another order, one vector at a time.


# %%
def outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    c = torch.zeros_like(a)
    for k in range(a.shape[0]):
        c.addr_(a[:, k], b[k])
    return c


def rows(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    transposed = b.t()
    return torch.stack([torch.mv(transposed, row) for row in a])


# %% [markdown]
# Each is checked against the product in double precision before it is timed, and the library's time is
# predicted from the arithmetic roof before it is known.

# %%
library = {}
for n in ex.sweep("n", [32, 64, 128, 256, 384, 512, 1024], quick=[32, 64, 128, 256, 512]):
    a, b = (torch.randn(n, n, device=ex.device) for _ in range(2))
    exact = a.double() @ b.double()
    work = Work(flop=2 * n**3, bytes=3 * n * n * 4)
    rtol = 1e-3 if ex.device == "cuda" else 1e-5

    def check(out: torch.Tensor, exact: torch.Tensor = exact, rtol: float = rtol) -> object:
        return close(out, exact, rtol=rtol)

    seconds = ex.roofs.time(flop=work.flop, dtype="float32")
    seconds = seconds and seconds + (ex.roofs.dispatch or 0)
    ex.predict("library", n=n, seconds=seconds, formula="2n³ / GEMM roof + dispatch")
    library[n] = ex.measure(
        "library", lambda a=a, b=b: torch.mm(a, b), n=n, work=work, dtype="float32", label="torch.mm", check=check
    )
    for name, multiply in {"rows": rows, "outer": outer}.items():
        if n > 512 or (ex.quick and (name == "outer" or n != 256)):
            continue
        way = ex.measure(
            name,
            lambda a=a, b=b, multiply=multiply: multiply(a, b),
            n=n,
            work=work,
            dtype="float32",
            label={"rows": "row by row", "outer": "rank-one updates"}[name],
            check=check,
        )
        ex.ratio(f"{name}-to-library", slow=way, fast=library[n], label=f"library over {name}", n=n)
    if n <= (32 if ex.quick else 64):
        left, right = a.tolist(), b.tolist()
        loop = ex.measure(
            "plain",
            lambda left=left, right=right: plain(left, right),
            n=n,
            work=work,
            dtype="float64",
            label="plain Python loop",
            on="host",
            check=lambda out, check=check: check(torch.tensor(out)),
        )
        ex.ratio("plain-to-library", slow=loop, fast=library[n], label="library over the plain loop", n=n)
