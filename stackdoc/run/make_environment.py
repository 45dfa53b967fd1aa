"""Named environments on disk: what there is of them, and how one is made. A half-made one is never taken for made."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path
from time import monotonic

from filelock import FileLock, Timeout
from packaging.utils import canonicalize_name

from stackdoc.errors import Problem, StackdocError
from stackdoc.files import write_atomically
from stackdoc.model.environment import Creation, Environment, Installation
from stackdoc.model.machine import Machine
from stackdoc.plan.plan import NEEDS
from stackdoc.project import ENVIRONMENTS, MADE_ENVIRONMENTS
from stackdoc.run.process.variables import PACKAGE, linked

MARKER = "made.json"  # written last, with the digest of what was asked for
ELSEWHERE = "which knows another place of stackdoc"  # made whole, by another checkout
CONSTRAINTS = "constraints.txt"

Tell = Callable[[str], None]


def inspect_environment(root: Path, environment: Environment, machine: Machine) -> Installation:
    """What there is of it here, from files alone: its interpreter is not started."""
    place = root / MADE_ENVIRONMENTS / environment.name
    lack = _lack(place, environment)
    if lack:
        return Installation(environment.name, f"{lack}: stackdoc env create {environment.name}")
    if program := _missing_program(environment):
        hint = f" (Debian: {' '.join(environment.debian)})" if environment.debian else ""
        return Installation(environment.name, f"which needs {program}{hint}")
    packages = installed_packages(_site_packages(place))
    devices = usable_devices(machine, packages)
    return Installation(environment.name, "", str(_interpreter(place)), _python_of(place), packages, devices)


def usable_devices(machine: Machine, packages: Mapping[str, str]) -> frozenset[str]:
    """`cpu`, and what the installed torch was built for: `cuda` (its name for ROCm too) beside an accelerator
    that was found, `xpu` by its build alone, `mps` on a processor of Apple."""
    torch = packages.get("torch", "")
    if not torch or torch.endswith("+cpu"):
        return frozenset({"cpu"})
    if machine.vendor == "Apple":
        return frozenset({"cpu", "mps"})
    if torch.endswith("+xpu"):
        return frozenset({"cpu", "xpu"})
    return frozenset({"cpu", "cuda"} if machine.accelerators else {"cpu"})


def installed_packages(places: list[Path] | None = None) -> dict[str, str]:
    """Versions by normalised name, of this interpreter or of directories; of two installations the one found first."""
    packages: dict[str, str] = {}
    for distribution in distributions() if places is None else distributions(path=list(map(str, places))):
        name = distribution.metadata["Name"]
        if name:
            packages.setdefault(canonicalize_name(name), distribution.version)
    return packages


def size_bytes(root: Path, name: str) -> int:
    """What the environment takes on disk; a file with two names counts once."""
    found = [
        path.lstat() for path in (root / MADE_ENVIRONMENTS / name).rglob("*") if path.is_symlink() or path.is_file()
    ]
    return sum({(one.st_dev, one.st_ino): one.st_blocks * 512 for one in found}.values())


def create(
    root: Path, environment: Environment, machine: Machine, tell: Tell, *, recreate: bool = False, cached: bool = True
) -> bool:
    """Makes the environment, from nothing when it is there otherwise; False when it was made already.

    Without `cached` every package is fetched anew. One that another checkout made, and this one reaches, is linked to
    this stackdoc too. Until the end it counts as half-made. Raises StackdocError when another process is making it,
    when its interpreter is not here, and when its packages can't be installed.
    """
    place = root / MADE_ENVIRONMENTS / environment.name
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(place.with_name(f"{environment.name}.lock"), timeout=0):
            lack = ELSEWHERE if recreate else _lack(place, environment)
            if not lack:
                return False
            if recreate or lack != ELSEWHERE:
                _make(root, place, environment, machine, tell, cached)
            _link(linked(place))
    except Timeout:
        raise _problem(environment, "is being made by another process", "wait for it to end") from None
    except OSError as error:
        raise _problem(environment, f"can't be made: {error.strerror or error}") from None
    return True


def _make(root: Path, place: Path, environment: Environment, machine: Machine, tell: Tell, cached: bool) -> None:
    """From nothing to the marker, which says what it took."""
    (place / MARKER).unlink(missing_ok=True)
    shutil.rmtree(place, ignore_errors=True)
    begun = monotonic()
    for command in _commands(root, place, environment, cached):
        _run(command, environment, tell)
    seconds = monotonic() - begun
    (site,) = _site_packages(place)
    creation = Creation(
        environment=environment.name,
        digest=environment.digest,
        machine=machine.id,
        hardware=machine.label,
        date=datetime.now(UTC).date().isoformat(),
        seconds=round(seconds, 1),
        size_bytes=size_bytes(root, environment.name),
        packages=len(installed_packages([site])),
        python=_python_of(place),
        tool=_tool(),
        downloaded=not cached,
    )
    _link(site)  # for a script that is run alone
    marker = {"digest": environment.digest, "creation": asdict(creation)}
    write_atomically(place / MARKER, json.dumps(marker).encode())


def creation_of(root: Path, environment: Environment) -> Creation | None:
    """What it took to make it, as its marker says; None where it was not made here from this lock."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        marker = json.loads((root / MADE_ENVIRONMENTS / environment.name / MARKER).read_text(encoding="utf-8"))
        found = Creation(**marker["creation"])
        return found if found.digest == environment.digest else None
    return None


