"""Render claims with the verdict of each machine and its reason."""

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
from stackdoc.stack.claims.locations import location_of
from stackdoc.stack.claims.states import NAMES
from stackdoc.stack.claims.types import Claim, Predicate
from stackdoc.stack.claims.verdict import Verdict, judge, other_device, point_words, unjudged
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
    """Return the verdict of each machine that measured the example of the claim, the default machine first."""
    if claim.predicate is None or claim.predicate.example not in site.examples:
        return ()
    views = views_default_first(site, claim.predicate.example, device)
    relevant = (view for view in views if not claim.devices or view.record.device in claim.devices)
    return tuple((view, verdict_on(claim, view)) for view in relevant)


def verdict_for(site: Site, claim: Claim, choice: Choice) -> tuple[RecordView | None, Verdict]:
    """Return the verdict of the selected machine with its record, or without a record the reason for its absence."""
    if claim.predicate is None:
        return None, unjudged(claim)
    example = claim.predicate.example
    if example not in site.examples:
        return None, Verdict("not measurable here", "no record")
    view = view_for(site, choice, example, views_default_first(site, example))
    if claim.devices and (view.record.device if view else choice.device) not in claim.devices:
        return None, other_device(claim)
    if view is None:
        return None, Verdict("not measurable here", why_not(site, choice, example))
    return view, verdict_on(claim, view)


def for_each_choice(site: Site, claim: Claim, render_verdict: Callable[[RecordView | None, Verdict], Markup]) -> Markup:
    """Render the verdict of each selectable machine."""

    def render(choice: Choice) -> Markup:
        return render_verdict(*verdict_for(site, claim, choice))

    return variants(site, render(choices(site)[0]), render)


def claim_block(site: Site, claim: Claim) -> Markup:
    """Render a claim: its text, its sources, how it is tested, and its verdict on each machine."""
    _, own = verdict_for(site, claim, choices(site)[0])
    judgements = verdicts(site, claim)
    chips = for_each_choice(site, claim, partial(_chip_with_reason, claim)) if claim.predicate else None
    return element(
        "section",
        element("p", _passage(site, claim, "text", "sd-claim__text"), " ", _sources(claim.sources)),
        element("p", element("span", NAMES[claim.state], class_="sd-claim__state"), ": " if chips else None, chips),
        *(_paragraphs(site, claim, field, name) for field, name in PARTS.items()),
        element("p", _test(claim, judgements), class_="sd-claim__test") if claim.predicate else None,
        _table(site, claim, judgements) if judgements else None,
        _doubt(site, claim),
        class_="sd-claim",
        id=f"claim-{claim.id}",
        data_claim=claim.id,
        data_state=claim.state,
        data_verdict=own.answer,
    )


def _passage(site: Site, claim: Claim, field: str, class_: str) -> Markup:
    return element("span", passage(site, getattr(claim, field), location_of(site, claim, field)), class_=class_)


def _paragraphs(site: Site, claim: Claim, field: str, name: str) -> Markup:
    return paragraphs(site, getattr(claim, field), location_of(site, claim, field), name)


def _doubt(site: Site, claim: Claim) -> Markup | None:
    """Render the best objection and our reply, folded."""
    if not claim.doubt:
        return None
    texts = (_paragraphs(site, claim, field, name) for field, name in (("doubt", "Doubt"), ("answer", "Answer")))
    return element("details", element("summary", "What a sceptic says"), *texts, class_="sd-claim__doubt")


def _table(site: Site, claim: Claim, judgements: Sequence[tuple[RecordView, Verdict]]) -> Markup:
    rows = [_row(claim, view, verdict) for view, verdict in judgements]
    titles = ["machine", "verdict", "measured", "predicted", "reason"]
    used = [index for index in range(5) if any(row[index] != NONE for row in rows)]
    heads = [(titles[index], False) for index in used]
    cells = [[row[index] for index in used] for row in rows]
    return table(heads, cells, "Verdicts by machine.", machines=_machines(site, claim, judgements), stacked=True)


def verdict_chip(claim: Claim, verdict: Verdict) -> Markup:
    """Render the answer as a word, not by colour alone."""
    kind = verdict.answer.replace(" ", "-")
    return element("span", verdict_words(claim, verdict), class_=f"sd-verdict sd-verdict--{kind}")


def verdict_words(claim: Claim, verdict: Verdict) -> str:
    """Return the answer in words: a proxy cannot refute a claim, and an untested claim shows its state instead."""
    if claim.predicate is None:
        return NAMES[claim.state].lower()
    refuted = claim.state == "proxy" and verdict.answer == "does not hold here"
    return "this proxy does not show it" if refuted else verdict.answer


