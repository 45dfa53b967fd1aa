"""Where the sources differ: what each says, what was decided, and what would follow otherwise. All computed."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from markupsafe import Markup

from stackdoc.render.html import document
from stackdoc.render.html.document import TERSE
from stackdoc.render.html.element import element, join
from stackdoc.render.html.page import Page
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from stackdoc.stack.layers.types import Ruling, Stack
from stackdoc.stack.merge.merge import Merge, Without, merge
from stackdoc.stack.merge.order import Orders
from stackdoc.stack.merge.votes import Pair, Vote, bond, dependency, pairs, ruling
from stackdoc.stack.taxonomies.pages import errata_entry, place_link, row_reference

SAYS = {"below": "lies below", "above": "lies above", "same": "lies beside"}
KINDS = {
    "unanimous": "ordered alike by two or more lineages",
    "one": "ordered by one lineage alone",
    "same": "always in the same row",
    "never": "held together by no source",
    "split": "ordered differently",
}


def pages(site: Site) -> tuple[Page, ...]:
    return (_disagreements(handbook(site).stack), _errata(handbook(site).stack))


def touching(site: Site, layer: str) -> Markup | None:
    """The rulings and overruled votes that concern a layer, each with its reason's address; nothing when all agree."""
    stack = handbook(site).stack
    ruled = [found for found in stack.rulings if any(layer in pair for pair in found.pairs)]
    items = [join([_ruling_link(found), f" {found.reason}"]) for found in ruled]
    for pair in pairs(stack):
        if layer in (pair.lower, pair.upper) and not ruling(stack, pair.lower, pair.upper):
            items += [_objection(stack, pair, vote) for vote in pair.votes if vote.side == "above"]
    return document.listing(items)


def _disagreements(stack: Stack) -> Page:
    merged = merge(stack)
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "Where the sources differ, what was decided here, and what would follow otherwise. Every sentence of this "
            "page is computed from the sources' layers, from the dependencies and from the rulings."
        ),
        document.heading("In short", "short"),
        _summary(stack, merged),
        *_splits(stack, merged),
        *_overruled(stack, merged),
        *_rulings(stack),
        document.heading("What holds neighbours in order", "neighbours"),
        _neighbours(stack),
        document.heading("Without one of them", "leave-one-out"),
        _without(stack, merged),
        document.heading("Orders as good as each other", "orders"),
        *_orders(stack, merged),
        document.heading("How near each source is to this order", "agreement"),
        _agreement(stack, merged),
        document.heading("All pairs", "pairs"),
        *_kinds(stack, merged),
    ]
    description = "Splits between the sources, overruled votes, rulings and reasons, and how firmly the order stands."
    return document.page("disagreements.md", "Disagreements", description, blocks)


def _summary(stack: Stack, merged: Merge) -> Markup | None:
    classes = [f"{len(merged.of_kind(kind))} {words}" for kind, words in KINDS.items()]  # type: ignore[arg-type]
    overruled = document.count(len(merged.overruled), "vote")
    return document.listing(
        [
            f"{document.count(len(merged.pairs), 'pair')} of layers: {document.enumeration(classes)}.",
            f"The order agrees with {document.count(merged.agreed, 'vote')} and overrules {overruled}.",
            f"Dependencies and votes together leave {_best(merged.settled)}.",
            f"The votes alone leave {_best(merged.voted)}.",
            f"{document.count(len(stack.rulings), 'ruling')} with a reason: what the votes do not settle, or not well.",
        ]
    )


def _best(orders: Orders) -> str:
    return f"{document.count(orders.count, 'best order')}, with {document.count(orders.cost, 'vote')} overruled"


def _splits(stack: Stack, merged: Merge) -> list[str | Markup | None]:
    found = merged.of_kind("split")
    if not found:
        return []
    blocks: list[str | Markup | None] = [document.heading("Splits", "splits")]
    for pair in found:
        lower, upper = stack.place(pair.lower).name, stack.place(pair.upper).name
        ruled = ruling(stack, pair.lower, pair.upper)
        blocks += [
            document.heading(f"{lower} and {upper}", f"split-{pair.lower}-{pair.upper}", 3),
            document.listing(_says(stack, pair, vote) for vote in pair.votes),
            document.paragraph(_ruling_link(ruled)) if ruled else document.paragraph("No ruling decides it."),
        ]
    return blocks


