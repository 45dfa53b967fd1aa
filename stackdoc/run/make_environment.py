"""Inspect and create the named environments of a project. One that was not completed counts as half-made."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import Distribution, distributions
from importlib.util import find_spec
from pathlib import Path
from time import monotonic

from filelock import FileLock, Timeout
from packaging.utils import canonicalize_name

from stackdoc.errors import Problem, StackdocError
from stackdoc.examples.environments import LOCK
from stackdoc.examples.lock import parted, without_hashes_of
from stackdoc.files import write_atomically
from stackdoc.git import tracks
from stackdoc.model.environment import Creation, Environment, Installation
from stackdoc.model.machine import Machine
from stackdoc.plan.plan import NEEDS
from stackdoc.project import ENVIRONMENTS, MADE_ENVIRONMENTS
from stackdoc.run.process.variables import PACKAGE, link_directory
from stackdoc.run.usable_devices import reasons_against

MARKER = "made.json"  # written last, with the digest of the environment's definition
NOT_LINKED = "which is linked only to other checkouts"  # complete; lacks a link to this stackdoc
CONSTRAINTS = "constraints.txt"
FIELD = re.compile(r"(?m)^(Name|Version):[ \t]*(.*?)[ \t\r]*$", re.IGNORECASE)

Log = Callable[[str], None]  # receives one line of output


def inspect_environment(root: Path, environment: Environment, wanted: Iterable[str] = ()) -> Installation:
    """Return the state of an environment, as read from its files. Asks its torch about the `wanted` devices, if any."""
    directory = root / MADE_ENVIRONMENTS / environment.name
    if defect := _defect(directory, environment):
        return Installation(environment.name, f"{defect}: stackdoc env create {environment.name}")
    if program := _missing_program(environment):
        hint = f" (Debian: {' '.join(environment.debian)})" if environment.debian else ""
        return Installation(environment.name, f"which needs {program}{hint}")
    packages = installed_packages(_site_packages(directory))
    interpreter = str(_interpreter(directory))
    devices = reasons_against(wanted, packages, interpreter)
    return Installation(environment.name, "", interpreter, _python_of(directory), packages, devices)


def installed_packages(directories: list[Path] | None = None) -> dict[str, str]:
    """Return the versions of packages by normalised name, of this interpreter or of those directories.

    If a package is installed twice, the first installation counts, as it does for an import.
    """
    packages: dict[str, str] = {}
    for distribution in distributions() if directories is None else distributions(path=list(map(str, directories))):
        stated = _stated(distribution)
        if name := stated.get("name"):
            packages.setdefault(canonicalize_name(name), _version(distribution, name, stated.get("version", "")))
    return packages


def _stated(distribution: Distribution) -> dict[str, str]:
    """Return the fields of one line; `Distribution.metadata` parses all of it as a mail, which takes ten times as long.

    The first field of a name counts, as it does there.
    """
    text = distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or ""
    fields = FIELD.findall(re.split(r"\r?\n\r?\n", text, maxsplit=1)[0])
    return {name.lower(): value for name, value in reversed(fields)}


def _version(distribution: Distribution, name: str, stated: str) -> str:
    """Return the version, of torch with its build (`2.13.0+cu130`), which a wheel from PyPI states only in its code."""
    if name != "torch" or "+" in stated:
        return stated
    try:
        text = Path(str(distribution.locate_file("torch/version.py"))).read_text(encoding="utf-8")
    except OSError:
        return stated
    match = re.search(r"(?m)^__version__ = '([^'\s]+)'", text)
    return match[1] if match else stated


def size_bytes(root: Path, name: str) -> int:
    """Return the size of the environment on disk; a file with several hard links counts once."""
    files = [
        path.lstat() for path in (root / MADE_ENVIRONMENTS / name).rglob("*") if path.is_symlink() or path.is_file()
    ]
    return sum({(file.st_dev, file.st_ino): file.st_blocks * 512 for file in files}.values())


def create(
    root: Path, environment: Environment, machine: Machine, log: Log, *, recreate: bool = False, cached: bool = True
) -> bool:
    """Create the environment unless it is complete; return whether anything was done.

    An environment that is half-made or out of date is made from scratch, and so is a complete one with `recreate`.
    One that another checkout made is only linked to this stackdoc. Without `cached` all packages are downloaded.

    Raises StackdocError when another process is making it, when its interpreter is not installed, and when its
    packages can't be installed.
    """
    directory = root / MADE_ENVIRONMENTS / environment.name
    if tracks(root, MADE_ENVIRONMENTS / environment.name):
        raise _error(environment, "came with the repository", f"remove {MADE_ENVIRONMENTS} from the repository")
    directory.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(directory.with_name(f"{environment.name}.lock"), timeout=0):
            defect = _defect(directory, environment)
            if not defect and not recreate:
                return False
            if recreate or defect != NOT_LINKED:
                _make(root, directory, environment, machine, log, cached)
            _link(link_directory(directory))
    except Timeout:
        raise _error(environment, "is being made by another process", "wait for it to end") from None
    except OSError as error:
        raise _error(environment, f"can't be made: {error.strerror or error}") from None
    return True


def _make(root: Path, directory: Path, environment: Environment, machine: Machine, log: Log, cached: bool) -> None:
    """Make the environment from scratch, and write the marker with its costs last."""
    (directory / MARKER).unlink(missing_ok=True)
    shutil.rmtree(directory, ignore_errors=True)
    started = monotonic()
    for command in _commands(root, directory, environment, cached):
        _run(command, environment, log)
    seconds = monotonic() - started
    (site,) = _site_packages(directory)
    creation = Creation(
        environment=environment.name,
        digest=environment.digest,
        machine=machine.id,
        hardware=machine.label,
        date=datetime.now(UTC).date().isoformat(),
        seconds=round(seconds, 1),
        size_bytes=size_bytes(root, environment.name),
        packages=len(installed_packages([site])),
        python=_python_of(directory),
        tool=_installer(),
        downloaded=not cached,
    )
    _link(site)  # for a script that is run alone
    marker = {"digest": environment.digest, "creation": asdict(creation)}
    write_atomically(directory / MARKER, json.dumps(marker).encode())


def creation_of(root: Path, environment: Environment) -> Creation | None:
    """Return what making the environment took, from its marker; None if it was not made here from the current lock."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        marker = json.loads((root / MADE_ENVIRONMENTS / environment.name / MARKER).read_text(encoding="utf-8"))
        creation = Creation(**marker["creation"])
        return creation if creation.digest == environment.digest else None
    return None


