# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "llvmlite>=0.44"]
# [tool.stackdoc]
# layer = "runtime"
# title = "LLVM: one function for seven kinds of processor"
# environment = "low"
# ///
"""One function in LLVM's intermediate representation, made into assembly for processors that are not here.

The function adds a multiple of one array to another. The representation knows no registers, no width of vectors and no
calling convention. Those come with the target: three generations of x86-64, two of Arm, a GPU of NVIDIA, one of AMD.
On a processor the loop is spread over vectors, as wide as the target has. On a GPU each thread takes one element,
so the function is the loop's body, and the threads are the vector.

`per-operation` is the number of elements that one fused multiply-add of the result takes, as its registers say, and
is the law here: what the vectors of a target hold, 4, 8 or 16 in float32, and one where a thread takes an element. It
is read from the assembly and checked against the width that the target is known for.

`compile` is what it takes from the representation to assembly, with all passes.

Caveats. All from one library, so this is one compiler's view. Nothing is executed. Without a word to the contrary, LLVM
takes vectors of 256 bits for some processors that have 512; here it is told to take what there is.
"""

# %%
import re

import llvmlite.binding as llvm

from stackdoc import example

ex = example()
llvm.initialize_all_targets()
llvm.initialize_all_asmprinters()

# %% [markdown]
# The function, as a loop and as the body that a thread of a GPU executes. `INDEX` is how a thread is told which it is.

# %%
LOOP = """
target triple = "TRIPLE"
define void @axpy(float %a, ptr noalias %x, ptr noalias %y, i64 %n) "prefer-vector-width"="512" {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %x.at = getelementptr inbounds float, ptr %x, i64 %i
  %y.at = getelementptr inbounds float, ptr %y, i64 %i
  %u = load float, ptr %x.at
  %v = load float, ptr %y.at
  %w = call float @llvm.fma.f32(float %a, float %u, float %v)
  store float %w, ptr %y.at
  %next = add nuw nsw i64 %i, 1
  %again = icmp ult i64 %next, %n
  br i1 %again, label %loop, label %end
end:
  ret void
}
declare float @llvm.fma.f32(float, float, float)
"""
THREAD = """
target triple = "TRIPLE"
define KIND void @axpy(float %a, ptr addrspace(1) %x, ptr addrspace(1) %y) {
  %i = call i32 @INDEX()
  %x.at = getelementptr inbounds float, ptr addrspace(1) %x, i32 %i
  %y.at = getelementptr inbounds float, ptr addrspace(1) %y, i32 %i
  %u = load float, ptr addrspace(1) %x.at
  %v = load float, ptr addrspace(1) %y.at
  %w = call float @llvm.fma.f32(float %a, float %u, float %v)
  store float %w, ptr addrspace(1) %y.at
  ret void
}
declare i32 @INDEX()
declare float @llvm.fma.f32(float, float, float)
"""
NVIDIA = THREAD.replace("KIND", "ptx_kernel").replace("INDEX", "llvm.nvvm.read.ptx.sreg.tid.x")
AMD = THREAD.replace("KIND", "amdgpu_kernel").replace("INDEX", "llvm.amdgcn.workitem.id.x")

# %% [markdown]
# The targets: triple, processor, function, elements in a vector, and how a fused multiply-add looks with each width.

# %%
X86, ARM = "x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"
WIDE = {r"\bvfmadd\w+ps\b.*zmm": 16, r"\bvfmadd\w+ps\b.*ymm": 8, r"\bvfmadd\w+ps\b.*xmm": 4, r"\bvfmadd\w+ss\b": 1}
NEON = {r"\bfmla(?:\.4s)?\s+v\d+": 4, r"\bfmadd\s+s\d+": 1}
TARGETS = {
    "avx2": (X86, "haswell", LOOP, 8, WIDE),
    "avx512-skylake": (X86, "skylake-avx512", LOOP, 16, WIDE),
    "avx512-zen4": (X86, "znver4", LOOP, 16, WIDE),
    "neon-m1": ("arm64-apple-macosx", "apple-m1", LOOP, 4, NEON),
    "neon-n1": (ARM, "neoverse-n1", LOOP, 4, NEON),
    "sm_90": ("nvptx64-nvidia-cuda", "sm_90", NVIDIA, 1, {r"\bfma\.rn\.f32\b": 1}),
    "gfx942": ("amdgcn-amd-amdhsa", "gfx942", AMD, 1, {r"\bv_(?:pk_)?fm[a-z]+_f32": 1}),
}


def assembly(triple: str, processor: str, source: str) -> str:
    module = llvm.parse_assembly(source.replace("TRIPLE", triple))
    module.verify()
    machine = llvm.Target.from_triple(triple).create_target_machine(cpu=processor, opt=3)
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization = options.loop_unrolling = True
    llvm.create_pass_builder(machine, options).getModulePassManager().run(
        module, llvm.create_pass_builder(machine, options)
    )
    return machine.emit_assembly(module)


def elements(text: str, patterns: dict[str, int]) -> int:
    """Of the widest fused multiply-add in the text; 0 when there is none."""
    return max((width for pattern, width in patterns.items() if re.search(pattern, text)), default=0)


# %%
for target in ex.sweep("target", list(TARGETS), quick=["avx2", "avx512-zen4", "neon-m1", "sm_90", "gfx942"]):
    triple, processor, source, width, patterns = TARGETS[target]
    ex.measure(
        "compile",
        lambda triple=triple, processor=processor, source=source: assembly(triple, processor, source),
        target=target,
        label=target,
        check=lambda out, width=width, patterns=patterns: elements(out, patterns) == width,
    )
    text = assembly(triple, processor, source)
    found = next(line.strip() for line in text.splitlines() if any(re.search(each, line) for each in patterns))
    ex.show(f"{target}: {' '.join(found.split())}")
    ex.report("per-operation", elements(text, patterns), unit="elements", better="higher", label=target, target=target)
    lines = [line for line in text.splitlines() if re.match(r"\s+[a-z@]", line)]
    ex.report("instructions", len(lines), unit="instructions", label=target, target=target)
ex.show(f"LLVM {'.'.join(map(str, llvm.llvm_version_info))}")
