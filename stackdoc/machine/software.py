"""What runs on the machine: versions, and the few environment variables that select code."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from stackdoc.machine import backends
from stackdoc.machine.backends import BACKENDS, DEVICE_LISTS
from stackdoc.model.machine import Software

# None of these holds a path or a name of a person; a value of another form is recorded as `set`.
VARIABLES = ("MALLOC_ARENA_MAX", "MKL_ENABLE_INSTRUCTIONS", "ONEDNN_MAX_CPU_ISA", *backends.VARIABLES)
HARMLESS = re.compile(r"[A-Za-z0-9_.,:+\- ]{0,80}")


def this_software(packages: Iterable[str] = (), root: Path = Path("/")) -> Software:
    """The versions of the named `packages` that are installed for this interpreter, and of what lies below."""
    return Software(
        python=platform.python_version(),
        system=_system(root),
        kernel=_numeric(platform.release()),
        stackdoc=_installed("stackdoc"),
        packages={name: found for name in sorted(set(packages)) if (found := _installed(name))},
        driver=_driver(root),
        environment=allowed_variables(os.environ),
    )


def allowed_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Those on the allow-list. Lists of devices may name one by its serial: they become their length."""
    found = {name: environment[name] for name in VARIABLES if name in environment}
    shown = {name: value if HARMLESS.fullmatch(value) else "set" for name, value in found.items()}
    lists = {name: environment[name] for name in DEVICE_LISTS if name in environment}
    counts = {name: f"{len([one for one in value.split(',') if one.strip()])} devices" for name, value in lists.items()}
    return shown | counts


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _system(root: Path) -> str:
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]}"
    try:
        text = (root / "etc/os-release").read_text(encoding="utf-8")
    except OSError:
        return platform.system()
    fields = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    words = [fields.get(name, "").strip("\"'") for name in ("NAME", "VERSION_ID")]
    return " ".join(word for word in words if word) or platform.system()


def _driver(root: Path) -> str:
    """The version of the first driver of an accelerator that the kernel has loaded, empty without one."""
    for file, pattern in (backend.driver for backend in BACKENDS if backend.driver[0]):
        try:
            text = (root / file).read_text(encoding="utf-8")
        except OSError:
            continue
        if match := re.search(pattern, text):
            return match[1]
    return ""


def _numeric(release: str) -> str:
    """Only the number: whoever builds a kernel may name it after anything."""
    found = re.match(r"\d+(\.\d+)*", release)
    return found[0] if found else ""
