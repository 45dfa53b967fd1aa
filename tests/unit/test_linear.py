"""Whatever reads a text takes a time that grows with its length, not with its square, whatever the text repeats."""

from __future__ import annotations

import itertools
import string
import time
from collections.abc import Callable, Iterator

import pytest

from stackdoc.adapters import markdown as extension
from stackdoc.errors import Problem
from stackdoc.examples.header import read_header
from stackdoc.examples.prose import Prose
from stackdoc.examples.source_digest import essence
from stackdoc.measure.outputs import NO_ADDRESS, says_nothing
from stackdoc.model.record import Output
from stackdoc.reading import strict_yaml
from stackdoc.reading.text import heading
from stackdoc.records.export import csv_text
from stackdoc.render.fences.passage import plain
from stackdoc.render.html.markdown_twin import markdown
from stackdoc.render.pages.example import sanitised, terminal_text
from stackdoc.run.process.output import plain_text
from stackdoc.stack.decisions.read import _decisions
from stackdoc.stack.laws.uses import _laws, _split
from stackdoc.stack.prose import typed_quantities
from stackdoc.verification import citations, mentions
from stackdoc.verification.copies import copies
from stackdoc.verification.passages import passages

LENGTH = 20_000  # a quadratic search takes seconds for it, a linear one milliseconds
SECONDS = 1.0  # of processor time
PARTS = (
    *("<!--", "-->", "](", "[a](", "[^a]: ", "```", "~~~", "```a\n", "~~~\n", "````\n```\n", "{a}`", "{a}`b", "`a"),
    *("``a`", "**a", "*a ", "_a", "1 111", "1,111", "1.1", "1e", "1-1", "1 %", "A. ", "a. B ", "<a ", "</a", "<a>"),
    *("<br> ", "<>", "<script>", "<style>a", "<pre>", "<svg>", "&a", "\x1b[", "\x1b]", "$a", "$$", "# ", "# a  "),
    *("{#", "{#a ", "- ", "> ", "1. ", "{{", "a:", ":a:", ":a:`", "Measured(key='", "Measured(key='a', seconds="),
    *("---\n", "- a\n", "a: ", "a: {", "? ", "# /// script\n", "# a\n", "# %%\n", "#" * 20, "at 0x1234567 "),
    *("record ", "sha256 ", "/r/0123456789ab#", "https://", "aaaa://", '"schema": ', '{"schema": "stackdoc.record/'),
    *("calc:\n", "law: ", "\r", "\\(", "## Decide\n### 1. a "),
)
BLANKS = (" ", "\t", "\n")


def texts() -> Iterator[str]:
    for part in (*string.punctuation, *BLANKS, "a", "A", "1", "ü", *PARTS):
        yield part * (LENGTH // len(part)) + "x"
    for blank, start, end in itertools.product(BLANKS, ("# a", "a", "`a", "a.", "<"), ("x", "`", ">")):
        yield start + blank * LENGTH + end
    yield "<>" * (LENGTH // 2) + f"<b {NO_ADDRESS}>"


READERS: dict[str, Callable[[str], object]] = {
    "fences": lambda text: [*extension.blocks(text.split("\n")), *extension.faulty_blocks(text.split("\n"))],
    "linted prose": lambda text: list(typed_quantities("layers/a.md", text)),
    "heading": heading,
    "decisions": lambda text: list(_decisions("a", "a.md", f"## Decide\n### {text}")),
    "uses of laws": lambda text: (_split(text), list(_laws(text))),
    "short texts": plain,
    "passages": lambda text: passages(text, "a.md"),
    "passages of HTML": lambda text: passages(text, "a.html"),
    "passages of TeX": lambda text: passages(text, "a.tex"),
    "mentions": lambda text: list(mentions.mentions(text, ["B/token"])),
    "citations": lambda text: (citations.citations(text), citations.without_addresses(text)),
    "copies": copies,
    "YAML": lambda text: strict_yaml.parse("a.yml", text, []),
    "header": lambda text: read_header("a.py", text, list[Problem]()),
    "docstring": lambda text: Prose().titled(text or "a"),
    "source digest": essence,
    "output": lambda text: (says_nothing(Output(0, "text/plain", text)), terminal_text(text), plain_text(text)),
    "output in HTML": sanitised,
    "CSV": csv_text,
    "Markdown twin": markdown,
}
OF_HTML_PARSER = ("passages of HTML", "Markdown twin")
UNENDING = ("<a ", "</a")  # for which html.parser itself takes long, in Python 3.11 and 3.12


@pytest.mark.case(56)
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.case(88)
def test_the_time_of_a_reader_grows_with_the_length(reader: str) -> None:
    read = READERS[reader]
    for text in texts():
        if reader in OF_HTML_PARSER and text.startswith(UNENDING):
            continue
        started = time.process_time()
        read(text)
        taken = time.process_time() - started
        assert taken < SECONDS, f"{taken:.1f} s for {text[:20]!r}…{text[-20:]!r}"
