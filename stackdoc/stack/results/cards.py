"""Render results: a card each with question, number, sentence, verdict and link; and the number alone for a picture."""

from __future__ import annotations

from markupsafe import Markup

from stackdoc.errors import Problem, StackdocError
from stackdoc.render.fences.passage import passage
from stackdoc.render.html.element import element, join
from stackdoc.render.values.machine_switch import Choice, choices, variants
from stackdoc.render.values.points import Location
from stackdoc.site.site import Site
from stackdoc.stack.claims.block import for_each_choice, verdict_chip, verdict_for
from stackdoc.stack.entries import entry_location
from stackdoc.stack.handbook import handbook
from stackdoc.stack.results.choose import telling
from stackdoc.stack.results.result import ALWAYS, LayerResult


def cards(site: Site, number: int) -> Markup:
    """Render the most telling results as a list of cards."""
    return element("ul", *(_card(site, result) for result in telling(site, number)), class_="sd-results")


def number(site: Site, result: LayerResult) -> Markup:
    """Render the number with what it is a number of; both follow the selected machine."""
    value = element("span", _passage(site, result, "number"), class_="sd-result__value")
    return join([value, " ", element("span", _passage(site, result, "of"), class_="sd-result__of")])


def _card(site: Site, result: LayerResult) -> Markup:
    layer = handbook(site).stack.place(result.id)
    claim = handbook(site).claims.get(result.claim)
    chip = for_each_choice(site, claim, lambda _, verdict: verdict_chip(claim, verdict)) if claim else None
    verdict = element("a", chip, class_="sd-verdict-link", href=f"/claims/#claim-{result.claim}") if chip else None
    return element(
        "li",
        element("p", element("a", result.question, href=result.address), class_="sd-result__question"),
        element("p", number(site, result), class_="sd-result__number"),
        element("p", sentence(site, result), class_="sd-result__says"),
        element("p", verdict, " " if verdict else None, element("span", layer.name, class_="sd-result__layer")),
        class_="sd-result",
    )


def sentence(site: Site, result: LayerResult) -> Markup:
    """Render the sentence for the outcome on the selected machine."""
    claim = handbook(site).claims.get(result.claim)

    def words(choice: Choice) -> Markup:
        outcome = verdict_for(site, claim, choice)[1].answer if claim else ALWAYS
        return element("span", _passage(site, result, "says", outcome))

    return variants(site, words(choices(site)[0]), words)


def _passage(site: Site, result: LayerResult, field: str, key: str = "") -> Markup:
    words = result.says[key] if key else str(getattr(result, field))
    return passage(site, words, location_of(site, result, field, *([key] if key else [])))


def location_of(site: Site, result: LayerResult, *path: str) -> Location:
    """Return the line of one field of the result."""
    return entry_location(site, "results", result, *path)


def problems(site: Site) -> list[Problem]:
    """Return the problems of the roles in the texts of all results, at their lines."""
    found: list[Problem] = []
    for result in handbook(site).results.values():
        for field, key in (("number", ""), ("of", ""), *(("says", key) for key in result.says)):
            try:
                _passage(site, result, field, key)
            except StackdocError as error:
                found += error.problems
    return found
