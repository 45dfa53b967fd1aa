"""The fence `when`: a text for each outcome of a claim or a comparison, of which the machine chosen shows one."""

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
from stackdoc.stack.claims.verdict import ANSWERS
from stackdoc.stack.handbook import handbook

Compared = Literal["above", "below", "undecided", "unmeasured"]
COMPARED: tuple[Compared, ...] = get_args(Compared)
AGAINST = "against"
OPTIONS: Mapping[str, tuple[type, ...]] = {**dict.fromkeys((*ANSWERS, *COMPARED), (str,)), AGAINST: (int, float)}


def when(found: Fence) -> Markup:
    """`when: CLAIM`, or `when: EXAMPLE POINT k=v`: all texts stand in the page, all but the default's hidden."""
    words = str(found.subject).strip()
    claims = handbook(found.site).claims
    if words in claims:
        return _written(found, *_of_claim(found, claims[words]))
    example, _, point = words.partition(" ")
    if not point.strip():
        if example in found.site.examples:
            raise found.place.refuse(f"{example!r} is an example without a point", "write EXAMPLE POINT k=v")
        raise found.place.refuse(f"unknown claim {words!r}", did_you_mean(words, claims))
    known_example(found.site, example, found.place)
    return _written(found, *_of_points(found, example, parse_selection(found.site, example, point, found.place)))


def _of_claim(found: Fence, claim: Claim) -> tuple[Sequence[str], Sequence[str], Callable[[Choice], str]]:
    """What outcomes there are, which of them must be written, and which one a choice has."""
    if claim.predicate is None:
        raise found.place.refuse(f"claim {claim.id!r} has no verdict: its state is {claim.state}", "write plain text")
    single = len(claim.predicate.points) == 1
    needed = [answer for answer in ANSWERS if not (single and answer == "holds in part")]
    return ANSWERS, needed, lambda choice: verdict_for(found.site, claim, choice)[1].answer


def _of_points(
    found: Fence, example: str, selection: Selection
) -> tuple[Sequence[str], Sequence[str], Callable[[Choice], str]]:
    """The same for a ratio or a reported value beside a number."""
    given = found.options.get(AGAINST, 1)
    against = float(given) if isinstance(given, int | float) else 1.0

    def outcome(choice: Choice) -> str:
        every = views_default_first(found.site, example)
        view = view_for(found.site, choice, example, every)
        if view is None:
            return "unmeasured"
        place = found.place if view is every[0] and not view.stale else None
        return compared(view, _key(view, selection, place), against)

    return (*COMPARED, AGAINST), COMPARED, outcome


def _key(view: RecordView, selection: Selection, place: Location | None) -> str:
    """The one point meant; nothing where the run left it out.

    Without a place nothing is refused: records of an older source or of other machines never make a page fail.
    """
    keys = selection.keys(view.record)
    if place and len(keys) > 1:
        hint = "give more parameters; known: " + ", ".join(keys)
        raise place.refuse(f"{str(selection)!r} names {len(keys)} points", hint)
    one = view.record.item(keys[0]) if len(keys) == 1 else None
    is_time = isinstance(one, Point) and one.kind == "time"
    if place and is_time:
        raise place.refuse(f"{str(selection)!r} is a time", "compare a ratio or a reported value")
    return keys[0] if one and not is_time else ""


def compared(view: RecordView, key: str, against: float) -> Compared:
    """Where the ratio or value lies, by the rule of a verdict; a number that is met exactly is not exceeded."""
    one = view.record.item(key)
    side = side_of(view.record, key, main_quantity(one), ">", against, view.roofs) if one else None
    if side is None:
        return "unmeasured"
    return "undecided" if side.meets is None else "above" if side.meets else "below"


def _written(found: Fence, known: Sequence[str], needed: Sequence[str], outcome: Callable[[Choice], str]) -> Markup:
    _check(found, known, needed)
    first, *_ = every = choices(found.site)
    own = outcome(first)
    said = by_value(found.site, own, outcome)
    order = [own, *(answer for answer in known if answer != own and answer in found.options and answer != AGAINST)]
    return Markup("\n").join(
        element(
            "div",
            nested(found.text(answer), found.places[answer]),
            class_="sd-when",
            data_outcome=answer,
            data_choice=said.get(answer, "") if len(every) > 1 else None,
            hidden=answer != own,
            data_search_exclude=answer != own,
        )
        for answer in order
    )


def _check(found: Fence, known: Sequence[str], needed: Sequence[str]) -> None:
    """Raises StackdocError with every key that does not belong, is empty or is missing."""
    faults: list[StackdocError] = []
    for key in found.options:
        if key not in known:
            hint = did_you_mean(key, known) or f"known: {', '.join(known)}"
            faults.append(found.places[key].refuse(f"unknown outcome {key!r}", hint, found.directive))
        elif key != AGAINST and not found.text(key).strip():
            faults.append(
                found.places[key].refuse(f"outcome {key!r} is empty", "say it in a sentence", found.directive)
            )
    if missing := [key for key in needed if key not in found.options]:
        words = ", ".join(repr(key) for key in missing)
        faults.append(
            found.place.refuse(f"lacks the outcome {words}", "a build elsewhere may need it", found.directive)
        )
    if faults:
        problems: list[Problem] = [problem for fault in faults for problem in fault.problems]
        raise StackdocError(problems)
