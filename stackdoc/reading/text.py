"""Reads text files, which must be UTF-8."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from stackdoc.errors import Problem

MAXIMUM_BYTES = 2_000_000
MARKS = (
    (codecs.BOM_UTF8, "a byte order mark"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def read_text(
    root: Path, path: str, problems: list[Problem], *, marked: bool = False, most_bytes: int = MAXIMUM_BYTES
) -> str | None:
    """Return the file below `root` as text with bare line feeds; None if it is unreadable, too large or not UTF-8.

    A byte order mark of UTF-8 is refused unless the file may be `marked`, as Python scripts may.
    """

    try:
        with (root / path).open("rb") as stream:
            content = stream.read(most_bytes + 1)
    except OSError as error:
        problems.append(Problem(path, 0, "", f"can't be read: {error.strerror}"))
        return None
    if len(content) > most_bytes:
        problems.append(Problem(path, 0, "", f"is larger than {most_bytes // 1_000_000} MB", "split it"))
        return None
    if marked:
        content = content.removeprefix(codecs.BOM_UTF8)
    for mark, name in MARKS:
        if content.startswith(mark):
            problems.append(Problem(path, 1, "", f"starts with {name}", "save it as UTF-8 without a mark"))
            return None
    try:
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"byte 0x{content[error.start]:02x} is not UTF-8"
        problems.append(Problem(path, line, "", message, "save it as UTF-8"))
        return None


def heading(markdown: str) -> str:
    """Return the first heading of level 1 without its attributes, an empty string if there is none."""
    match = re.search(r"(?m)^# +(\S.*)$", markdown)
    text = match[1].rstrip() if match else ""
    return (text.endswith("}") and text.partition("{")[0].rstrip()) or text
