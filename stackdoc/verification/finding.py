"""The verdict on one citation of a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stackdoc.site.status import Word

Identity = Literal["genuine", "altered", "unknown", "unknown point"]
Value = Literal["as recorded", "rounded properly", "wrong value", "wrong unit", "none quoted"]


@dataclass(frozen=True)
class Finding:
    """A record cited at one place, or a copy of a record; `point` is a key of the record, or empty.

    `quoted` is the figure as the document writes it, `recorded` as the site shows it. `standing` is the status of the
    record, empty for an unknown id. `notes` are further remarks. `noun` is what is cited: a record, or
    the page of an edition, whose `id` is its path.
    """

    file: str
    line: int
    id: str
    identity: Identity
    point: str = ""
    value: Value = "none quoted"
    quoted: str = ""
    recorded: str = ""
    standing: Word | Literal[""] = ""
    notes: tuple[str, ...] = ()
    noun: Literal["record", "page"] = "record"

    @property
    def ok(self) -> bool:
        """Whether the citation is valid: of a genuine record that was not withdrawn, without a wrong figure."""
        wrong = self.value in ("wrong value", "wrong unit")
        return self.identity == "genuine" and not wrong and self.standing != "withdrawn"

    @property
    def answer(self) -> str:
        """The verdict in a few words, the most important one first."""
        if self.identity != "genuine":
            unknown = "unknown id" if self.noun == "record" else "unknown page"
            return {"altered": "altered copy", "unknown": unknown}.get(self.identity, self.identity)
        if self.value in ("wrong value", "wrong unit"):
            return self.value
        if self.noun == "page":
            return "in the edition"
        if self.standing != "current":
            return self.standing
        return {"as recorded": "right", "none quoted": "no value quoted"}.get(self.value, self.value)

    def __str__(self) -> str:
        """Return `design.md:12: record 4c1e…#library;n=512: superseded: 3.36 ms is as recorded; …`."""
        name = f"{self.noun} {self.id}" + (f"#{self.point}" if self.point else "")
        return f"{self.file}:{self.line}: {name}: {self.answer}" + (f": {'; '.join(self.notes)}" if self.notes else "")
