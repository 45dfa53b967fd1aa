"""Scripts of examples whose header, cells or bytes were damaged. One that is accepted has a page and a notebook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from stackdoc.adapters.registered import load_site
from tests.fuzz.mutations import NUMBERS, TEXTS, damaged, rewritten
from tests.fuzz.showing import show
from tests.fuzz.target import Target
from tests.made.project import make_project

SCRIPT = '''\
# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc", "numpy>=2"]
# [tool.stackdoc]
# layer = "pot"
# title = "How long it boils"
# devices = ["cpu", "cuda"]
# claims = ["it-boils"]
# data = ["docs/data/facts.yml"]
# needs = ["java"]
# launches = 3
# budget_seconds = 10.0
# network = false
# [tool.stackdoc.expect]
# prints = "boils"
# never_prints = "(?i)error"
# tolerance = 0.1
# exit_code = 0
# ///
"""Boils water.

Then waits, for :math:`x^2` seconds.
"""

# %%
import helper

# %% [markdown]
# What comes *next*, `code` and <b>more</b>.

# %%
helper.boil()
'''
KEYS = ("layer", "title", "devices", "claims", "data", "needs", "launches", "budget_seconds", "network", "expect", "x")
VALUES = st.one_of(
    NUMBERS.map(repr),
    TEXTS.map(lambda text: repr(text)),
    st.sampled_from(
        [
            *("[]", "{}", "true", "2026-11-01", "12:00:00", "nan", "inf", "[1, 'a']", "{a = 1}", "'''a", '"""', "[["),
            *('["../x"]', '["/etc/passwd"]', '["."]', '["*"]', '["docs"]', '"(a|a)*b$"', '"["', "[" * 500, "=" * 50),
        ]
    ),
)
LINES = st.one_of(
    st.tuples(st.sampled_from(KEYS), VALUES).map(lambda pair: f"# {pair[0]} = {pair[1]}"),
    st.sampled_from(
        [
            *("# /// script", "# ///", "#", "# [tool.stackdoc]", "# [tool]", "# [[tool.stackdoc]]", "# a.b.c = 1"),
            *("# %%", "# %% [markdown]", "# %% [raw]", "'''", '"""', "if x:", "import os, sys", "from . import x"),
            *("from __future__ import annotations", "import " + "a." * 500 + "b", "x = " + "(" * 300 + ")" * 300),
            *(
                "import stackdoc as",
                "x = '\\N{BULLET}'",
                "# -*- coding: latin-1 -*-",
                "\f",
                "%matplotlib inline",
                "!ls",
            ),
        ]
    ),
    TEXTS,
)


@st.composite
def scripts(draw: Callable[..., Any]) -> bytes:
    content = draw(rewritten(SCRIPT, LINES)).encode("utf-8", "surrogatepass")
    return bytes(content if draw(st.integers(0, 9)) else draw(damaged(content)))


def read(content: bytes, root: Path) -> None:
    make_project(root)
    (root / "examples/pot/boiling.py").write_bytes(content)
    show(load_site(root))


TARGET = Target("script", scripts(), lambda: [SCRIPT.encode()], read)
