"""The fence `when`: one text for each outcome of a claim or comparison; the selected machine decides which is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, get_args

from markupsafe import Markup

from stackdoc.errors import Problem, StackdocError, did_you_mean
from stackdoc.model.record import Point
from stackdoc.render.fences.fence import Fence
from stackdoc.render.fences.nested import nested
from stackdoc.render.html.element import element
from stackdoc.render.values.machine_switch import Choice, by_value, choices, view_for, views_default_first
from stackdoc.render.values.points import Location, Selection, known_example, parse_selection
from stackdoc.render.values.record_view import RecordView, main_quantity
from stackdoc.stack.claims.block import verdict_for
from stackdoc.stack.claims.side import side_of
from stackdoc.stack.claims.types import Claim
from stackdoc.stack.claims.verdict import ANSWERS, required_answers
from stackdoc.stack.handbook import handbook

Compared = Literal["above", "below", "undecided", "unmeasured"]
COMPARED: tuple[Compared, ...] = get_args(Compared)
AGAINST = "against"
OPTIONS: Mapping[str, tuple[type, ...]] = {**dict.fromkeys((*ANSWERS, *COMPARED), (str,)), AGAINST: (int, float)}


def when(fence: Fence) -> Markup:
    """Render `when: CLAIM` or `when: EXAMPLE POINT k=v`: every text is in the page, all but the default hidden."""
    words = str(fence.subject).strip()
    claims = handbook(fence.site).claims
    if words in claims:
        return _render(fence, *_claim_outcomes(fence, claims[words]))
    example, _, point = words.partition(" ")
    if not point.strip():
        if example in fence.site.examples:
            raise fence.place.refuse(f"{example!r} is an example without a point", "write EXAMPLE POINT k=v")
        raise fence.place.refuse(f"unknown claim {words!r}", did_you_mean(words, claims))
    known_example(fence.site, example, fence.place)
    return _render(fence, *_point_outcomes(fence, example, parse_selection(fence.site, example, point, fence.place)))


def _claim_outcomes(fence: Fence, claim: Claim) -> tuple[Sequence[str], Sequence[str], Callable[[Choice], str]]:
    """Return the allowed keys, the required keys, and a function from a choice to its outcome."""
    if claim.predicate is None:
        raise fence.place.refuse(f"claim {claim.id!r} has no verdict: its state is {claim.state}", "write plain text")
    return ANSWERS, required_answers(claim), lambda choice: verdict_for(fence.site, claim, choice)[1].answer


def _point_outcomes(
    fence: Fence, example: str, selection: Selection
) -> tuple[Sequence[str], Sequence[str], Callable[[Choice], str]]:
    """Do the same for a ratio or reported value that is compared with a number."""
    threshold = fence.options.get(AGAINST, 1)
    against = float(threshold) if isinstance(threshold, int | float) else 1.0

    def outcome(choice: Choice) -> str:
        views = views_default_first(fence.site, example)
        view = view_for(fence.site, choice, example, views)
        if view is None:
            return "unmeasured"
        place = fence.place if view is views[0] and not view.stale else None
        return compare_with(view, _key(view, selection, place), against)

    return (*COMPARED, AGAINST), COMPARED, outcome


def _key(view: RecordView, selection: Selection, place: Location | None) -> str:
    """Return the key of the selected point, or an empty string if the run left it out.

    Without `place` nothing is refused, since a record of an older source or of another machine must not break a page.
    """
    keys = selection.keys(view.record)
    if place and len(keys) > 1:
        hint = "give more parameters; known: " + ", ".join(keys)
        raise place.refuse(f"{str(selection)!r} names {len(keys)} points", hint)
    point = view.record.item(keys[0]) if len(keys) == 1 else None
    is_time = isinstance(point, Point) and point.kind == "time"
    if place and is_time:
        raise place.refuse(f"{str(selection)!r} is a time", "compare a ratio or a reported value")
    return keys[0] if point and not is_time else ""


def compare_with(view: RecordView, key: str, against: float) -> Compared:
    """Compare a ratio or value with a number, by the rule of verdicts; equality is not above."""
    point = view.record.item(key)
    side = side_of(view.record, key, main_quantity(point), ">", against, view.roofs) if point else None
    if side is None:
        return "unmeasured"
    return "undecided" if side.meets is None else "above" if side.meets else "below"


def _render(fence: Fence, allowed: Sequence[str], required: Sequence[str], outcome: Callable[[Choice], str]) -> Markup:
    _check(fence, allowed, required)
    first_choice, *_ = all_choices = choices(fence.site)
    default = outcome(first_choice)
    choices_by_outcome = by_value(fence.site, default, outcome)
    order = [
        default,
        *(answer for answer in allowed if answer != default and answer in fence.options and answer != AGAINST),
    ]
    return Markup("\n").join(
        element(
            "div",
            nested(fence.text(answer), fence.places[answer]),
            class_="sd-when",
            data_outcome=answer,
            data_choice=choices_by_outcome.get(answer, "") if len(all_choices) > 1 else None,
            hidden=answer != default,
            data_search_exclude=answer != default,
        )
        for answer in order
    )


def _check(fence: Fence, allowed: Sequence[str], required: Sequence[str]) -> None:
    """Raise StackdocError with every key that is unknown, empty or missing."""
    faults: list[StackdocError] = []
    for key in fence.options:
        if key not in allowed:
            hint = did_you_mean(key, allowed) or f"known: {', '.join(allowed)}"
            faults.append(fence.places[key].refuse(f"unknown outcome {key!r}", hint, fence.directive))
        elif key != AGAINST and not fence.text(key).strip():
            faults.append(fence.places[key].refuse(f"outcome {key!r} is empty", "write a sentence", fence.directive))
    if missing := [key for key in required if key not in fence.options]:
        words = ", ".join(repr(key) for key in missing)
        faults.append(
            fence.place.refuse(f"lacks the outcome {words}", "a build on another machine may need it", fence.directive)
        )
    if faults:
        problems: list[Problem] = [problem for fault in faults for problem in fault.problems]
        raise StackdocError(problems)
