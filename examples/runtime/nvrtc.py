# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "cuda-bindings", "nvidia-cuda-nvrtc"]
# [tool.stackdoc]
# layer = "runtime"
# title = "NVRTC: a CUDA kernel compiled while the program runs, without a GPU"
# environment = "low"
# ///
"""The text of a CUDA kernel becomes code for a GPU that is not here, by the compiler that ships as a library.

A program that makes kernels at run time pays for each of them, in every process and for every kind of GPU. `ptx` is
what the compiler gives for a virtual architecture; the driver finishes it when the kernel is loaded. `cubin` is
finished code for one real architecture, so the driver has nothing left to do, and the program must hold one for each.

How the time grows with the kernel is asked too. Were each of k multiply-adds as dear as the one before, it would be
a + b k. Both are taken from two small kernels, and a larger one is held against the line through them: what it takes
beyond the line says that a compiler does more than read, for its passes look at pairs of instructions as well.

Each result is checked: it names the architecture that was asked for, and holds as many fused multiply-adds as were
written.

Caveats. The compiler's time depends on the processor alone. The kernels include no header; one that does takes longer.
Nothing is executed, so nothing is said about how fast the code is. The first compilation of a process, which loads the
compiler, is not among the timed ones.
"""

# %%
import re
import time

from cuda.bindings import nvrtc

from stackdoc import example

ex = example()

# %% [markdown]
# A kernel of `terms` multiply-adds, each of which needs the one before.


# %%
def kernel(terms: int) -> bytes:
    body = "\n".join(f"    y = a * y + x[i * {terms} + {k}];" for k in range(terms))
    return f"""extern "C" __global__ void chain(float a, const float *x, float *out) {{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    float y = out[i];
{body}
    out[i] = y;
}}""".encode()


def checked(result: tuple) -> tuple:
    """The values of a call without its error code. Raises RuntimeError for any but success."""
    error, *values = result
    if error != nvrtc.nvrtcResult.NVRTC_SUCCESS:
        raise RuntimeError(f"NVRTC: {error.name}")
    return tuple(values)


KINDS = {
    "ptx": ("compute", nvrtc.nvrtcGetPTXSize, nvrtc.nvrtcGetPTX),
    "cubin": ("sm", nvrtc.nvrtcGetCUBINSize, nvrtc.nvrtcGetCUBIN),
}


def compiled(source: bytes, kind: str, architecture: int) -> bytes:
    prefix, size_of, get = KINDS[kind]
    (program,) = checked(nvrtc.nvrtcCreateProgram(source, b"chain.cu", 0, [], []))
    try:
        checked(nvrtc.nvrtcCompileProgram(program, 1, [f"--gpu-architecture={prefix}_{architecture}".encode()]))
        (size,) = checked(size_of(program))
        content = bytes(size)
        checked(get(program, content))
        return content
    finally:
        nvrtc.nvrtcDestroyProgram(program)


def multiply_adds(ptx: bytes) -> int:
    return len(re.findall(rb"\bfma\.rn\.f32\b", ptx))


# %% [markdown]
# The same kernel for several generations of GPU, as PTX and as finished code.

# %%
TERMS = 16
source = kernel(TERMS)
compiled(source, "cubin", 90)
for architecture in ex.sweep("architecture", [80, 90, 100], quick=[90]):
    ptx = ex.measure(
        "ptx",
        lambda architecture=architecture: compiled(source, "ptx", architecture),
        architecture=architecture,
        label=f"to PTX for compute_{architecture}",
        check=lambda out, architecture=architecture: (
            f".target sm_{architecture}".encode() in out and multiply_adds(out) == TERMS
        ),
    )
    cubin = ex.measure(
        "cubin",
        lambda architecture=architecture: compiled(source, "cubin", architecture),
        architecture=architecture,
        label=f"to code for sm_{architecture}",
        check=lambda out: out.startswith(b"\x7fELF") and b".text.chain" in out,
    )
    ex.ratio("finishing", slow=cubin, fast=ptx, label="finished code over PTX", architecture=architecture)

# %% [markdown]
# **By size.** Each kernel is compiled three times, and the middle time counts.


# %%
def seconds_for(terms: int) -> float:
    text, taken = kernel(terms), []
    for _ in range(3):
        began = time.perf_counter()
        out = compiled(text, "ptx", 90)
        taken.append(time.perf_counter() - began)
        if multiply_adds(out) != terms:
            raise ArithmeticError(f"{terms} multiply-adds were written, {multiply_adds(out)} compiled")
    return sorted(taken)[1]


SIZES = (16, 64, 192)
seconds = {terms: seconds_for(terms) for terms in SIZES}
small, middle, large = SIZES
each = (seconds[middle] - seconds[small]) / (middle - small)
line = seconds[small] + each * (large - small)
ex.report("each", each, unit="s", label="each multiply-add, from the two small kernels")
for terms in SIZES:
    ex.report("by-size", seconds[terms], unit="s", label=f"{terms} multiply-adds to PTX", terms=terms)
ex.report("line", line, unit="s", label=f"{large} multiply-adds by the line through the others", terms=large)
ex.report("beyond-line", seconds[large] / line, unit="×", label="measured over the line", terms=large)
ex.show(f"NVRTC {'.'.join(map(str, checked(nvrtc.nvrtcVersion())))}")
