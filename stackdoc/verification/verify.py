"""Every citation of a document, held against the records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stackdoc.errors import did_you_mean
from stackdoc.model.record import Record
from stackdoc.site.run_history import run_history
from stackdoc.site.site import Site
from stackdoc.site.status import status_of
from stackdoc.statistics import Figure, compare, format_figure, quantity
from stackdoc.verification.citations import Citation, citations, point_of, without_addresses
from stackdoc.verification.copies import Copy, copies, differences, fault
from stackdoc.verification.figures import Held, Quoted, held, matched, quoted
from stackdoc.verification.finding import Finding
from stackdoc.verification.mentions import mentions
from stackdoc.verification.passages import passages

SECTIONS = frozenset({"", "figures", "conditions", "code", "verdicts", "cite"})  # of a record's page; no points


def verify(site: Site, text: str, name: str) -> tuple[Finding, ...]:
    """What `text`, the document `name`, cites: copies of records, ids and figures, in the order of their lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    pasted = copies(text)
    found = [_copy(site, copy, name, text.count("\n", 0, copy.start) + 1) for copy in pasted]
    for copy in reversed(pasted):
        blank = "\n" * text.count("\n", copy.start, copy.end)
        text = text[: copy.start] + blank + text[copy.end :]
    for passage in passages(text, name):
        found.extend(_passage(site, passage.text, name, passage.line))
    return tuple(sorted(found, key=lambda finding: finding.line))


def _copy(site: Site, copy: Copy, name: str, line: int) -> Finding:
    """A copy whose content hashes to its id is genuine when the site has that record."""
    id = str(copy.fields.get("id", "?")).lower()[:64]
    record = site.records.get(id)
    if wrong := fault(copy):
        changed = differences(copy, record) if record and copy.fields else ()
        return Finding(name, line, id, "altered", notes=(wrong, *changed))
    if record is None:
        return Finding(name, line, id, "unknown", notes=("the copy is whole, but this site has no such record",))
    stands = status_of(site, record)
    return Finding(
        name,
        line,
        id,
        "genuine",
        value="as recorded",
        standing=stands.word,
        notes=("a whole copy", stands.reason, *_remarks(site, record, "")),
    )


def _passage(site: Site, text: str, name: str, line: int) -> Iterator[Finding]:
    """The findings of one passage. A number that is another citation's figure is not held against this one."""
    cited = citations(text)
    if not cited:
        return
    known = [(one, record, _key(one, record)) for one in cited if (record := site.records.get(one.id)) is not None]
    figures = {one: held(record, site.roofs(record), key) for one, record, key in known if key is not None}
    units = {figure.figure.unit for every in figures.values() for figure in every}
    said = list(mentions(without_addresses(text), units))
    theirs = {one: matched(said, every) for one, every in figures.items()}
    for one in cited:
        record = site.records.get(one.id)
        if record is None:
            yield Finding(name, line, one.id, "unknown", notes=(_why_unknown(site, one),))
            continue
        key = _key(one, record)
        if key is None:
            hint = did_you_mean(one.fragment, [point.key for point in record.points])
            yield Finding(name, line, one.id, "unknown point", one.fragment, notes=(f"no such point; {hint}",))
            continue
        others = set().union(*(mine for other, mine in theirs.items() if other != one))
        left = [mention for mention in said if mention in theirs[one] or mention not in others]
        answer = quoted(left, figures[one], bool(key))
        named = answer.held or (figures[one][0] if key and figures[one] else None)
        yield _cited(site, record, key, answer, named, Finding(name, line, one.id, "genuine"))


def _key(citation: Citation, record: Record) -> str | None:
    """The point that the citation leads to, empty for the whole record; None for one that the record lacks."""
    if citation.fragment in SECTIONS:
        return ""
    keys = [*(point.key for point in record.points), *(ratio.key for ratio in record.ratios)]
    return point_of(citation.fragment, keys)


def _why_unknown(site: Site, citation: Citation) -> str:
    if not citation.well_formed:
        return "an id has 12 hexadecimal digits"
    return f"no record of this site; {did_you_mean(citation.id, site.records) or 'see /r/index.json'}"


def _cited(site: Site, record: Record, key: str, said: Quoted, named: Held | None, finding: Finding) -> Finding:
    """`named` is the figure that the citation is about, as far as it says."""
    stands = status_of(site, record)
    key = key or (said.held.key if said.held and said.value in ("as recorded", "rounded properly") else "")
    notes = [_of_value(said)]
    if stands.newest is not None:
        notes += [stands.reason, _by_how_much(site, record, stands.newest, named if key else None)]
    else:
        notes.append(stands.reason)
    return replace(
        finding,
        point=key,
        value=said.value,
        quoted=said.mention.text if said.mention else "",
        recorded=said.held.shown if said.held else "",
        standing=stands.word,
        notes=(*(note for note in notes if note), *_remarks(site, record, key)),
    )


def _remarks(site: Site, record: Record, key: str) -> Iterator[str]:
    """What was learnt later of the point cited, or of any where the whole record is cited."""
    for remark in site.remarks_on(record):
        if not key or remark.concerns(record.id, key):
            yield f"remark of {remark.date}: {' '.join(remark.text.split())}"


def _of_value(said: Quoted) -> str:
    if said.mention is None or said.held is None:
        return "no figure with a unit stands beside it"
    what = f"{said.held.quantity} of {said.held.key}"
    if said.value == "as recorded":
        return f"{said.mention.text} is the {what} as recorded"
    if said.value == "rounded properly":
        return f"{said.mention.text} is the {what}, {said.held.shown}, rounded properly"
    interval = _interval(said.held.figure) if said.mention.low else ""
    return f"{said.mention.text} is not the {what}: recorded is {said.held.shown}{interval}"


def _interval(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return ""
    low, high = (format_figure(replace(figure, value=bound)) for bound in (figure.low, figure.high))
    return f" ({low} to {high})"


def _by_how_much(site: Site, old: Record, new: Record, what: Held | None) -> str:
    """`3.36 ms → 2.99 ms, 0.889×: faster`, or why the two must not be compared."""
    if what is None:
        return ""
    now = quantity(new, what.key, what.quantity, site.roofs(new))
    if now is None:
        return f"the newer record has no {what.quantity} of {what.key}"
    change = f"{what.shown} → {format_figure(now)}"
    if what.quantity == "ratio":
        return change
    found = compare(old, new, what.key, run_history(site))
    if found.refused or found.ratio is None:
        return f"{change}, not to be compared: {found.refused}"
    times = format_figure(Figure(found.ratio, found.low, found.high, "×"))
    return f"{change}, {found.word} ({times} the {'value' if what.quantity == 'value' else 'time'})"
