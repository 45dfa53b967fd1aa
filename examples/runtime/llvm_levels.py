# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "llvmlite>=0.44", "numpy"]
# [tool.stackdoc]
# layer = "runtime"
# title = "LLVM: what an optimisation level is worth, and what it may not do"
# environment = "low"
# ///
"""A dot product in LLVM's intermediate representation, compiled in this process at each optimisation level.

`strict` adds in the order that is written. Floating-point addition is not associative, so no level may add in another
order: each addition waits for the one before, and the loop takes as long as a chain of additions, however wide the
vectors of the chip are. `fast` carries the flag that gives the order up. Then the loop can be spread over vectors and
over several sums, and the levels that do so are worth it.

What to take away: the level decides less than the permission. Both are checked against a sum in double
precision, and the errors of both are reported, for giving up the order here makes the result better, not worse.

The level is that of the passes and of the code generator. Beside the time stand how many multiply-adds on vectors the
assembly holds, and what the compilation took.

Caveats. One thread, arrays that fit into a near cache. Level 0 also keeps nothing in registers from one pass of the
loop to the next, as a debugger wants it. `march` is that of this machine.
"""

# %%
import ctypes
import re
import time

import llvmlite.binding as llvm
import numpy as np

from stackdoc import Work, close, example

ex = example()
COUNT = 1 << 13

# %% [markdown]
# The loop. `FLAGS` is `fast` or nothing.

# %%
SOURCE = """
define float @dot(ptr noalias %x, ptr noalias %y, i64 %n) {
entry:
  %i.at = alloca i64
  %sum.at = alloca float
  store i64 0, ptr %i.at
  store float 0.0, ptr %sum.at
  br label %loop
loop:
  %i = load i64, ptr %i.at
  %sum = load float, ptr %sum.at
  %x.at = getelementptr inbounds float, ptr %x, i64 %i
  %y.at = getelementptr inbounds float, ptr %y, i64 %i
  %a = load float, ptr %x.at
  %b = load float, ptr %y.at
  %product = fmul FLAGS float %a, %b
  %more = fadd FLAGS float %sum, %product
  %next = add nuw nsw i64 %i, 1
  store float %more, ptr %sum.at
  store i64 %next, ptr %i.at
  %again = icmp ult i64 %next, %n
  br i1 %again, label %loop, label %end
end:
  %result = load float, ptr %sum.at
  ret float %result
}
"""
SIGNATURE = ctypes.CFUNCTYPE(ctypes.c_float, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
VECTOR_WORK = r"\bv(?:fmadd|mul|add)\w*ps\b.*[yz]mm|\bfml[as]\b.*v\d+\.4s"
llvm.initialize_native_target()
llvm.initialize_native_asmprinter()
target = llvm.Target.from_default_triple()


class Compiled:
    """The function at one level; `engine` owns the code and must outlive its calls."""

    def __init__(self, source: str, level: int) -> None:
        began = time.perf_counter()
        module = llvm.parse_assembly(source)
        module.verify()
        machine = target.create_target_machine(
            cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=level
        )
        if level:
            options = llvm.create_pipeline_tuning_options(speed_level=level)
            options.loop_vectorization = options.slp_vectorization = options.loop_unrolling = level > 1
            builder = llvm.create_pass_builder(machine, options)
            builder.getModulePassManager().run(module, builder)
        self.assembly = machine.emit_assembly(module)
        self.engine = llvm.create_mcjit_compiler(module, machine)
        self.engine.finalize_object()
        self.dot = SIGNATURE(self.engine.get_function_address("dot"))
        self.seconds = time.perf_counter() - began


# %% [markdown]
# The same inputs for all. The chain of additions binds `strict` at every level above the first, so what level 1 takes
# is what levels 2 and 3 are said to take.

# %%
drawn = np.random.default_rng(1)
x, y = (drawn.standard_normal(COUNT).astype(np.float32) for _ in range(2))
exact = float(x.astype(np.float64) @ y)
scale = float(np.abs(x.astype(np.float64) * y).sum())
ORDERS = {"strict": "", "fast": "fast"}
Compiled(SOURCE.replace("FLAGS", ""), 3)  # the first compilation of a process loads what the others use
timed = {}
for order, flags in ORDERS.items():
    for level in ex.sweep("level", [0, 1, 2, 3], quick=[0, 1, 3]):
        made = Compiled(SOURCE.replace("FLAGS", flags), level)
        ex.report(
            "compile", made.seconds, unit="s", label=f"compiling {order} at level {level}", level=level, order=order
        )
        vectors = len(re.findall(VECTOR_WORK, made.assembly))
        ex.report("vectors", vectors, label=f"vector operations, {order} at level {level}", level=level, order=order)
        if order == "strict" and level > 1:
            ex.predict("dot", timed[order, 1].seconds, "that of level 1", level=level, order=order)
        timed[order, level] = ex.measure(
            "dot",
            lambda made=made: made.dot(x.ctypes.data, y.ctypes.data, COUNT),
            level=level,
            order=order,
            work=Work(flop=2 * COUNT, bytes=8 * COUNT),
            dtype="float32",
            label=f"{order}, level {level}",
            check=lambda out: close((out - exact) / scale, 0.0, rtol=1e-5),
        )
    error = abs(made.dot(x.ctypes.data, y.ctypes.data, COUNT) - exact) / scale
    ex.report("error", error, label=f"error, {order}, in parts of the sum of magnitudes", order=order)

# %%
ex.ratio("level", slow=timed["strict", 0], fast=timed["strict", 3], label="strict: level 0 over level 3")
ex.ratio("level-fast", slow=timed["fast", 0], fast=timed["fast", 3], label="fast: level 0 over level 3")
ex.ratio("permission", slow=timed["strict", 3], fast=timed["fast", 3], label="level 3: strict over fast")
ex.show(f"LLVM {'.'.join(map(str, llvm.llvm_version_info))}")