def _says(stack: Stack, pair: Pair, vote: Vote) -> Markup:
    """What one lineage says of a pair: its rows, and which is lower."""
    lower, upper = stack.place(pair.lower).name, stack.place(pair.upper).name
    below, above = _rows(stack, vote.lower_rows), _rows(stack, vote.upper_rows)
    return join([below, f", which holds {lower}, {SAYS[vote.side]} ", above, f", which holds {upper}."])


def _rows(stack: Stack, names: Iterable[str]) -> Markup:
    """Qualified rows with the name under which they were printed, once for rows of one name."""
    called: dict[str, list[Markup]] = {}
    for name in dict.fromkeys(names):
        called.setdefault(stack.source_layer(name).name, []).append(row_reference(stack, name))
    return join([join([join(rows, ", "), f" ({name})"]) for name, rows in called.items()], " and ")


def _objection(stack: Stack, pair: Pair, vote: Vote) -> Markup:
    lower, upper = place_link(stack, pair.lower), place_link(stack, pair.upper)
    return join([_says(stack, pair, vote), " Here ", lower, " is below ", upper, "."])


def _overruled(stack: Stack, merged: Merge) -> list[str | Markup | None]:
    if not merged.overruled:
        return []
    rows = []
    for pair, vote in merged.overruled:
        ruled = ruling(stack, pair.lower, pair.upper)
        here = join([place_link(stack, pair.lower), " below ", place_link(stack, pair.upper)])
        why = _ruling_link(ruled) if ruled else bond(stack, pair.lower, pair.upper).detail
        rows.append(document.row(here, _lineage(stack, vote.lineage), _says(stack, pair, vote), why))
    columns = ("Here", "Overruled", "What it says", "Why")
    return [
        document.heading("Overruled votes", "overruled"),
        document.table("Votes against the order of the handbook", columns, rows),
    ]


def _lineage(stack: Stack, lineage: str) -> Markup:
    sources = [taxonomy.source for taxonomy in stack.taxonomies if taxonomy.source.lineage == lineage]
    return join([element("a", source.name, href=f"/sources/{source.id}/") for source in sources], " with ")


def _ruling_link(found: Ruling) -> Markup:
    return join(["Ruling: ", element("a", found.decision, href=f"/disagreements/#ruling-{found.id}")])


def _rulings(stack: Stack) -> list[str | Markup | None]:
    if not stack.rulings:
        return []
    blocks: list[str | Markup | None] = [document.heading("Rulings", "rulings")]
    for found in stack.rulings:
        about = join(
            [join([place_link(stack, low), " and ", place_link(stack, high)]) for low, high in found.pairs], "; "
        )
        said: list[tuple[object, object]] = [
            ("About", about),
            ("Reason", found.reason),
            ("It beat", document.listing(found.alternatives)),
        ]
        title = document.heading(found.decision.rstrip("."), f"ruling-{found.id}", 3)
        blocks += [title, document.definitions(said, TERSE)]
    return blocks


def _neighbours(stack: Stack) -> Markup:
    rows = []
    for lower, upper in reversed(list(pairwise(stack.layers))):
        found = bond(stack, lower.id, upper.id)
        here = join([place_link(stack, lower.id), " below ", place_link(stack, upper.id)])
        word = element("span", found.word, class_="sd-bond", data_bond=found.kind)
        rows.append(document.row(here, word, _reasons(stack, lower.id, upper.id), id=f"pair-{lower.id}-{upper.id}"))
    return document.table("Neighbours from the top down", ("Neighbours", "Held by", "Why"), rows)


def _reasons(stack: Stack, lower: str, upper: str) -> Markup | None:
    """The votes on a pair, the dependency and the ruling, a line each."""
    pair = next(pair for pair in pairs(stack) if (pair.lower, pair.upper) == (lower, upper))
    edge, ruled = dependency(stack, lower, upper), ruling(stack, lower, upper)
    needed = [f"Needed: {edge.reason}"] if edge else []
    decided = [_ruling_link(ruled)] if ruled else []
    return document.listing([*(_word(stack, vote) for vote in pair.votes), *needed, *decided])


def _word(stack: Stack, vote: Vote) -> Markup:
    """A vote by its rows alone."""
    if set(vote.lower_rows) == set(vote.upper_rows):
        return join(["Both in ", _short(stack, vote.lower_rows)])
    return join([_short(stack, vote.lower_rows), f" {SAYS[vote.side]} ", _short(stack, vote.upper_rows)])


def _short(stack: Stack, names: Iterable[str]) -> Markup:
    return join([row_reference(stack, name) for name in dict.fromkeys(names)], ", ")