def reason_text(site: Site, claim: Claim, verdict: Verdict) -> Markup:
    """Render the reason for the verdict, or what would test a claim that nothing tests."""
    return (
        text(verdict.reason) if claim.predicate or not claim.missing else _passage(site, claim, "missing", "sd-missing")
    )


def _chip_with_reason(claim: Claim, view: RecordView | None, verdict: Verdict) -> Markup:
    """Render the answer, with its reason if the table of machines has no row for it."""
    reason = element("span", f" {verdict.reason}", class_="sd-claim__reason")
    return verdict_chip(claim, verdict) if view else join([verdict_chip(claim, verdict), reason])


def _machines(site: Site, claim: Claim, judgements: Sequence[tuple[RecordView, Verdict]]) -> list[str | None]:
    """Return the keys of the choices that each row applies to, or None if there is only one choice."""
    options = choices(site)
    chosen = [(choice.key, verdict_for(site, claim, choice)[0]) for choice in options]
    keys = (" ".join(key for key, chosen_view in chosen if chosen_view == view) for view, _ in judgements)
    return [row_keys if len(options) > 1 else None for row_keys in keys]


def claims_table(site: Site, claims: Iterable[Claim]) -> Markup:
    """Tabulate claims with their sources and the verdict of the selected machine."""
    rows = [
        [
            _passage(site, claim, "text", "sd-claim__text"),
            _sources(claim.sources),
            for_each_choice(site, claim, lambda _, verdict, claim=claim: verdict_chip(claim, verdict)),  # type: ignore[misc]
            for_each_choice(site, claim, lambda _, verdict, claim=claim: reason_text(site, claim, verdict)),  # type: ignore[misc]
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


def _test(claim: Claim, judgements: Sequence[tuple[RecordView, Verdict]]) -> str:
    if claim.predicate is None:
        return ""
    predicate = claim.predicate
    points = ", ".join(point_words(key, judgements[0][0].record if judgements else None) for key in predicate.points)
    relation = f"{OPERATORS[predicate.op]} {_threshold(predicate, judgements)}"
    return f"Holds where {predicate.quantity} of {points} in {predicate.example} is {relation}."


def _threshold(predicate: Predicate, judgements: Sequence[tuple[RecordView, Verdict]]) -> str:
    """Format the threshold in the unit of the measured figures, if there are any."""
    figures = (figure_of(view, key, predicate.quantity) for view, _ in judgements for key in predicate.points)
    unit = next((figure.unit for figure in figures if figure), None)
    value = predicate.value
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
        verdict_chip(claim, verdict),
        join(words, "; ") or NONE,
        _predicted(view, points) or NONE,
        _reason_beside_figures(verdict, bool(words)),
    ]


def _measured(view: RecordView, key: str, quantity: str) -> Markup:
    """Render the figure of a point with the interval that decides the verdict."""
    figure = figure_of(view, key, quantity)
    bounds = f" ({interval_text(figure)})" if figure else ""
    return join([f"{point_label(view.record, key)}: ", linked(view, key, quantity) or NONE, bounds])


def _reason_beside_figures(verdict: Verdict, measured: bool) -> str:
    """Return the part of the reason that the column of figures does not show already."""
    if verdict.disturbed or not measured:
        return verdict.reason
    return f"for {', '.join(verdict.holds_for)} only" if verdict.holds_for else NONE


def _predicted(view: RecordView, keys: Iterable[str]) -> str:
    """Return the predictions of the points that have one."""
    predictions = []
    for key in keys:
        point = view.record.item(key)
        if isinstance(point, Point) and point.prediction:
            formula = f" ({point.prediction.formula})" if point.prediction.formula else ""
            predictions.append(f"{format_seconds(point.prediction.seconds)}{formula}".replace(" s", f"{NBSP}s"))
    return "; ".join(predictions)


def verdicts_of_record(site: Site, view: RecordView) -> Markup | None:
    """Render the verdicts that this record gives, or None if it decides no claim."""
    claims = (
        claim
        for claim in handbook(site).claims.values()
        if claim.predicate
        and claim.predicate.example == view.record.example
        and (not claim.devices or view.record.device in claim.devices)
    )
    rows = [
        (
            element("a", plain(claim.text), href=f"/claims/#claim-{claim.id}"),
            join([verdict_chip(claim, verdict), f" {verdict.reason}"]),
        )
        for claim, verdict in ((claim, verdict_on(claim, view)) for claim in claims)
    ]
    listing = document.definitions(rows, TERSE)
    return join([element("h2", "Verdicts", id="verdicts"), listing]) if listing else None
