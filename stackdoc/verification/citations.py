"""Our ids, addresses and anchors in a passage."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

FRAGMENT = r"(?:#(?P<fragment>[^\s\"'<>()\[\]{}|\\^`*]*))?"
ADDRESS = re.compile(rf"/r/(?P<id>[0-9A-Fa-f]{{8,64}})(?![0-9A-Za-z])(?:/(?:index\.html)?|\.[a-z.]{{3,8}})?{FRAGMENT}")
NAMED = re.compile(
    r"\brecords?\b[\s:`*\"“(\[]{1,4}(?P<ids>[0-9a-f]{8,64}\b(?:[\s,;`*\"”)\]]{1,5}(?:and\s)?[\s`*\"“(\[]{0,3}[0-9a-f]{12}\b)*)",
    re.IGNORECASE,
)
HEX = re.compile(r"[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class Citation:
    """A record's id in lower case, and the point that the address leads to, as a fragment without `#`."""

    id: str
    fragment: str = ""

    @property
    def well_formed(self) -> bool:
        return HEX.fullmatch(self.id) is not None


def citations(text: str) -> tuple[Citation, ...]:
    """The records and figures that a passage names, each once; a record whose figure is named is no further one."""
    found = dict.fromkeys(_found(text))
    pointed = {citation.id for citation in found if citation.fragment}
    return tuple(citation for citation in found if citation.fragment or citation.id not in pointed)


def _found(text: str) -> Iterator[Citation]:
    for match in ADDRESS.finditer(text):
        if _is_meant(match["id"]):
            yield Citation(match["id"].lower(), (match["fragment"] or "").rstrip(".,;:!?_"))
    for match in NAMED.finditer(text):
        for id in re.findall(r"[0-9A-Fa-f]{8,64}", match["ids"]):
            if _is_meant(id):
                yield Citation(id.lower())


def _is_meant(word: str) -> bool:
    """A word of another length is an id gone wrong when it has a digit; `decade` and `facade` are words."""
    return len(word) == 12 or any(letter.isdigit() for letter in word)


def without_addresses(text: str) -> str:
    """The passage without what may look like a figure but is part of an address, an id, or only emphasis."""
    bare = re.sub(r"[a-z]+://[^\s<>\"')\]}]+", " ", text)
    bare = NAMED.sub(" ", ADDRESS.sub(" ", bare))
    return re.sub(r"\[\^[^\]\s]{1,80}\]", "", re.sub(r"&nbsp;|&thinsp;|&#160;", " ", re.sub(r"[*`]", "", bare)))


def point_of(fragment: str, keys: Sequence[str]) -> str | None:
    """The key that a fragment leads to: blanks of a key are `_` in an address, any letter may be encoded."""
    wanted = unquote(fragment)
    return next((key for key in keys if wanted in (key, "_".join(key.split()))), None)
