"""Checks every citation of a document against the records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stackdoc.errors import did_you_mean
from stackdoc.model.record import FIRST_ID_DIGITS, Record
from stackdoc.records.identity import ID_DIGITS, SHA256
from stackdoc.site.repetition import in_words, repetitions
from stackdoc.site.run_history import run_history
from stackdoc.site.site import Site
from stackdoc.site.status import status_of
from stackdoc.statistics import Figure, compare, format_figure, quantity
from stackdoc.verification.citations import Citation, citations, point_of, without_addresses
from stackdoc.verification.copies import Copy, copies, differences, fault
from stackdoc.verification.editions import edition_findings
from stackdoc.verification.figures import Quotation, RecordedFigure, judge, matching, recorded_figures
from stackdoc.verification.finding import Finding
from stackdoc.verification.mentions import mentions
from stackdoc.verification.passages import passages

# Anchors of a record's page that are not points.
SECTIONS = frozenset({"", "figures", "conditions", "code", "again", "remarks", "verdicts", "cite"})


def verify(site: Site, text: str, name: str) -> tuple[Finding, ...]:
    """Return a finding for each copy and citation of a record, and each link into an edition, in order of lines.

    `text` is the document `name`."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    pasted = copies(text)
    findings = [_copy(site, copy, name, text.count("\n", 0, copy.start) + 1) for copy in pasted]
    for copy in reversed(pasted):
        blank = "\n" * text.count("\n", copy.start, copy.end)
        text = text[: copy.start] + blank + text[copy.end :]
    for passage in passages(text, name):
        findings.extend(_passage(site, passage.text, name, passage.line))
        findings.extend(edition_findings(site, passage.text, name, passage.line))
    return tuple(sorted(findings, key=lambda finding: finding.line))


def _copy(site: Site, copy: Copy, name: str, line: int) -> Finding:
    """Return the finding on a copy, which is genuine if its content hashes to its id and to the record's digest."""
    id = str(copy.fields.get("id", "?")).lower()[:64]
    record = site.record(id)
    if wrong := fault(copy, record):
        changed = differences(copy, record) if record and copy.fields else ()
        return Finding(name, line, id, "altered", notes=(wrong, *changed))
    if record is None:
        return Finding(name, line, id, "unknown", notes=("the copy is intact, but this site has no such record",))
    status = status_of(site, record)
    return Finding(
        name,
        line,
        id,
        "genuine",
        value="as recorded",
        standing=status.word,
        notes=("an intact copy", status.reason, *in_words(repetitions(site, record.id)), *_remarks(site, record, "")),
    )


def _passage(site: Site, text: str, name: str, line: int) -> Iterator[Finding]:
    """Yield the findings of a passage. A number that is a figure of one citation is not checked against another."""
    cited = _without_confirmed(site, citations(text))
    if not cited:
        return
    known = [(it, record, _key(it, record)) for it in cited if (record := site.record(it.id)) is not None]
    figures = {it: recorded_figures(record, site.roofs(record), key) for it, record, key in known if key is not None}
    units = {recorded.figure.unit for every in figures.values() for recorded in every}
    numbers = list(mentions(without_addresses(text), units))
    matches = {citation: matching(numbers, every) for citation, every in figures.items()}
    for citation in cited:
        record = site.record(citation.id)
        if record is None:
            yield Finding(name, line, citation.id, "unknown", notes=(_why_unknown(site, citation),))
            continue
        key = _key(citation, record)
        if key is None:
            hint = did_you_mean(citation.fragment, [point.key for point in record.points])
            notes = (f"no such point; {hint}",)
            yield Finding(name, line, citation.id, "unknown point", citation.fragment, notes=notes)
            continue
        others = set().union(*(theirs for other, theirs in matches.items() if other != citation))
        own = [number for number in numbers if number in matches[citation] or number not in others]
        quotation = judge(own, figures[citation], bool(key))
        about = quotation.recorded or (figures[citation][0] if key and figures[citation] else None)
        yield _cited(site, record, key, quotation, about, Finding(name, line, citation.id, "genuine"))


