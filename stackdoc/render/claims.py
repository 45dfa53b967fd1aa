"""Claims of the sources, with the verdict of each machine and its reason."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from stackdoc.claim import Claim, Verdict, judge
from stackdoc.record import Point
from stackdoc.render.html import element, join
from stackdoc.render.listings import qualified_link
from stackdoc.render.measured import NBSP, Bench, benches, item, missing, point_label, record_path
from stackdoc.render.tables import NONE, table
from stackdoc.render.value import linked
from stackdoc.site import Site
from stackdoc.statistics import format_seconds

OPERATORS = {"<": "below", "<=": "at most", ">": "above", ">=": "at least"}


def verdict_on(claim: Claim, bench: Bench) -> Verdict:
    return judge(claim, bench.record, bench.roofs)


def verdicts(site: Site, claim: Claim, device: str = "") -> tuple[tuple[Bench, Verdict], ...]:
    """The verdict of each machine that measured the claim's example, this site's own first."""
    if claim.predicate is None:
        return ()
    return tuple((bench, verdict_on(claim, bench)) for bench in benches(site, claim.predicate.example, device))


def own_verdict(site: Site, claim: Claim) -> tuple[Bench | None, Verdict]:
    """The verdict of the site's default machine; without a record there, why there is none."""
    if claim.predicate is None:
        return None, Verdict("not measurable here", claim.not_measurable or "no measurement decides it")
    for bench, verdict in verdicts(site, claim):
        if bench.key == site.default_machine:
            return bench, verdict
    gaps = (
        missing(site, claim.predicate.example, site.default_machine) if claim.predicate.example in site.examples else ()
    )
    return None, Verdict(
        "not measurable here", "; ".join(f"{device}: {reason}" for device, reason in gaps) or "no record"
    )


def block(site: Site, claim: Claim) -> Markup:
    """The claim in words, who makes it, what decides it, and how it stands on each machine."""
    _, own = own_verdict(site, claim)
    judged = verdicts(site, claim)
    rows = [_row(claim, bench, verdict) for bench, verdict in judged]
    names = ["machine", "verdict", "measured", "predicted", "reason"]
    kept = [at for at in range(5) if any(row[at] != NONE for row in rows)]
    heads = [(names[at], False) for at in kept]
    shown = table(heads, [[row[at] for at in kept] for row in rows], "Verdicts by machine.") if rows else None
    return element(
        "section",
        element("p", element("q", claim.text, class_="sd-claim__text"), " ", _sources(claim.sources)),
        element("p", chip(own), None if rows else element("span", f" {own.reason}", class_="sd-claim__reason")),
        element("p", _test(claim), class_="sd-claim__test") if claim.predicate else None,
        shown,
        class_="sd-claim",
        id=f"claim-{claim.id}",
        data_claim=claim.id,
        data_verdict=own.answer,
    )


def chip(verdict: Verdict) -> Markup:
    """The answer as a word, never as a colour alone."""
    kind = verdict.answer.replace(" ", "-")
    return element("span", verdict.answer, class_=f"sd-verdict sd-verdict--{kind}")


def claims_table(site: Site, claims: Iterable[Claim]) -> Markup:
    """Claims with their sources and the verdict here."""
    rows = []
    for claim in claims:
        _, verdict = own_verdict(site, claim)
        rows.append([claim.text, _sources(claim.sources), chip(verdict), verdict.reason])
    return table(
        [(name, False) for name in ("claim", "claimed by", "verdict here", "reason")], rows, "Claims of the sources."
    )


def _sources(sources: Iterable[str]) -> Markup:
    return element(
        "span", "(", join([qualified_link(source) for source in sources], ", "), ")", class_="sd-claim__sources"
    )


def _test(claim: Claim) -> str:
    if claim.predicate is None:
        return ""
    wanted = claim.predicate
    points = ", ".join(wanted.points)
    return f"Holds where {wanted.quantity} of {points} in {wanted.example} is {OPERATORS[wanted.op]} {wanted.value:g}."


def _row(claim: Claim, bench: Bench, verdict: Verdict) -> list[object]:
    points = claim.predicate.points if claim.predicate else ()
    quantity = claim.predicate.quantity if claim.predicate else ""
    measured = [linked(bench, key, quantity) for key in points]
    words = [
        join([f"{point_label(bench.record, key)}: ", value])
        for key, value in zip(points, measured, strict=True)
        if value
    ]
    record = element("a", bench.label, href=record_path(bench.record.id))
    return [
        join([record, f" ({bench.record.device}, {bench.date})"]),
        chip(verdict),
        join(words, "; ") or NONE,
        _predicted(bench, points) or NONE,
        verdict.reason,
    ]


def _predicted(bench: Bench, keys: Iterable[str]) -> str:
    """What was said before measuring, for the points that said it."""
    said = []
    for key in keys:
        found = item(bench.record, key)
        if isinstance(found, Point) and found.prediction:
            formula = f" ({found.prediction.formula})" if found.prediction.formula else ""
            said.append(f"{format_seconds(found.prediction.seconds)}{formula}".replace(" s", f"{NBSP}s"))
    return "; ".join(said)
