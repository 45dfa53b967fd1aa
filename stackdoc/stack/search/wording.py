"""Words that people use and the pages do not: synonyms, and questions with the page that answers each."""

from __future__ import annotations

from dataclasses import dataclass

from stackdoc.errors import Problem
from stackdoc.project import Layout
from stackdoc.reading.collections import read_list


@dataclass(frozen=True)
class Synonyms:
    """Words and phrases with one meaning."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """What people ask, and the `page` or section that answers it: `layers/serving.md#decide-bits`."""

    page: str
    asked: tuple[str, ...]


def read_synonyms(layout: Layout, problems: list[Problem]) -> tuple[Synonyms, ...]:
    groups = read_list(layout, "synonyms", Synonyms, problems)
    for entry, group in groups.entries:
        if len(group.words) < 2:
            problems.append(entry.problem(("words",), "a group needs two words or phrases", "add one, or remove it"))
    return groups.values


def read_questions(layout: Layout, problems: list[Problem]) -> tuple[Question, ...]:
    """Return the questions by page. Whether a page has the section is checked when the site is built."""
    questions = read_list(layout, "questions", Question, problems)
    first: dict[str, int] = {}
    for entry, question in questions.entries:
        line = first.setdefault(question.page, entry.line(()))
        if line != entry.line(()):
            problems.append(entry.problem(("page",), f"duplicate page {question.page!r}", f"first on line {line}"))
        if not question.asked:
            problems.append(entry.problem(("asked",), "is empty", "write what people ask"))
    return questions.values
