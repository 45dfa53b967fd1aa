"""The environment variables of a launch: an allow-list, so that no secret of the caller is passed on."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import stackdoc
from stackdoc.machine import backends
from stackdoc.machine.software import VARIABLES

# Where programs and libraries are found. The other variables that are passed on are recorded with every figure.
SEARCH_PATHS = ("PATH", "LD_LIBRARY_PATH", "CC", "CXX", *backends.PLACES)
PASSED = (*SEARCH_PATHS, *VARIABLES, *backends.DEVICE_LISTS)
PACKAGE = Path(stackdoc.__file__).resolve().parent
USER = "example"  # instead of the caller's user name
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def launch_environment(
    caller: Mapping[str, str], scratch: Path, temporary: Path, threads: int, interpreter: str = sys.executable
) -> dict[str, str]:
    """Return the environment variables of a launch.

    `scratch` becomes its home directory, `temporary` its directory for temporary files. The interpreter of a named
    environment imports this stackdoc through a link, and finds its own programs before others.
    """
    passed = {name: caller[name] for name in PASSED if name in caller}
    if interpreter == sys.executable:
        passed["PYTHONPATH"] = str(PACKAGE.parent)
    else:
        programs = Path(interpreter).parent
        passed["PYTHONPATH"] = str(link_directory(programs.parent))
        passed["PATH"] = os.pathsep.join([str(programs), *filter(None, [passed.get("PATH")])])
    return {
        **passed,
        **dict.fromkeys(THREADS, str(threads)),
        **dict.fromkeys(("LOGNAME", "USER"), USER),
        "HOME": str(scratch),
        "TMPDIR": str(temporary),
        "LC_ALL": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
    }


def link_directory(environment: Path) -> Path:
    """Return the directory with the link to this stackdoc. Each checkout that shares the environment has its own."""
    return environment / "stackdoc" / hashlib.sha256(str(PACKAGE).encode()).hexdigest()[:12]