def _without_confirmed(site: Site, cited: tuple[Citation, ...]) -> tuple[Citation, ...]:
    """Return the citations without digests that confirm the record which another citation of the passage names."""
    records = {citation: site.record(citation.id) for citation in cited}
    named = {record.id for citation, record in records.items() if record and not SHA256.fullmatch(citation.id)}
    return tuple(
        citation
        for citation, record in records.items()
        if record is None or record.id not in named or not SHA256.fullmatch(citation.id)
    )


def _key(citation: Citation, record: Record) -> str | None:
    """Return the key of the point cited, empty for the whole record; None if the record lacks the point."""
    return "" if citation.fragment in SECTIONS else point_of(citation.fragment, record.keys)


def _why_unknown(site: Site, citation: Citation) -> str:
    if not citation.well_formed:
        return "an id has 12 or 16 hexadecimal digits; all 64 of its digest may be cited too"
    if other := site.record(citation.id[:FIRST_ID_DIGITS]) or site.record(citation.id[:ID_DIGITS]):
        return f"the record that begins alike is {other.id}, with the digest {other.sha256}"
    return f"no record of this site; {did_you_mean(citation.id, site.records) or 'see /r/index.json'}"


def _cited(
    site: Site, record: Record, key: str, quotation: Quotation, about: RecordedFigure | None, finding: Finding
) -> Finding:
    """Return the finding on a genuine record with what it quotes; `about` is the figure cited, if that is known."""
    status = status_of(site, record)
    recorded, is_right = quotation.recorded, quotation.value in ("as recorded", "rounded properly")
    key = key or (recorded.key if recorded and is_right else "")
    notes = [_on_value(quotation), status.reason, *in_words(repetitions(site, record.id))]
    if status.newest is not None:
        notes.append(_change(site, record, status.newest, about if key else None))
    return replace(
        finding,
        point=key,
        value=quotation.value,
        quoted=quotation.mention.text if quotation.mention else "",
        recorded=recorded.shown if recorded else "",
        standing=status.word,
        notes=(*(note for note in notes if note), *_remarks(site, record, key)),
    )


def _remarks(site: Site, record: Record, key: str) -> Iterator[str]:
    """Yield the remarks on the point cited; all remarks if the whole record is cited."""
    for remark in site.remarks_on(record):
        if not key or remark.concerns(record.id, key):
            yield f"remark of {remark.date}: {' '.join(remark.text.split())}"


def _on_value(quotation: Quotation) -> str:
    if quotation.mention is None or quotation.recorded is None:
        return "no figure with a unit near the citation"
    text, recorded = quotation.mention.text, quotation.recorded
    what = f"{recorded.quantity} of {recorded.key}"
    if quotation.value == "as recorded":
        return f"{text} is the {what} as recorded"
    if quotation.value == "rounded properly":
        return f"{text} is the {what}, {recorded.shown}, rounded properly"
    interval = _interval(recorded.figure) if quotation.mention.low else ""
    return f"{text} is not the {what}: recorded is {recorded.shown}{interval}"


def _interval(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return ""
    low, high = (format_figure(replace(figure, value=bound)) for bound in (figure.low, figure.high))
    return f" ({low} to {high})"


def _change(site: Site, old: Record, new: Record, recorded: RecordedFigure | None) -> str:
    """Return `3.36 ms → 2.99 ms, faster (0.889× the time)`, or why the two must not be compared."""
    if recorded is None:
        return ""
    current = quantity(new, recorded.key, recorded.quantity, site.roofs(new))
    if current is None:
        return f"the newer record has no {recorded.quantity} of {recorded.key}"
    change = f"{recorded.shown} → {format_figure(current)}"
    if recorded.quantity == "ratio":
        return change
    comparison = compare(old, new, recorded.key, run_history(site))
    if comparison.refused or comparison.ratio is None:
        return f"{change}, not comparable: {comparison.refused}"
    times = format_figure(Figure(comparison.ratio, comparison.low, comparison.high, "×"))
    return f"{change}, {comparison.word} ({times} the {'value' if recorded.quantity == 'value' else 'time'})"
