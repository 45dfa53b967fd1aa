"""The environment variables of a launch: an allow-list, so that no secret of the caller gets in."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import stackdoc
from stackdoc.machine.software import DEVICE_LISTS, VARIABLES

# Besides what is recorded with every figure: where programs and libraries are found.
PLACES = ("PATH", "LD_LIBRARY_PATH", "CUDA_HOME", "CUDA_PATH", "NVIDIA_VISIBLE_DEVICES", "CC", "CXX")
PASSED = (*PLACES, *VARIABLES, *DEVICE_LISTS)
PACKAGE = Path(stackdoc.__file__).resolve().parent
NOBODY = "example"  # the user's name where a library asks for it
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def launch_environment(
    caller: Mapping[str, str], scratch: Path, temporary: Path, threads: int, interpreter: str = sys.executable
) -> dict[str, str]:
    """All that a launch gets: home is its scratch directory, temporary files go where told, threads are set.

    The interpreter of a named environment finds this stackdoc by a link, and its own programs before others.
    """
    passed = {name: caller[name] for name in PASSED if name in caller}
    if interpreter == sys.executable:
        passed["PYTHONPATH"] = str(PACKAGE.parent)
    else:
        programs = Path(interpreter).parent
        passed["PYTHONPATH"] = str(linked(programs.parent))
        passed["PATH"] = os.pathsep.join([str(programs), *filter(None, [passed.get("PATH")])])
    return {
        **passed,
        **dict.fromkeys(THREADS, str(threads)),
        **dict.fromkeys(("LOGNAME", "USER"), NOBODY),
        "HOME": str(scratch),
        "TMPDIR": str(temporary),
        "LC_ALL": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
    }


def linked(place: Path) -> Path:
    """The directory that holds a link to this stackdoc and nothing else: checkouts can share an environment."""
    return place / "stackdoc" / hashlib.sha256(str(PACKAGE).encode()).hexdigest()[:12]
