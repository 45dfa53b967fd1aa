"""The answer on one citation of a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stackdoc.site import status as standing

Identity = Literal["genuine", "altered", "unknown", "unknown point"]
Value = Literal["as recorded", "rounded properly", "wrong value", "wrong unit", "none quoted"]


@dataclass(frozen=True)
class Finding:
    """One record cited at one place, or one copy of a record; `point` is a key of the record, or empty.

    `quoted` is the figure as the document has it, `recorded` as the record has it; `standing` is empty for an
    id that no record has. `notes` say in words what else there is to know.
    """

    file: str
    line: int
    id: str
    identity: Identity
    point: str = ""
    value: Value = "none quoted"
    quoted: str = ""
    recorded: str = ""
    standing: standing.Word | Literal[""] = ""
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the citation may stand: a record that was not withdrawn, and no figure that it does not hold."""
        wrong = self.value in ("wrong value", "wrong unit")
        return self.identity == "genuine" and not wrong and self.standing != "withdrawn"

    @property
    def answer(self) -> str:
        """The one thing to know first."""
        if self.identity != "genuine":
            return {"altered": "altered copy", "unknown": "unknown id"}.get(self.identity, self.identity)
        if self.value in ("wrong value", "wrong unit"):
            return self.value
        if self.standing != "current":
            return self.standing
        return {"as recorded": "right", "none quoted": "no value quoted"}.get(self.value, self.value)

    def __str__(self) -> str:
        """`design.md:12: record 4c1e…#library;n=512: superseded: 3.36 ms is as recorded; superseded by …`."""
        name = f"record {self.id}" + (f"#{self.point}" if self.point else "")
        return f"{self.file}:{self.line}: {name}: {self.answer}" + (f": {'; '.join(self.notes)}" if self.notes else "")
