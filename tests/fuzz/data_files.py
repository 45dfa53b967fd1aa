"""Data files of a small project, damaged or with a fault at any field. The first line of an input names the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from stackdoc.adapters.registered import load_site
from stackdoc.project import Layout
from stackdoc.records import store
from tests.fuzz.mutations import TEXTS, as_json, damaged, mutated, rewritten, shapes
from tests.fuzz.showing import show
from tests.fuzz.target import Target
from tests.made.project import FILES, make_project
from tests.made.records import made_record

RECORD = made_record(example="pot/boiling")
REMARK = f'- {{records: ["{RECORD.id}"], points: [library], date: "2026-11-23", text: It was hot.}}\n'
LOCK = "examples/environments/iron/requirements.lock"
MORE = {
    "docs/data/withdrawn.yml": f'- {{record: "{RECORD.id}", date: "2026-11-23", reason: The clock was wrong.}}\n',
    "docs/data/contributed.yml": f'- {{record: "{RECORD.id}", by: A. Person, contact: person@example.org}}\n',
    "docs/data/remarks.yml": REMARK,
    "docs/data/redirects.yml": "- {old: /here/, new: /layers/pot/}\n",
    "docs/data/vouched.txt": f"{'ab' * 32}\n",
    "mkdocs.yml": "site_name: Ours\nsite_url: https://example.org/\nplugins:\n- search\n- stackdoc\n",
    LOCK: "numpy==2.3.0\n",
    "examples/environments/iron/environment.toml": 'summary = "Iron."\npython = "3.12"\nneeds = ["java"]\n',
}
TEXT = {path: text for path, text in {**FILES, **MORE}.items() if not path.endswith(".py")}
WORDS = st.one_of(
    TEXTS,
    st.sampled_from(
        [
            *("&a", "*a", "!!python/object:os.system", "<<: *a", "---", "...", "- ", "? ", ": ", "{", "}", "[", "]"),
            *("|", ">", ">-", "#", "'", '"', "yes", "no", "~", "0o7", "1:30", "2026-11-23", "%TAG ! x", "@", "`"),
            *("- " * 60, "[" * 200, "{a: " * 60, "a: 1\na: 2", "\t", "\r", "\x85", "\u2028", "\ufeff"),
        ]
    ),
)


@st.composite
def data_files(draw: Callable[..., Any]) -> bytes:
    path = draw(st.sampled_from(sorted(TEXT)))
    text = TEXT[path]
    if path.endswith(".yml") and draw(st.booleans()):
        value = yaml.load(text, yaml.CSafeLoader)
        text = as_json(draw(mutated(value, shapes(value))))  # nearly all JSON is YAML
    else:
        text = draw(rewritten(text, WORDS))
    content = text.encode("utf-8", "surrogatepass")
    if draw(st.integers(0, 9)) == 0:
        content = draw(damaged(content))
    return f"# {path}\n".encode() + bytes(content)


def good() -> Iterator[bytes]:
    for path, text in TEXT.items():
        yield f"# {path}\n{text}".encode()


def read(content: bytes, root: Path) -> None:
    first, _, text = content.partition(b"\n")
    path = first.removeprefix(b"# ").decode()
    assert path in TEXT
    for name, content in {LOCK: TEXT[LOCK].encode(), path: text}.items():
        file = make_project(root) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    store.write(Layout(root), RECORD)
    show(load_site(root))


TARGET = Target("data", data_files(), good, read)
