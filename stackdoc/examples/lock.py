"""The lock of an environment: one line a package, each with one version, and the hashes of its files or none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from packaging.requirements import InvalidRequirement, Requirement

from stackdoc.errors import Problem

HASH = re.compile(r"[ \t]*(?:\\\n)?[ \t]*--hash=\S+")
SHA256 = re.compile(r"--hash=sha256:[0-9a-f]{64}(?=\s|$)")


def without_hashes(text: str) -> str:
    """Return the lock as it would be without hashes, so that adding them changes nothing else."""
    return HASH.sub("", text)


def without_hashes_of(names: Iterable[str], text: str) -> str:
    """Return the lock without the hashes of packages of which another build than the locked one may be installed."""
    for name in names:
        text = re.sub(rf"(?m)^({re.escape(name)}==.*?)({HASH.pattern})+", r"\1", text)
    return text


def packages(file: str, text: str, problems: list[Problem]) -> Iterator[str]:
    """Yield `name==version` for each package. Report lines that name no single version or a hash that is not one."""
    for number, line in _lines(text):
        requirement = _requirement(line)
        if not requirement:
            continue
        try:
            parsed = Requirement(requirement)
        except InvalidRequirement:
            problems.append(Problem(file, number, "", f"{requirement!r} is not a valid requirement"))
            continue
        if parsed.url is None and not re.fullmatch(r"===?[^,*]+", str(parsed.specifier)):
            problems.append(
                Problem(file, number, "", f"{requirement!r} names no single version", "write name==version")
            )
        if line.count("--hash=") != len(SHA256.findall(line)):
            problems.append(Problem(file, number, "", f"{requirement!r} has a hash that is not a SHA-256 digest"))
        yield requirement


def parted(text: str) -> tuple[str, str]:
    """Return the packages with hashes, and those without, each as a lock of its own."""
    lines = [line for _, line in _lines(text) if _requirement(line)]
    parts = ([line for line in lines if "--hash=" in line], [line for line in lines if "--hash=" not in line])
    hashed, plain = ("".join(f"{line}\n" for line in part) for part in parts)
    return hashed, plain


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line with the lines that continue it, and the number of its first one."""
    number, begun = 0, ""
    for index, line in enumerate(text.split("\n"), 1):
        number = number if begun else index
        begun += line.lstrip() if begun else line
        if begun.endswith("\\"):
            begun = f"{begun[:-1].rstrip()} "
            continue
        yield number, begun
        begun = ""
    if begun:
        yield number, begun


def _requirement(line: str) -> str:
    """Return a line without its hashes and comment."""
    return re.split(r"(?:^|\s+)#|\s+--hash", line)[0].strip()