def _installer() -> str:
    """Return the name and version of the program that installs packages."""
    uv = _uv()
    command = [uv, "--version"] if uv else [sys.executable, "-m", "pip", "--version"]
    output = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL).stdout
    return " ".join(output.split()[:2])


def _link(directory: Path) -> None:
    """Make this stackdoc importable from a directory."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "stackdoc").unlink(missing_ok=True)
    (directory / "stackdoc").symlink_to(PACKAGE, target_is_directory=True)


def lock(root: Path, name: str, source: Path, target: Path, log: Log) -> None:
    """Write the lock file `target` from the requirements in `source`, with uv and the project's constraints."""
    command = [_uv(), "pip", "compile", "--quiet", "--no-header", "--generate-hashes"]
    command += [str(source), "--output-file", str(target)]
    environment = Environment(name, "", ())
    if not command[0]:
        raise _error(environment, "making a lock needs uv, which is not installed", "pip install uv")
    _run([*command, *_constraints(root)], environment, log)
    text = without_hashes_of(_constrained(root), target.read_text(encoding="utf-8"))
    write_atomically(target, text.encode())


def _constrained(root: Path) -> list[str]:
    """Return the packages whose version the project decides and whose build the machine decides, such as torch."""
    file = root / CONSTRAINTS
    return re.findall(r"(?m)^([\w.-]+)==", file.read_text(encoding="utf-8")) if file.is_file() else []