def _without(stack: Stack, merged: Merge) -> Markup:
    rows = [
        document.row(
            _lineage(stack, found.lineage),
            _counted(found.settled),
            _counted(found.voted),
            _change(merged, found),
        )
        for found in merged.without
    ]
    columns = ("Left out", "With dependencies", "By votes alone", "Then")
    return document.table("Best orders when one lineage is left out", columns, rows)


def _counted(orders: Orders) -> str:
    return f"{document.count(orders.count, 'order')}, {document.count(orders.cost, 'vote')} overruled"


def _change(merged: Merge, found: Without) -> str:
    """Whether the order survives, as far as the listed orders tell."""
    among = merged.order in found.settled.orders
    if not among:
        return "this order is no longer among the best"
    alone = ", and by votes alone too" if merged.order in found.voted.orders else ""
    return f"this order is {'the only best one' if found.settled.count == 1 else 'one of the best'}{alone}"


def _orders(stack: Stack, merged: Merge) -> list[str | Markup | None]:
    voted = merged.voted
    ours = "This order is among them." if merged.order in voted.orders else "This order is not among them."
    always, sometimes = _inverted(merged, voted)
    said = [f"By the votes alone: {_best(voted)}. {ours}"]
    if always:
        said.append(f"All of them have {document.enumeration([_turned(stack, pair) for pair in always])}.")
    if sometimes:
        said.append(f"Some of them have {document.enumeration([_turned(stack, pair) for pair in sometimes])}.")
    written = [join([element("span", " < ".join(order), class_="sd-code sd-order")]) for order in voted.orders]
    shown = "all of them" if len(voted.orders) == voted.count else f"the first {len(voted.orders)}"
    listed = document.listing(written, ordered=True)
    fold = element("details", element("summary", f"The orders from the bottom up, {shown}"), listed)
    return [document.paragraph(" ".join(said)), fold]


def _inverted(merged: Merge, orders: Orders) -> tuple[list[Pair], list[Pair]]:
    """Pairs that every listed order has the other way round than ours, and pairs that some have."""
    places = [{layer: at for at, layer in enumerate(order)} for order in orders.orders]
    turned = {pair: sum(at[pair.lower] > at[pair.upper] for at in places) for pair in merged.pairs}
    every = [pair for pair, times in turned.items() if times == len(places)]
    return every, [pair for pair, times in turned.items() if 0 < times < len(places)]


def _turned(stack: Stack, pair: Pair) -> str:
    return f"{stack.place(pair.lower).name} above {stack.place(pair.upper).name}"


def _agreement(stack: Stack, merged: Merge) -> Markup:
    rows = []
    for found in merged.agreements:
        name = element("a", stack.taxonomy(found.source).source.name, href=f"/sources/{found.source}/")
        tau = "takes no side" if found.tau is None else f"{found.tau:.2f}"
        cells = (element("td", value, class_="sd-number") for value in (found.agreed, found.overruled, tau))
        rows.append(document.row(name, *cells))
    columns = ("Source", *map(document.number_head, ("Pairs agreed", "Pairs overruled", "Rank correlation τ")))
    return document.table("Each source alone against this order", columns, rows, "sd-table--numbers")


def _kinds(stack: Stack, merged: Merge) -> list[str | Markup | None]:
    blocks: list[str | Markup | None] = []
    for kind, words in KINDS.items():
        found = merged.of_kind(kind)  # type: ignore[arg-type]
        if found:
            names = [f"{stack.place(pair.lower).name} below {stack.place(pair.upper).name}" for pair in found]
            summary = element("summary", f"{document.count(len(found), 'pair')} {words}")
            blocks.append(element("details", summary, document.listing(names)))
    return blocks


def _errata(stack: Stack) -> Page:
    number = sum(len(taxonomy.errata) for taxonomy in stack.taxonomies)
    intro = "Slips of the sources, each beside the row it belongs to: what is printed, and what is meant or known. "
    blocks: list[str | Markup | None] = [document.paragraph(intro + f"There are {number}.")]
    for taxonomy in stack.taxonomies:
        if taxonomy.errata:
            entries = [errata_entry(taxonomy, slip) for slip in taxonomy.errata]
            blocks += [
                document.heading(taxonomy.source.name, f"errata-{taxonomy.source.id}"),
                document.definitions(entries, TERSE),
            ]
    description = "Slips of the published stacks: what is printed, and what is meant or known."
    return document.page("errata.md", "Errata", description, blocks)
