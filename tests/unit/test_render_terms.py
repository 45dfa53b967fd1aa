"""Words of the glossary in a page: the first use of each, and only in running text."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from markdown import Markdown

from stackdoc.adapters.markdown import StackdocExtension
from stackdoc.term import Term
from tests.unit import made_up

TERMS = (
    Term("bandwidth", "Bytes moved in a second."),
    Term("bandwidth-bound", "Limited by bandwidth."),
    Term("FLOP", "One operation."),
    Term("point", "One thing measured.", everyday=True),
    Term("token", made_up.HOSTILE),
)
LINK = re.compile(r'<a class="sd-term" href="/glossary/#term-([\w-]+)" title="([^"]*)">([^<]*)</a>')


def converted(tmp_path: Path, text: str) -> str:
    extension = StackdocExtension()
    extension.site = replace(made_up.site(tmp_path), terms={term.term: term for term in TERMS})
    return Markdown(extensions=[extension]).convert(text)


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("Bandwidth rules, and bandwidth again.", [("bandwidth", "Bandwidth")]),
        ("Tokens cost FLOPs.", [("token", "Tokens"), ("flop", "FLOPs")]),
        ("It is bandwidth-bound.", [("bandwidth-bound", "bandwidth-bound")]),
        ("- one *bandwidth*\n- two", [("bandwidth", "bandwidth")]),
        ("# Bandwidth\n\ntokenizer, half-bandwidth, flop, bandwidth-delay", []),
        ("`token` and [token](x.md) and ``{math}`token` ``", []),
        ("    token\n", []),
        ("A point on a line has one token.", [("token", "token")]),
        ("{math}`token`", []),
    ],
)
def test_the_first_use_of_a_word_leads_to_the_glossary(
    tmp_path: Path, text: str, linked: list[tuple[str, str]]
) -> None:
    assert [(anchor, said) for anchor, _, said in LINK.findall(converted(tmp_path, text))] == linked


def test_a_definition_is_text(tmp_path: Path) -> None:
    html = converted(tmp_path, "A token.")
    assert LINK.search(html)
    assert "<script" not in html
    assert "<img" not in html


def test_each_page_begins_anew(tmp_path: Path) -> None:
    extension = StackdocExtension()
    extension.site = replace(made_up.site(tmp_path), terms={term.term: term for term in TERMS})
    markdown = Markdown(extensions=[extension])
    assert markdown.convert("A token.") == markdown.reset().convert("A token.")
