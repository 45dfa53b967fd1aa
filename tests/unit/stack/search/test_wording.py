"""Synonyms and questions for the search: read with their mistakes, and turned into hints."""

from __future__ import annotations

from pathlib import Path

from stackdoc.errors import Problem
from stackdoc.project import Layout
from stackdoc.site.site import Site
from stackdoc.stack.glossary.term import GlossaryTerm
from stackdoc.stack.handbook import Handbook
from stackdoc.stack.search.hints import search_hints
from stackdoc.stack.search.wording import Question, Synonyms, read_questions, read_synonyms
from stackdoc.stack.systems.types import System


def written(root: Path, **files: str) -> Layout:
    (root / "docs/data").mkdir(parents=True)
    for name, text in files.items():
        (root / f"docs/data/{name}.yml").write_text(text, "utf-8")
    return Layout(root)


def test_what_is_wrong_is_named_with_its_line(tmp_path: Path) -> None:
    problems: list[Problem] = []
    layout = written(
        tmp_path,
        synonyms="- words: [alone]\n- words: [a, b]\n",
        questions="- page: a.md\n  asked: [why]\n- page: b.md\n  asked: []\n- page: a.md\n  asked: [how]\n",
    )
    read_synonyms(layout, problems)
    read_questions(layout, problems)
    assert [str(problem) for problem in problems] == [
        "docs/data/synonyms.yml:1: [0].words: a group needs two words or phrases; add one, or remove it",
        "docs/data/questions.yml:4: [1].asked: is empty; write what people ask",
        "docs/data/questions.yml:5: [2].page: duplicate page 'a.md'; first on line 1",
    ]


def test_terms_and_systems_bring_their_other_names() -> None:
    book = Handbook(
        terms={"KV cache": GlossaryTerm("KV cache", "Keys.", also=("KVC",)), "atom": GlossaryTerm("atom", "A part.")},
        systems={
            "dynamo": System("dynamo", "Dynamo", "library", aliases=("TorchDynamo",)),
            "other": System("other", "Other", "library", aliases=("has no page",)),
        },
        system_texts=("dynamo",),
        synonyms=(Synonyms(("a", "b")),),
        questions=(Question("systems/dynamo.md", ("what compiles",)),),
    )
    hints = search_hints(Site(Layout(Path()), {}, {}, data=book))
    assert hints.synonyms == [("KV cache", "KVC"), ("a", "b")]
    assert hints.also == {"systems/dynamo.md": ("what compiles", "TorchDynamo")}
