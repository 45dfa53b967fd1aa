# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "numpy", "torch>=2.5"]
# [tool.stackdoc]
# layer = "platform"
# title = "From the start of a process to its first operation, in stages"
# devices = ["cpu"]
# budget_seconds = 60
# ///
"""A new process starts, imports numpy, imports torch, and multiplies two matrices twice. Each stage is timed.

The stages are stamped inside the child on the system's monotonic clock, which parent and child share. For each
stage the child also says how much processor time it used: what is not processor time was waiting, for storage or for a
core. Then numpy is imported by two more processes, one with an empty cache of bytecode, which is what an image
holds that was built without compiled modules and is mounted read-only.

Caveats. Files are in the page cache after the first launch: this is a cold process on a warm machine. A node that
has never run the program also reads every file, and a network file system answers for each. The child inherits nothing
of the parent's modules. Each stage is one sample a launch, since a process starts only once.
"""

# %%
import json
import subprocess
import sys
import tempfile
import time

from stackdoc import example

ex = example()

# %% [markdown]
# The child stamps the wall clock and its own processor time after each stage, and checks its product.

# %%
CHILD = """
import time
stamps = [("interpreter", time.monotonic_ns(), time.process_time_ns())]
def stamp(name):
    stamps.append((name, time.monotonic_ns(), time.process_time_ns()))
import numpy
stamp("numpy")
import torch
torch.set_num_threads(1)
stamp("torch")
a, b = torch.randn(256, 256), torch.randn(256, 256)
first = torch.mm(a, b)
stamp("first-operation")
second = torch.mm(a, b)
stamp("second-operation")
import json, os, sys
error = float((second - a.double() @ b.double()).abs().max())
maps = "/proc/self/maps"
mapped = {line.split()[-1] for line in open(maps) if ".so" in line} if os.path.exists(maps) else ()
print(json.dumps({"stamps": stamps, "error": error, "modules": len(sys.modules),
                  "library_bytes": sum(os.path.getsize(path) for path in mapped if os.path.exists(path))}))
"""


def run_child(code: str, *options: str) -> tuple[int, str]:
    """When it was started (monotonic ns), and what it printed."""
    began = time.monotonic_ns()
    done = subprocess.run([sys.executable, *options, "-c", code], capture_output=True, text=True, check=True)
    return began, done.stdout


# %% [markdown]
# The stages, one after another.

# %%
LABELS = {
    "interpreter": "start of the interpreter",
    "numpy": "import numpy",
    "torch": "import torch",
    "first-operation": "first product",
    "second-operation": "second product",
}
began, printed = run_child(CHILD)
seen = json.loads(printed)
if not seen["error"] < 1e-3:
    raise ArithmeticError(f"the child's product is wrong by {seen['error']}")
before_wall, before_cpu = began, 0
for stage, wall, cpu in seen["stamps"]:
    ex.report("stage", (wall - before_wall) / 1e9, unit="s", label=LABELS[stage], stage=stage)
    if stage in ("numpy", "torch"):
        share = (cpu - before_cpu) / (wall - before_wall)
        ex.report("cpu-share", share, unit="%", better="higher", label=f"{LABELS[stage]}: processor time", stage=stage)
    before_wall, before_cpu = wall, cpu
ex.report("total", (before_wall - began) / 1e9, unit="s", label="start to second product")
ex.report("modules", seen["modules"], unit="modules", label="Python modules loaded")
if seen["library_bytes"]:
    ex.report("library-bytes", seen["library_bytes"], unit="B", label="compiled libraries mapped")
ex.ratio("first-to-second", slow="stage;stage=first-operation", fast="stage;stage=second-operation")
ex.ratio("import-to-start", slow="stage;stage=torch", fast="stage;stage=interpreter", label="interpreter over torch")

# %% [markdown]
# The same import with bytecode at hand, and with every module compiled again.

# %%
IMPORT = "import time; began = time.monotonic_ns(); import numpy; print(time.monotonic_ns() - began)"
with tempfile.TemporaryDirectory() as empty:
    for bytecode, options in {"kept": (), "compiled": ("-X", f"pycache_prefix={empty}")}.items():
        _, printed = run_child(IMPORT, *options)
        label = "import numpy, bytecode kept" if bytecode == "kept" else "import numpy, bytecode compiled anew"
        ex.report("import", int(printed) / 1e9, unit="s", label=label, bytecode=bytecode)
ex.ratio("bytecode-gain", slow="import;bytecode=compiled", fast="import;bytecode=kept")
