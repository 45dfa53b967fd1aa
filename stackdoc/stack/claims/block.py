"""Claims of the sources, with the verdict of each machine and its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from markupsafe import Markup

from stackdoc.model.record import Point
from stackdoc.render.fences.passage import paragraphs, passage, plain
from stackdoc.render.html import document
from stackdoc.render.html.document import TERSE
from stackdoc.render.html.element import element, join, text
from stackdoc.render.html.tables import NONE, table
from stackdoc.render.pages.listings import date
from stackdoc.render.values.machine_switch import Choice, choices, variants, view_for, views_default_first, why_not
from stackdoc.render.values.record_view import NBSP, RecordView, figure_of, interval_text, point_label, record_path
from stackdoc.render.values.value import linked
from stackdoc.site.site import Site
from stackdoc.stack.claims.places import place_of
from stackdoc.stack.claims.states import NAMES
from stackdoc.stack.claims.types import Claim, Predicate
from stackdoc.stack.claims.verdict import Verdict, elsewhere, judge, spoken, unjudged
from stackdoc.stack.handbook import handbook
from stackdoc.stack.taxonomies.links import qualified_link
from stackdoc.statistics import Figure, format_figure, format_seconds

PARTS = {
    "test": "How it is tested",
    "shows": "What the proxy shows",
    "sum": "The sum",
    "missing": "What would test it",
}
OPERATORS = {"<": "below", "<=": "at most", ">": "above", ">=": "at least"}


def verdict_on(claim: Claim, view: RecordView) -> Verdict:
    return judge(claim, view.record, view.roofs)


def verdicts(site: Site, claim: Claim, device: str = "") -> tuple[tuple[RecordView, Verdict], ...]:
    """The verdict of each machine that measured the claim's example, that of the site's default first."""
    if claim.predicate is None or claim.predicate.example not in site.examples:
        return ()
    found = views_default_first(site, claim.predicate.example, device)
    about = (view for view in found if not claim.devices or view.record.device in claim.devices)
    return tuple((view, verdict_on(claim, view)) for view in about)


def verdict_for(site: Site, claim: Claim, choice: Choice) -> tuple[RecordView | None, Verdict]:
    """The verdict of the machine chosen; without a record there, why there is none."""
    if claim.predicate is None:
        return None, unjudged(claim)
    example = claim.predicate.example
    if example not in site.examples:
        return None, Verdict("not measurable here", "no record")
    view = view_for(site, choice, example, views_default_first(site, example))
    if claim.devices and (view.record.device if view else choice.device) not in claim.devices:
        return None, elsewhere(claim)
    if view is None:
        return None, Verdict("not measurable here", why_not(site, choice, example))
    return view, verdict_on(claim, view)


def by_choice(site: Site, claim: Claim, write: Callable[[RecordView | None, Verdict], Markup]) -> Markup:
    """What `write` makes of the verdict of each machine that may be chosen."""

    def written(choice: Choice) -> Markup:
        return write(*verdict_for(site, claim, choice))

    return variants(site, written(choices(site)[0]), written)


def block(site: Site, claim: Claim) -> Markup:
    """The claim in words, who makes it, what the handbook does about it, and how it stands on each machine."""
    _, own = verdict_for(site, claim, choices(site)[0])
    judged = verdicts(site, claim)
    chips = by_choice(site, claim, partial(_chip_with_reason, claim)) if claim.predicate else None
    return element(
        "section",
        element("p", _said(site, claim, "text", "sd-claim__text"), " ", _sources(claim.sources)),
        element("p", element("span", NAMES[claim.state], class_="sd-claim__state"), ": " if chips else None, chips),
        *(_paragraphs(site, claim, field, name) for field, name in PARTS.items()),
        element("p", _test(claim, judged), class_="sd-claim__test") if claim.predicate else None,
        _table(site, claim, judged) if judged else None,
        _doubt(site, claim),
        class_="sd-claim",
        id=f"claim-{claim.id}",
        data_claim=claim.id,
        data_state=claim.state,
        data_verdict=own.answer,
    )


def _said(site: Site, claim: Claim, field: str, class_: str) -> Markup:
    return element("span", passage(site, getattr(claim, field), place_of(site, claim, field)), class_=class_)


def _paragraphs(site: Site, claim: Claim, field: str, name: str) -> Markup:
    return paragraphs(site, getattr(claim, field), place_of(site, claim, field), name)


def _doubt(site: Site, claim: Claim) -> Markup | None:
    """The best objection with our reply, one fold away."""
    if not claim.doubt:
        return None
    said = (_paragraphs(site, claim, field, name) for field, name in (("doubt", "Doubt"), ("answer", "Answer")))
    return element("details", element("summary", "What a sceptic says"), *said, class_="sd-claim__doubt")


def _table(site: Site, claim: Claim, judged: Sequence[tuple[RecordView, Verdict]]) -> Markup:
    rows = [_row(claim, view, verdict) for view, verdict in judged]
    names = ["machine", "verdict", "measured", "predicted", "reason"]
    kept = [at for at in range(5) if any(row[at] != NONE for row in rows)]
    heads = [(names[at], False) for at in kept]
    cells = [[row[at] for at in kept] for row in rows]
    return table(heads, cells, "Verdicts by machine.", machines=_machines(site, claim, judged), stacked=True)


def chip(claim: Claim, verdict: Verdict) -> Markup:
    """The answer as a word, never as a colour alone."""
    kind = verdict.answer.replace(" ", "-")
    return element("span", words_of(claim, verdict), class_=f"sd-verdict sd-verdict--{kind}")


def words_of(claim: Claim, verdict: Verdict) -> str:
    """The answer as people read it: a proxy refutes nothing, and what nothing tests has no answer."""
    if claim.predicate is None:
        return NAMES[claim.state].lower()
    refuted = claim.state == "proxy" and verdict.answer == "does not hold here"
    return "this proxy does not show it" if refuted else verdict.answer


def reason_of(site: Site, claim: Claim, verdict: Verdict) -> Markup:
    """Why the answer is what it is; of a claim that nothing tests, what would."""
    return text(verdict.reason) if claim.predicate or not claim.missing else _said(site, claim, "missing", "sd-missing")


def _chip_with_reason(claim: Claim, view: RecordView | None, verdict: Verdict) -> Markup:
    """The answer; the reason too where no row of the table by machine holds it."""
    reason = element("span", f" {verdict.reason}", class_="sd-claim__reason")
    return chip(claim, verdict) if view else join([chip(claim, verdict), reason])


def _machines(site: Site, claim: Claim, judged: Sequence[tuple[RecordView, Verdict]]) -> list[str | None]:
    """For which choices each row stands; nothing where there is no choice."""
    every = choices(site)
    chosen = [(choice.key, verdict_for(site, claim, choice)[0]) for choice in every]
    keys = (" ".join(key for key, one in chosen if one == view) for view, _ in judged)
    return [found if len(every) > 1 else None for found in keys]


def claims_table(site: Site, claims: Iterable[Claim]) -> Markup:
    """Claims with their sources and the verdict of the machine chosen."""
    rows = [
        [
            _said(site, claim, "text", "sd-claim__text"),
            _sources(claim.sources),
            by_choice(site, claim, lambda _, verdict, claim=claim: chip(claim, verdict)),  # type: ignore[misc]
            by_choice(site, claim, lambda _, verdict, claim=claim: reason_of(site, claim, verdict)),  # type: ignore[misc]
        ]
        for claim in claims
    ]
    return table(
        [(name, False) for name in ("claim", "claimed by", "verdict here", "reason")],
        rows,
        "Claims of the sources.",
        stacked=True,
    )


def _sources(sources: Iterable[str]) -> Markup:
    return element(
        "span", "(", join([qualified_link(source) for source in sources], ", "), ")", class_="sd-claim__sources"
    )


def _test(claim: Claim, judged: Sequence[tuple[RecordView, Verdict]]) -> str:
    if claim.predicate is None:
        return ""
    wanted = claim.predicate
    points = ", ".join(spoken(key, judged[0][0].record if judged else None) for key in wanted.points)
    relation = f"{OPERATORS[wanted.op]} {_threshold(wanted, judged)}"
    return f"Holds where {wanted.quantity} of {points} in {wanted.example} is {relation}."


def _threshold(wanted: Predicate, judged: Sequence[tuple[RecordView, Verdict]]) -> str:
    """The value in the unit of the figures that are held against it, where a machine has any."""
    found = (figure_of(view, key, wanted.quantity) for view, _ in judged for key in wanted.points)
    unit = next((figure.unit for figure in found if figure), None)
    value = wanted.value
    if unit == "%":
        return f"{100 * value:g} %"
    return f"{value:g}" if unit is None else format_figure(Figure(value, value, value, unit))


def _row(claim: Claim, view: RecordView, verdict: Verdict) -> list[object]:
    points = claim.predicate.points if claim.predicate else ()
    quantity = claim.predicate.quantity if claim.predicate else ""
    words = [_measured(view, key, quantity) for key in points if figure_of(view, key, quantity)]
    record = element("a", view.label, href=record_path(view.record.id))
    return [
        join([record, f" ({view.record.device}, ", date(view.date), ")"]),
        chip(claim, verdict),
        join(words, "; ") or NONE,
        _predicted(view, points) or NONE,
        _beyond_figures(verdict, bool(words)),
    ]


def _measured(view: RecordView, key: str, quantity: str) -> Markup:
    """A point's figure with its interval, on which the verdict rests."""
    figure = figure_of(view, key, quantity)
    bounds = f" ({interval_text(figure)})" if figure else ""
    return join([f"{point_label(view.record, key)}: ", linked(view, key, quantity) or NONE, bounds])


