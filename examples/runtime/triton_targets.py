# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "triton>=3.4"]
# [tool.stackdoc]
# layer = "runtime"
# title = "Triton: one kernel, compiled for three GPUs that are not here"
# environment = "low"
# ///
"""The text of one matrix product, compiled by Triton for two generations of NVIDIA GPU and for one of AMD.

The kernel says what a program computes on a tile. Which instructions multiply matrices, how a tile is spread over
threads and registers, and what is loaded at once is the compiler's business, and differs by target: `mma.sync` works
for one warp of 32 threads, `wgmma` for a group of four warps, `v_mfma` for a wave of 64. That is read from the code.

What an instruction does stands in its name, as the shape of what it multiplies. A program of w warps whose warps each
hold k instructions of m × n × k' does 2 m n k' k w operations (for `wgmma`, which takes four warps, a quarter of it),
and that must be the 2 M N K of its tile. So the code is checked without being run.

The time of a compilation is reported by target, and for each step of it. A program that chooses among many shapes of
tile, as autotuning does, pays it for each.

Caveats. One small tile, one shape. Compiled from the syntax tree of the kernel, without a cache. The first
compilation of a process loads the compiler and is not counted. Nothing is executed.
"""

# %%
import re

import triton
import triton.language as tl
from triton import knobs
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from stackdoc import example

ex = example()
M, N, K, WARPS = 64, 64, 32, 4


@triton.jit
def multiply(a, b, c, M: tl.constexpr, N: tl.constexpr, K: tl.constexpr):
    rows, columns, inner = tl.arange(0, M), tl.arange(0, N), tl.arange(0, K)
    left = tl.load(a + rows[:, None] * K + inner[None, :])
    right = tl.load(b + inner[:, None] * N + columns[None, :])
    tl.store(c + rows[:, None] * N + columns[None, :], tl.dot(left, right))


# %% [markdown]
# The targets: what the code is called, and how a matrix instruction gives its shape. Pointers are multiples of 16
# bytes, so that loads may be wide.

# %%
TARGETS = {
    "sm_80": (GPUTarget("cuda", 80, 32), "ptx", r"mma\.sync\.aligned\.m(\d+)n(\d+)k(\d+)\.", 1),
    "sm_90": (GPUTarget("cuda", 90, 32), "ptx", r"wgmma\.mma_async\.sync\.aligned\.m(\d+)n(\d+)k(\d+)\.", 4),
    "gfx942": (GPUTarget("hip", "gfx942", 64), "amdgcn", r"v_mfma_f32_(\d+)x(\d+)x(\d+)_f16", 1),
}
POINTERS = {"a": "*fp16", "b": "*fp16", "c": "*fp32"}
SIZES = {"M": M, "N": N, "K": K}
ALIGNED = {(position,): [["tt.divisibility", 16]] for position in range(3)}
steps: dict[str, float] = {}


def note_steps(**seen: object) -> None:
    """Keeps what the compiler says it took, in seconds by step."""
    times = seen["times"]
    steps.clear()
    steps.update({"syntax-tree": times.ir_initialization / 1e6})
    steps.update({name: microseconds / 1e6 for name, microseconds in times.lowering_stages})


knobs.compilation.always_compile = True
knobs.compilation.listener = note_steps


def compiled(target: GPUTarget) -> dict[str, str | bytes]:
    signature = {**POINTERS, **dict.fromkeys(SIZES, "constexpr")}
    source = ASTSource(fn=multiply, signature=signature, constexprs=SIZES, attrs=ALIGNED)
    return triton.compile(source, target=target, options={"num_warps": WARPS}).asm


# %%
compiled(TARGETS["sm_80"][0])
for name in ex.sweep("target", list(TARGETS)):
    target, kind, pattern, warps_together = TARGETS[name]
    code = compiled(target)
    shapes = [tuple(map(int, shape)) for shape in re.findall(pattern, code[kind])]
    done = sum(2 * m * n * k for m, n, k in shapes) * WARPS // warps_together
    if done != 2 * M * N * K:
        raise ArithmeticError(f"{name}: the matrix instructions do {done} operations, the tile has {2 * M * N * K}")
    ex.show(f"{name}: {len(shapes)} instructions of {' × '.join(map(str, shapes[0]))}")
    ex.report("instructions", len(shapes), label=f"matrix instructions of a warp, {name}", target=name)
    ex.report("each", done / len(shapes) / WARPS, unit="FLOP", better="higher", label="of one, a warp", target=name)
    ex.report("compile", sum(steps.values()), unit="s", label=f"compiling for {name}", target=name)
    for step, seconds in steps.items():
        ex.report("step", seconds, unit="s", label=f"{name}: {step}", target=name, step=step)
