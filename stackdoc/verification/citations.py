"""Finds the ids and addresses of records in a passage."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

FRAGMENT = r"(?:#(?P<fragment>[^\s\"'<>()\[\]{}|\\^`*]*))?"
ADDRESS = re.compile(rf"/r/(?P<id>[0-9A-Fa-f]{{8,64}})(?![0-9A-Za-z])(?:/(?:index\.html)?|\.[a-z.]{{3,8}})?{FRAGMENT}")
FURTHER = r"[\s,;`*\"”)\]]{1,5}(?:and\s)?[\s`*\"“(\[]{0,3}(?:[0-9a-f]{12}|[0-9a-f]{16}|[0-9a-f]{64})\b"
NAMED = re.compile(
    rf"\brecords?\b[\s:`*\"“(\[]{{1,4}}(?P<ids>[0-9a-f]{{8,64}}\b(?:{FURTHER})*)",
    re.IGNORECASE,
)
# Not that of a pasted record, `"sha256": "…"`, which is checked as a copy.
DIGEST = re.compile(r"\bsha-?256\b(?!\"\s*:\s*\")[^0-9a-z]{1,40}(?P<digest>[0-9a-f]{64})\b", re.IGNORECASE)
HEX = re.compile(r"[0-9a-f]{12,64}", re.IGNORECASE)
LENGTHS = (12, 16, 64)  # of the first ids, of later ones, and of digests


@dataclass(frozen=True)
class Citation:
    """A record's id in lower case, and the fragment of its address, without `#`, which names a point."""

    id: str
    fragment: str = ""

    @property
    def well_formed(self) -> bool:
        return HEX.fullmatch(self.id) is not None


def citations(text: str) -> tuple[Citation, ...]:
    """Return the records and points that a passage cites, each once; a record whose point is cited is not repeated."""
    distinct = dict.fromkeys(_all_citations(text))
    with_points = {citation.id for citation in distinct if citation.fragment}
    return tuple(citation for citation in distinct if citation.fragment or citation.id not in with_points)


def _all_citations(text: str) -> Iterator[Citation]:
    for match in ADDRESS.finditer(text):
        if _is_id(match["id"]):
            yield Citation(match["id"].lower(), (match["fragment"] or "").rstrip(".,;:!?_"))
    for match in NAMED.finditer(text):
        for id in re.findall(r"[0-9A-Fa-f]{8,64}", match["ids"]):
            if _is_id(id):
                yield Citation(id.lower())
    for match in DIGEST.finditer(text):
        yield Citation(match["digest"].lower())


def _is_id(word: str) -> bool:
    """Whether a word is meant as an id. One of another length is a wrong id if it has a digit, unlike `effaced`."""
    return len(word) in LENGTHS or any(letter.isdigit() for letter in word)


def without_addresses(text: str) -> str:
    """Return the passage without addresses, ids and markup, whose digits are not figures."""
    bare = re.sub(r"(?<![a-z])[a-z]+://[^\s<>\"')\]}]+", " ", text)
    bare = DIGEST.sub(" ", NAMED.sub(" ", ADDRESS.sub(" ", bare)))
    return re.sub(r"\[\^[^\]\s]{1,80}\]", "", re.sub(r"&nbsp;|&thinsp;|&#160;", " ", re.sub(r"[*`]", "", bare)))


def point_of(fragment: str, keys: Sequence[str]) -> str | None:
    """Return the key that a fragment names: spaces are `_` in an address, and any character may be percent-encoded."""
    wanted = unquote(fragment)
    return next((key for key in keys if wanted in (key, "_".join(key.split()))), None)