def _defect(directory: Path, environment: Environment) -> str:
    """Return why the environment can't be used, as a relative clause; empty if it can."""
    if not directory.is_dir():
        return "which was not made here"
    try:
        marker = json.loads((directory / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "which is half-made"
    if not isinstance(marker, dict) or marker.get("digest") != environment.digest:
        return "whose lock has changed since it was made"
    if not _interpreter(directory).exists() or len(_site_packages(directory)) != 1:
        return "whose interpreter is gone"
    return "" if (link_directory(directory) / "stackdoc").exists() else NOT_LINKED


def _missing_program(environment: Environment) -> str:
    """Return the name of the first program that the environment needs and the host lacks; empty if there is none."""
    for need in environment.needs:
        words, programs = NEEDS.get(need, (need, (need,)))
        if not any(map(shutil.which, programs)):
            return words
    return ""


def _commands(root: Path, directory: Path, environment: Environment, cached: bool) -> Iterator[list[str]]:
    """Yield the commands that make the environment and install its lock and the packages that a lock can't contain.

    They use uv if it is installed, else our own pip, so that pip need not be installed into the environment first.
    """
    uv, python = _uv(), _interpreter(directory)
    if uv:
        yield [uv, "venv", "--quiet", "--python", environment.python or sys.executable, str(directory)]
        install = [uv, "pip", "install", "--python", str(python)]
    else:
        have_pip = find_spec("pip") is not None
        yield [_base_interpreter(environment), "-m", "venv", *(["--without-pip"] if have_pip else []), str(directory)]
        pip = [sys.executable, "-m", "pip", "--python", str(python)] if have_pip else [str(python), "-m", "pip"]
        install = [*pip, "--disable-pip-version-check", "--no-input", "install"]
    install += [] if cached else ["--no-cache-dir"]
    hashed, plain = parted((root / ENVIRONMENTS / environment.name / LOCK).read_text(encoding="utf-8"))
    if hashed:  # a lock is complete, and only the rest may need packages that it can't list
        file = _written(directory / "hashed.txt", hashed)
        yield [*install, "--require-hashes", "--no-deps", "--requirement", file]
    if plain:
        file = _written(directory / "plain.txt", plain)
        yield [*install, "--requirement", file, *_constraints(root)]
    if environment.no_deps:
        yield [*install, "--no-deps", *environment.no_deps]
    if environment.no_build_isolation:
        yield [*install, "--no-build-isolation", *environment.no_build_isolation]


def _written(file: Path, text: str) -> str:
    file.write_text(text, encoding="utf-8")
    return str(file)


def _constraints(root: Path) -> list[str]:
    """Return the options that make every environment use the project's version of torch."""
    file = root / CONSTRAINTS
    return ["--constraint", str(file)] if file.is_file() else []


def _base_interpreter(environment: Environment) -> str:
    major, minor, patch = sys.version_info[:3]
    if environment.python in ("", f"{major}.{minor}", f"{major}.{minor}.{patch}"):
        return sys.executable
    interpreter = shutil.which(f"python{environment.python}")
    if interpreter is None:
        raise _error(environment, f"needs Python {environment.python}, which is not installed", "install it, or uv")
    return interpreter


def _run(command: list[str], environment: Environment, log: Log) -> None:
    """Run one command and log its output line by line. Raises StackdocError with the last lines if it fails."""
    lines: list[str] = []
    variables = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    with subprocess.Popen(
        command, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            lines.append(line.rstrip())
            log(lines[-1])
    if child.returncode:
        reason = " ".join(" ".join(lines[-4:]).split()) or f"exit code {child.returncode}"
        raise _error(environment, f"can't be made: {reason}")


def _error(environment: Environment, message: str, hint: str = "") -> StackdocError:
    return StackdocError([Problem(f"{ENVIRONMENTS}/{environment.name}", 0, "", message, hint)])


def _uv() -> str:
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.exists() else shutil.which("uv") or ""


def _interpreter(directory: Path) -> Path:
    return directory / "bin" / "python"


def _site_packages(directory: Path) -> list[Path]:
    return sorted(directory.glob("lib/python*/site-packages"))


def _python_of(directory: Path) -> str:
    """Return the version of the interpreter, as read from `pyvenv.cfg`; empty if unknown."""
    try:
        text = (directory / "pyvenv.cfg").read_text(encoding="utf-8")
    except OSError:
        return ""
    version = re.search(r"(?m)^version(?:_info)?\s*=\s*(\d+\.\d+\.\d+)", text)
    return version[1] if version else ""