def _beyond_figures(verdict: Verdict, measured: bool) -> str:
    """What the reason says besides the figures, which stand in a column of their own."""
    if not measured:
        return verdict.reason
    if verdict.disturbed:
        return verdict.reason
    names, only, _ = verdict.reason.partition(" only: ")  # a name may hold a colon
    return f"{names}{only.rstrip(': ')}" if verdict.answer == "holds in part" else NONE


def _predicted(view: RecordView, keys: Iterable[str]) -> str:
    """What was said before measuring, for the points that said it."""
    said = []
    for key in keys:
        found = view.record.item(key)
        if isinstance(found, Point) and found.prediction:
            formula = f" ({found.prediction.formula})" if found.prediction.formula else ""
            said.append(f"{format_seconds(found.prediction.seconds)}{formula}".replace(" s", f"{NBSP}s"))
    return "; ".join(said)


def judged(site: Site, view: RecordView) -> Markup | None:
    """The claims that this record decides about."""
    asked = (
        claim
        for claim in handbook(site).claims.values()
        if claim.predicate
        and claim.predicate.example == view.record.example
        and (not claim.devices or view.record.device in claim.devices)
    )
    rows = [
        (
            element("a", plain(claim.text), href=f"/claims/#claim-{claim.id}"),
            join([chip(claim, found), f" {found.reason}"]),
        )
        for claim, found in ((claim, verdict_on(claim, view)) for claim in asked)
    ]
    shown = document.definitions(rows, TERSE)
    return join([element("h2", "Verdicts", id="verdicts"), shown]) if shown else None