def _tool() -> str:
    """What installs packages, with its version."""
    uv = _uv()
    command = [uv, "--version"] if uv else [sys.executable, "-m", "pip", "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL).stdout
    return " ".join(said.split()[:2])


def _link(directory: Path) -> None:
    """Lets what looks there for packages find this stackdoc."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "stackdoc").unlink(missing_ok=True)
    (directory / "stackdoc").symlink_to(PACKAGE, target_is_directory=True)


def lock(root: Path, name: str, source: Path, target: Path, tell: Tell) -> None:
    """Writes the lock from the requirements in `source` with uv, under the project's constraints."""
    command = [_uv(), "pip", "compile", "--quiet", "--no-header", str(source), "--output-file", str(target)]
    environment = Environment(name, "", ())
    if not command[0]:
        raise _problem(environment, "a lock is made by uv, which is not here", "pip install uv")
    _run([*command, *_constraints(root)], environment, tell)


def _lack(place: Path, environment: Environment) -> str:
    """Why it can't be used, or nothing."""
    if not place.is_dir():
        return "which was not made here"
    try:
        asked_for = json.loads((place / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "which is half-made"
    if not isinstance(asked_for, dict) or asked_for.get("digest") != environment.digest:
        return "whose lock has changed since it was made"
    if not _interpreter(place).exists() or len(_site_packages(place)) != 1:
        return "whose interpreter is gone"
    return "" if (linked(place) / "stackdoc").exists() else ELSEWHERE


def _missing_program(environment: Environment) -> str:
    for need in environment.needs:
        words, programs = NEEDS.get(need, (need, (need,)))
        if not any(map(shutil.which, programs)):
            return words
    return ""


def _commands(root: Path, place: Path, environment: Environment, cached: bool) -> Iterator[list[str]]:
    """Make it, install the lock, then what a lock can't hold; with uv where there is one, else with our own pip, which
    need not be put into it first."""
    uv, python = _uv(), _interpreter(place)
    if uv:
        yield [uv, "venv", "--quiet", "--python", environment.python or sys.executable, str(place)]
        install = [uv, "pip", "install", "--python", str(python)]
    else:
        own = find_spec("pip") is not None
        yield [_base_interpreter(environment), "-m", "venv", *(["--without-pip"] if own else []), str(place)]
        pip = [sys.executable, "-m", "pip", "--python", str(python)] if own else [str(python), "-m", "pip"]
        install = [*pip, "--disable-pip-version-check", "--no-input", "install"]
    install += [] if cached else ["--no-cache-dir"]
    file = root / ENVIRONMENTS / environment.name / "requirements.lock"
    yield [*install, "--requirement", str(file), *_constraints(root)]
    if environment.no_deps:
        yield [*install, "--no-deps", *environment.no_deps]
    if environment.no_build_isolation:
        yield [*install, "--no-build-isolation", *environment.no_build_isolation]


def _constraints(root: Path) -> list[str]:
    """The torch of the project is that of every environment."""
    file = root / CONSTRAINTS
    return ["--constraint", str(file)] if file.is_file() else []


def _base_interpreter(environment: Environment) -> str:
    major, minor, patch = sys.version_info[:3]
    if environment.python in ("", f"{major}.{minor}", f"{major}.{minor}.{patch}"):
        return sys.executable
    found = shutil.which(f"python{environment.python}")
    if found is None:
        raise _problem(environment, f"needs Python {environment.python}, which is not here", "install it, or uv")
    return found


def _run(command: list[str], environment: Environment, tell: Tell) -> None:
    """One step, its lines told as they come. Raises StackdocError with the last of them when it fails."""
    said: list[str] = []
    variables = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    with subprocess.Popen(
        command, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            said.append(line.rstrip())
            tell(said[-1])
    if child.returncode:
        words = " ".join(" ".join(said[-4:]).split())
        raise _problem(environment, f"can't be made: {words or f'exit code {child.returncode}'}")


def _problem(environment: Environment, message: str, hint: str = "") -> StackdocError:
    return StackdocError([Problem(f"{ENVIRONMENTS}/{environment.name}", 0, "", message, hint)])


def _uv() -> str:
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.exists() else shutil.which("uv") or ""


def _interpreter(place: Path) -> Path:
    return place / "bin" / "python"


def _site_packages(place: Path) -> list[Path]:
    return sorted(place.glob("lib/python*/site-packages"))


def _python_of(place: Path) -> str:
    """The version of its interpreter, as the virtual environment's own file has it."""
    try:
        text = (place / "pyvenv.cfg").read_text(encoding="utf-8")
    except OSError:
        return ""
    found = re.search(r"(?m)^version(?:_info)?\s*=\s*(\d+\.\d+\.\d+)", text)
    return found[1] if found else ""
