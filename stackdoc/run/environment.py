"""The environment variables of a launch: an allow-list, so that no secret of the caller gets in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import stackdoc

# What selects hardware and libraries; it is recorded too, and a change of it makes a record stale.
PASSED = (
    "PATH",
    "LD_LIBRARY_PATH",
    "CUDA_HOME",
    "CUDA_PATH",
    "CUDA_VISIBLE_DEVICES",
    "CUDA_MODULE_LOADING",
    "HIP_VISIBLE_DEVICES",
    "ROCR_VISIBLE_DEVICES",
    "NVIDIA_VISIBLE_DEVICES",
    "MALLOC_ARENA_MAX",
    "MKL_ENABLE_INSTRUCTIONS",
    "ONEDNN_MAX_CPU_ISA",
    "PYTORCH_CUDA_ALLOC_CONF",
    "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE",
    "CC",
    "CXX",
)
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def launch_environment(caller: Mapping[str, str], scratch: Path, threads: int) -> dict[str, str]:
    """All that a launch gets: home and temporary files are its scratch directory, threads are set."""
    passed = {name: caller[name] for name in PASSED if name in caller}
    return {
        **passed,
        **dict.fromkeys(THREADS, str(threads)),
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "LC_ALL": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(Path(stackdoc.__file__).parent.parent),
    }
