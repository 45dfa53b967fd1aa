"""Files of one list each, from claims to contributions. A file that is not there is an empty one."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from stackdoc.claim import Claim, Predicate
from stackdoc.contribution import Contribution
from stackdoc.errors import Problem, did_you_mean
from stackdoc.example import Example
from stackdoc.fact import Fact
from stackdoc.reading.decode import decode_each
from stackdoc.reading.document import Document
from stackdoc.reading.document import Path as Place
from stackdoc.reading.examples import HOME, header_problem, is_example
from stackdoc.reading.strict_yaml import parse
from stackdoc.reading.text import read_text
from stackdoc.redirect import Redirect
from stackdoc.stack import Stack
from stackdoc.statistics.figure import QUANTITIES
from stackdoc.term import Term
from stackdoc.withdrawal import Withdrawal

DATA = "docs/data"
T = TypeVar("T")


def read_claims(
    root: Path, problems: list[Problem], stack: Stack | None = None, examples: Mapping[str, Example] | None = None
) -> dict[str, Claim]:
    """The claims by id. What they name is looked up in `stack` and `examples` when given; examples name them back."""
    claims, document = read_list(root, "claims", Claim, problems)
    for index, claim in claims:
        problems.extend(check_place(document, (index, "layer"), [claim.layer], stack))
        problems.extend(check_rows(document, (index, "sources"), claim.sources, stack))
        if (claim.predicate is None) is (not claim.not_measurable):
            message = "has both a predicate and not_measurable" if claim.predicate else "has no predicate"
            problems.append(document.problem((index,), message, "give a predicate, or say in not_measurable why not"))
        if claim.predicate:
            problems.extend(_check_predicate(document, index, claim.predicate))
            if examples is not None:
                problems.extend(_check_example(root, document, index, claim.predicate.example, examples))
    known = names_in(document)
    for example in (examples or {}).values():
        for name in example.claims:
            if name not in known:
                message = f"unknown claim {name!r}"
                problems.append(header_problem(example, "claims", message, did_you_mean(name, known)))
    return {claim.id: claim for _, claim in claims}


def _check_predicate(document: Document, index: int, predicate: Predicate) -> Iterator[Problem]:
    path = (index, "predicate")
    if predicate.quantity not in QUANTITIES:
        hint = did_you_mean(predicate.quantity, QUANTITIES)
        yield document.problem((*path, "quantity"), f"unknown quantity {predicate.quantity!r}", hint)
    if not predicate.points:
        yield document.problem((*path, "points"), "is empty", "name the points it is judged on")


def _check_example(
    root: Path, document: Document, index: int, name: str, examples: Mapping[str, Example]
) -> Iterator[Problem]:
    """A claim on an example that is neither read nor a script whose own faults are reported."""
    path = f"{HOME}/{name}.py"
    if name not in examples and not ((root / path).is_file() and is_example(root, path)):
        hint = did_you_mean(name, examples)
        yield document.problem((index, "predicate", "example"), f"unknown example {name!r}", hint)


def read_facts(root: Path, problems: list[Problem], stack: Stack | None = None) -> dict[str, Fact]:
    """The facts by id."""
    facts, document = read_list(root, "facts", Fact, problems)
    for index, fact in facts:
        problems.extend(check_place(document, (index, "layer"), [fact.layer], stack))
    return {fact.id: fact for _, fact in facts}


def read_terms(root: Path, problems: list[Problem]) -> dict[str, Term]:
    """The glossary by term."""
    terms, _ = read_list(root, "glossary", Term, problems)
    return {term.term: term for _, term in terms}


def read_withdrawals(
    root: Path, problems: list[Problem], records: Iterable[str] | None = None
) -> dict[str, Withdrawal]:
    """The withdrawals by the id of their record, which must be one of `records` when given: a record stays."""
    withdrawals, document = read_list(root, "withdrawn", Withdrawal, problems)
    found: dict[str, Withdrawal] = {}
    known = None if records is None else set(records)
    for index, one in withdrawals:
        if known is not None and one.record not in known:
            hint = did_you_mean(one.record, known)
            problems.append(document.problem((index, "record"), f"unknown record {one.record[:60]!r}", hint))
        if one.record in found:
            problems.append(document.problem((index, "record"), f"record {one.record[:60]!r} is withdrawn twice"))
        if not _is_day(one.date):
            problems.append(document.problem((index, "date"), f"{one.date[:60]!r} is no day", "write YYYY-MM-DD"))
        found[one.record] = one
    return found


def read_contributions(root: Path, problems: list[Problem]) -> dict[str, Contribution]:
    """Who contributed a record, by its id. A record that is not there yet may be in the list."""
    contributions, document = read_list(root, "contributed", Contribution, problems)
    found: dict[str, Contribution] = {}
    for index, one in contributions:
        if one.record in found:
            problems.append(document.problem((index, "record"), f"record {one.record[:60]!r} stands twice"))
        found[one.record] = one
    return found


def read_redirects(root: Path, problems: list[Problem]) -> tuple[Redirect, ...]:
    """The moved pages; each old address once, none leading to another that moved."""
    redirects, document = read_list(root, "redirects", Redirect, problems)
    old = [one.old for _, one in redirects]
    for index, one in redirects:
        for key in ("old", "new"):
            if not re.fullmatch(r"/(\w[\w.-]*/)+" + ("(#[^\\s#]+)?" if key == "new" else ""), str(getattr(one, key))):
                hint = "write /layers/name/, from the root of the site"
                problems.append(document.problem((index, key), f"{getattr(one, key)[:60]!r} is no address", hint))
        if old.count(one.old) > 1:
            problems.append(document.problem((index, "old"), f"{one.old[:60]!r} is redirected twice"))
        if one.new.partition("#")[0] in old:
            problems.append(document.problem((index, "new"), f"{one.new[:60]!r} has moved too", "lead to where it is"))
    return tuple(one for _, one in redirects)


def _is_day(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def read_list(
    root: Path, name: str, kind: type[T], problems: list[Problem]
) -> tuple[tuple[tuple[int, T], ...], Document]:
    """The well-formed entries with their indices, and the document, empty where there is no file or no YAML."""
    file = f"{DATA}/{name}.yml"
    text = read_text(root, file, problems) if (root / file).exists() else None
    document = parse(file, text, problems) if text is not None else None
    return (decode_each(kind, document, problems), document) if document else ((), Document(file, None))


def names_in(document: Document) -> set[str]:
    """The ids in the file, of ill-formed entries too."""
    entries = document.data if isinstance(document.data, list) else []
    return {str(entry["id"]) for entry in entries if isinstance(entry, dict) and "id" in entry}


def check_place(document: Document, path: Place, layers: Iterable[str], stack: Stack | None) -> Iterator[Problem]:
    known = {place.id for place in stack.places} if stack else set()
    for layer in layers:
        if stack and layer not in known:
            yield document.problem(path, f"unknown layer {layer!r}", did_you_mean(layer, known))


def check_rows(document: Document, path: Place, rows: Iterable[str], stack: Stack | None) -> Iterator[Problem]:
    known: Mapping[str, object] = (
        {row.qualified: row for taxonomy in stack.taxonomies for row in taxonomy.layers} if stack else {}
    )
    for index, row in enumerate(rows):
        if stack and row not in known:
            yield document.problem((*path, index), f"unknown source layer {row!r}", did_you_mean(row, known))
