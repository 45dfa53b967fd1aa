"""Documents that cite records, in which `stackdoc verify` looks for ids, addresses, numbers and copies."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from stackdoc.records.store import file_content
from stackdoc.verification import verify
from tests.fuzz.mutations import TEXTS, as_json, damaged, mutated, rewritten, shapes
from tests.fuzz.pages import site
from tests.fuzz.target import Target

NAMES = ("design.md", "page.html", "refs.bib", "refs.ris", "record.json", "notes.txt")
RUNS = st.tuples(st.sampled_from("` \t[(<{\"'-.0123aé%^\\/"), st.sampled_from([40, 1000, 20_000])).map(
    lambda run: run[0] * run[1]
)


def cited() -> str:
    """Return a document that cites the record of the site in every way."""
    (record,) = site().records.values()
    address = f"https://example.org/r/{record.id}/#library%3Bn%3D512%3Bmode%3Deager"
    return f"""# Design

It takes 1.0 µs ([record {record.id}]({address})), or 1.0 ms: {address}.

- Somebody measured 1.2 GB/s (record 0123456789ab, {record.sha256}).
- <a href="{address}">1,5 ms</a> &micro;s 3 × 10⁻⁶ s [^1]

[^1]: {address}

@misc{{x, title = {{1 µs}}, url = {{{address}}}}}
TY  - DATA
UR  - {address}
ER  -

```json
{file_content(record).decode()}```
"""


@st.composite
def documents(draw: Callable[..., Any]) -> bytes:
    name, text = draw(st.sampled_from(NAMES)), cited()
    if draw(st.integers(0, 3)) == 0:
        (record,) = site().records.values()
        fields = json.loads(file_content(record))
        text = as_json(draw(mutated(fields, shapes(fields))))
    text = draw(rewritten(text, st.one_of(TEXTS, RUNS)))
    content = text.encode("utf-8", "surrogatepass")
    return f"{name}\n".encode() + bytes(content if draw(st.integers(0, 9)) else draw(damaged(content)))


def good() -> Iterator[bytes]:
    for name in NAMES:
        yield f"{name}\n{cited()}".encode()


def read(content: bytes, root: Path) -> None:
    del root
    name, _, text = content.partition(b"\n")
    for finding in verify(site(), text.decode("utf-8", "replace"), name.decode()):
        assert finding.answer


TARGET = Target("document", documents(), good, read)
