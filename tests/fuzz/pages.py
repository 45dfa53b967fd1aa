"""Pages that authors write: Markdown with fences and roles, of which some are right and none may hang or crash."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import strategies as st

from stackdoc.adapters.prechecking import check_pages
from stackdoc.adapters.registered import load_site
from stackdoc.examples.read import read_example
from stackdoc.project import Layout
from stackdoc.records import ledger, store
from stackdoc.site.site import Site
from tests.fuzz.mutations import NUMBERS, TEXTS, damaged, rewritten
from tests.fuzz.target import Target
from tests.made.project import make_project
from tests.made.records import made_record

EXAMPLE = "pot/boiling"
SUBJECTS = {
    "example": EXAMPLE,
    "code": EXAMPLE,
    "cite": EXAMPLE,
    "math": r"\frac{a}{b}",
    "machines": "",
    "claim": "it-boils",
    "facts": "pot",
    "crosswalk": "",
    "tower": "",
    "systems": "pot",
    "compare": "ladle",
    "calc": "x",
    "nothing": "x",
}
OPTIONS = ("figure", "table", "x", "quantity", "points", "device", "log", "caption", "cell", "number", "with", "rows")
VALUES = st.one_of(
    st.sampled_from(
        [
            *("sweep", "timing", "bars", "roofline", "n", "mode", "time", "energy", "library", "library;n=512", "true"),
            *(
                "cpu",
                "cuda",
                "[library]",
                "[library, x]",
                "{a: 1}",
                "[[]]",
                "1",
                "0",
                "-1",
                "99",
                "Words",
                '"',
                "&a",
                "*",
            ),
        ]
    ),
    NUMBERS.map(str),
    TEXTS,
)
ROLES = ("measured", "claim", "fact", "cite", "term", "math", "layer", "calc", "when", "system", "unknown")
ROLE_TEXTS = st.one_of(
    st.sampled_from(
        [
            *(f"{EXAMPLE} library time", f"{EXAMPLE} library;n=512 time", f"{EXAMPLE} library n=512 mode=eager time"),
            *(
                EXAMPLE,
                "it-boils",
                "boiling-point",
                "soup",
                "x^2",
                r"\frac{",
                "pot/bioling x time",
                " ",
                "a b c d e f g",
            ),
            *(f"{EXAMPLE} library n=512 time @cpu", f"{EXAMPLE} library n=1e999 time", "pot", "cook:2", "> 1 s"),
        ]
    ),
    TEXTS,
)
RUNS = st.tuples(st.sampled_from("`~[](){}<>*_!&#|\\$=:- \t\"'^"), st.sampled_from([3, 40, 300])).map(
    lambda run: run[0] * run[1]
)
BLOCKS = st.sampled_from(
    [
        *("# Title", "Words and *more* words.", "> quoted", "- item", "1. item", "    code", "| a | b |\n|---|---|"),
        *("<!--", "-->", "<div markdown>", "</div>", "[a]: http://x", "[^1]: note", "***", "!!! note", '=== "Tab"'),
        *("--8<-- 'x'", "{{ macro }}", "{% raw %}", "---\ntitle: x\n---", "soup is a term", "<b", "&amp;", "\\"),
    ]
)


@st.composite
def fences(draw: Callable[..., Any]) -> str:
    """A fence with a subject, right or not, and a few options."""
    name = draw(st.sampled_from(sorted(SUBJECTS)))
    lines = [f"{name}: {SUBJECTS[name] if draw(st.booleans()) else draw(VALUES)}"]
    for key in draw(st.lists(st.sampled_from(OPTIONS), max_size=4)):
        lines.append(f"{key}: {draw(VALUES)}")
    mark = draw(st.sampled_from(["```", "```", "````", "~~~"]))
    indent = draw(st.sampled_from(["", "", "", "    ", "> ", "- "]))
    closing = mark if draw(st.integers(0, 9)) else ""
    return "\n".join(indent + line for line in (f"{mark}stackdoc", *"\n".join(lines).split("\n"), closing))


@st.composite
def roles(draw: Callable[..., Any]) -> str:
    return f"Takes {{{draw(st.sampled_from(ROLES))}}}`{draw(ROLE_TEXTS)}` here."


@st.composite
def pages(draw: Callable[..., Any]) -> bytes:
    text = "\n\n".join(draw(st.lists(st.one_of(fences(), roles(), BLOCKS, RUNS, TEXTS), min_size=1, max_size=8)))
    if draw(st.integers(0, 3)) == 0:
        text = draw(rewritten(text, st.one_of(RUNS, BLOCKS, TEXTS)))
    content = text.encode("utf-8", "surrogatepass")
    return bytes(content if draw(st.integers(0, 19)) else draw(damaged(content)))


_FOLDER = TemporaryDirectory(prefix="stackdoc-fuzz-")  # as long as this process


@cache
def site() -> Site:
    """Return the site of a small project with one record, which is read once."""
    root = make_project(Path(_FOLDER.name))
    (root / "mkdocs.yml").write_text("site_name: Ours\n", "utf-8")
    record = made_record(example=EXAMPLE, digest=read_example(root, f"examples/{EXAMPLE}.py").digest)
    store.write(Layout(root), record)
    ledger.enter(Layout(root), [record])
    return load_site(root)


GOOD = f"""\
# Title

```stackdoc
example: {EXAMPLE}
figure: timing
table: true
```

Takes {{measured}}`{EXAMPLE} library;n=512;mode=eager time` here. A soup is {{math}}`x^2`.
"""


def read(content: bytes, root: Path) -> None:
    (root / "page.md").write_bytes(content)
    check_pages(site(), root)


TARGET = Target("page", pages(), lambda: [GOOD.encode()], read)
