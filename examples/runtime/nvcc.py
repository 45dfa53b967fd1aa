# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# layer = "runtime"
# title = "nvcc: what becomes of a CUDA file, and how long each step takes"
# needs = ["cuda-compiler"]
# environment = "low"
# ///
"""One file with a kernel and a main program, compiled by the machine's own CUDA compiler for GPUs that are not here.

nvcc is a driver of other programs: the host's C++ compiler reads the file once for the host and once for each
architecture, cicc makes PTX of the device's part, ptxas makes code of the PTX, and the host's compiler and linker build
a program around it. `ptx` is the way to PTX, `code` the step from PTX to finished code for one architecture, and
`program` all of it. Nearly all that `ptx` costs is reading headers: `empty` is the same for a file with nothing in it.

A binary for several architectures repeats the device's part for each. From one and two architectures follows what each
costs more, and so what three take; that is held against the measurement.

What is checked: the PTX names its architecture and holds the fused multiply-add that was written, the code is an
ELF file, ptxas says how many registers a thread takes, and the program starts. Without a GPU its call of the
CUDA runtime gives an error, which is what a user without a driver sees; with one it counts the devices.

Caveats. These are times of whole processes, one run a launch, with warm files; they depend on the processor and on
the host's compiler. They are not comparable with `runtime/nvrtc`, which reads no headers, but for that difference.
"""

# %%
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from stackdoc import example

ex = example()
SOURCE = r"""
#include <cstdio>
extern "C" __global__ void axpy(int n, float a, const float *__restrict__ x, float *y) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = a * x[i] + y[i];
}
int main() {
    int count = 0;
    cudaError_t error = cudaGetDeviceCount(&count);
    std::printf("%d devices: %s\n", count, cudaGetErrorString(error));
}
"""
folder = Path(tempfile.mkdtemp(prefix="nvcc-"))
(folder / "axpy.cu").write_text(SOURCE)
(folder / "empty.cu").write_text("\n")


def run(*command: str) -> tuple[float, str]:
    """Seconds, and what it printed. Raises CalledProcessError with that when it fails."""
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return time.perf_counter() - began, done.stdout


def require(holds: bool, what: str) -> None:
    if not holds:
        raise ArithmeticError(what)


# ptxas and the linker are beside the compiler, wherever a link to it may stand.
ptxas = shutil.which("ptxas") or str(Path(shutil.which("nvcc") or "").resolve().with_name("ptxas"))
version = re.search(r"release ([\d.]+)", run("nvcc", "--version")[1])
ex.show(f"nvcc {version[1] if version else 'of an unknown version'}")

# %% [markdown]
# **To PTX, and from PTX to code**, by architecture.

# %%
ex.report("empty", run("nvcc", "-arch=compute_90", "-ptx", "empty.cu")[0], unit="s", label="an empty file to PTX")
for architecture in ex.sweep("architecture", [80, 90, 100], quick=[90]):
    seconds, _ = run("nvcc", f"-arch=compute_{architecture}", "-ptx", "axpy.cu")
    ptx = (folder / "axpy.ptx").read_text()
    require(f".target sm_{architecture}" in ptx, f"the PTX is not for sm_{architecture}")
    require(len(re.findall(r"\bfma\.rn\.f32\b", ptx)) == 1, "the PTX has not the one multiply-add that was written")
    ex.report("ptx", seconds, unit="s", label=f"to PTX for compute_{architecture}", architecture=architecture)

    seconds, said = run(ptxas, f"-arch=sm_{architecture}", "-v", "axpy.ptx", "-o", "axpy.cubin")
    require((folder / "axpy.cubin").read_bytes().startswith(b"\x7fELF"), "the code is no ELF file")
    registers = re.search(r"Used (\d+) registers", said)
    require(registers is not None, "ptxas does not say how many registers a thread takes")
    ex.report("code", seconds, unit="s", label=f"PTX to code for sm_{architecture}", architecture=architecture)
    ex.report("registers", int(registers[1]), label="registers of a thread", architecture=architecture)

# %% [markdown]
# **A whole program**, for one architecture, for two, for three. What the third takes is said before it is measured.

# %%
TARGETS = {1: (90,), 2: (80, 90), 3: (80, 90, 100)}
taken: dict[int, float] = {}
for count in ex.sweep("architectures", list(TARGETS), quick=[1, 2]):
    if count == 3:
        ex.report(
            "expected",
            2 * taken[2] - taken[1],
            unit="s",
            label="three architectures, from one and two",
            architectures=count,
        )
    chosen = [f"-gencode=arch=compute_{each},code=sm_{each}" for each in TARGETS[count]]
    taken[count], _ = run("nvcc", *chosen, "axpy.cu", "-o", "axpy")
    ex.report("program", taken[count], unit="s", label="a whole program", architectures=count)
ex.report("each-more", taken[2] - taken[1], unit="s", label="what a second architecture adds")

# %%
_, said = run("./axpy")
require(" devices: " in said, f"the program said {said!r}")
ex.show(said.strip())
shutil.rmtree(folder)
