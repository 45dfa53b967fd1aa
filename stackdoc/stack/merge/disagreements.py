"""The pages of disagreements and errata, computed from the sources."""

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
from stackdoc.stack.merge.merge import LeftOut, Merge, merge
from stackdoc.stack.merge.order import Orders
from stackdoc.stack.merge.votes import Pair, Vote, bond, find_dependency, find_ruling, pairs
from stackdoc.stack.taxonomies.pages import errata_entry, place_link, row_reference

VERBS = {"below": "is below", "above": "is above", "same": "is level with"}
KINDS = {
    "unanimous": "ordered alike by two or more lineages",
    "one": "ordered by one lineage only",
    "same": "always in the same row",
    "never": "not both in any source",
    "split": "ordered differently",
}


def pages(site: Site) -> tuple[Page, ...]:
    return (_disagreements(handbook(site).stack), _errata(handbook(site).stack))


def concerning(site: Site, layer: str) -> Markup | None:
    """List the rulings and overruled votes that concern a layer, or return None if there are none."""
    stack = handbook(site).stack
    rulings = [candidate for candidate in stack.rulings if any(layer in pair for pair in candidate.pairs)]
    items = [join([_ruling_link(candidate), f" {candidate.reason}"]) for candidate in rulings]
    for pair in pairs(stack):
        if layer in (pair.lower, pair.upper) and not find_ruling(stack, pair.lower, pair.upper):
            items += [_objection(stack, pair, vote) for vote in pair.votes if vote.side == "above"]
    return document.listing(items)


def _disagreements(stack: Stack) -> Page:
    merged = merge(stack)
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "Where the sources differ, what the handbook decided, and what would change otherwise. Every sentence on "
            "this page is computed from the layers of the sources, the dependencies and the rulings."
        ),
        document.heading("In short", "short"),
        _summary(stack, merged),
        *_splits(stack, merged),
        *_overruled(stack, merged),
        *_rulings(stack),
        document.heading("What orders neighbours", "neighbours"),
        _neighbours(stack),
        document.heading("Without one lineage", "leave-one-out"),
        _without(stack, merged),
        document.heading("Equally good orders", "orders"),
        *_orders(stack, merged),
        document.heading("Agreement of each source with this order", "agreement"),
        _agreement(stack, merged),
        document.heading("All pairs", "pairs"),
        *_kinds(stack, merged),
    ]
    description = "Splits between the sources, overruled votes, rulings with reasons, and how robust the order is."
    return document.page("disagreements.md", "Disagreements", description, blocks)


def _summary(stack: Stack, merged: Merge) -> Markup | None:
    classes = [f"{len(merged.of_kind(kind))} {words}" for kind, words in KINDS.items()]  # type: ignore[arg-type]
    overruled = document.count(len(merged.overruled), "vote")
    return document.listing(
        [
            f"{document.count(len(merged.pairs), 'pair')} of layers: {document.enumeration(classes)}.",
            f"The order agrees with {document.count(merged.agreed, 'vote')} and overrules {overruled}.",
            f"Dependencies and votes together leave {_best_orders_text(merged.with_dependencies)}.",
            f"The votes alone leave {_best_orders_text(merged.votes_alone)}.",
            f"{document.count(len(stack.rulings), 'ruling')} with reasons, for pairs the votes leave open.",
        ]
    )


def _best_orders_text(orders: Orders) -> str:
    return f"{document.count(orders.count, 'best order')}, with {document.count(orders.cost, 'vote')} overruled"


def _splits(stack: Stack, merged: Merge) -> list[str | Markup | None]:
    splits = merged.of_kind("split")
    if not splits:
        return []
    blocks: list[str | Markup | None] = [document.heading("Splits", "splits")]
    for pair in splits:
        lower, upper = stack.place(pair.lower).name, stack.place(pair.upper).name
        ruling = find_ruling(stack, pair.lower, pair.upper)
        blocks += [
            document.heading(f"{lower} and {upper}", f"split-{pair.lower}-{pair.upper}", 3),
            document.listing(_vote_sentence(stack, pair, vote) for vote in pair.votes),
            document.paragraph(_ruling_link(ruling)) if ruling else document.paragraph("No ruling decides it."),
        ]
    return blocks


def _vote_sentence(stack: Stack, pair: Pair, vote: Vote) -> Markup:
    """Describe the vote of one lineage on a pair."""
    lower, upper = stack.place(pair.lower).name, stack.place(pair.upper).name
    below, above = _rows(stack, vote.lower_rows), _rows(stack, vote.upper_rows)
    return join([below, f", which contains {lower}, {VERBS[vote.side]} ", above, f", which contains {upper}."])


def _rows(stack: Stack, names: Iterable[str]) -> Markup:
    """Render qualified rows with their printed names, grouped by name."""
    by_name: dict[str, list[Markup]] = {}
    for name in dict.fromkeys(names):
        by_name.setdefault(stack.source_layer(name).name, []).append(row_reference(stack, name))
    return join([join([join(rows, ", "), f" ({name})"]) for name, rows in by_name.items()], " and ")


def _objection(stack: Stack, pair: Pair, vote: Vote) -> Markup:
    lower, upper = place_link(stack, pair.lower), place_link(stack, pair.upper)
    return join([_vote_sentence(stack, pair, vote), " Here ", lower, " is below ", upper, "."])


def _overruled(stack: Stack, merged: Merge) -> list[str | Markup | None]:
    if not merged.overruled:
        return []
    rows = []
    for pair, vote in merged.overruled:
        ruling = find_ruling(stack, pair.lower, pair.upper)
        here = join([place_link(stack, pair.lower), " below ", place_link(stack, pair.upper)])
        reason = _ruling_link(ruling) if ruling else bond(stack, pair.lower, pair.upper).detail
        rows.append(document.row(here, _lineage(stack, vote.lineage), _vote_sentence(stack, pair, vote), reason))
    columns = ("Order here", "Overruled", "Its vote", "Reason")
    return [
        document.heading("Overruled votes", "overruled"),
        document.table("Votes against the order of the handbook", columns, rows),
    ]


def _lineage(stack: Stack, lineage: str) -> Markup:
    sources = [taxonomy.source for taxonomy in stack.taxonomies if taxonomy.source.lineage == lineage]
    return join([element("a", source.name, href=f"/sources/{source.id}/") for source in sources], " with ")


def _ruling_link(ruling: Ruling) -> Markup:
    return join(["Ruling: ", element("a", ruling.decision, href=f"/disagreements/#ruling-{ruling.id}")])


def _rulings(stack: Stack) -> list[str | Markup | None]:
    if not stack.rulings:
        return []
    blocks: list[str | Markup | None] = [document.heading("Rulings", "rulings")]
    for ruling in stack.rulings:
        pairs_text = join(
            [join([place_link(stack, low), " and ", place_link(stack, high)]) for low, high in ruling.pairs], "; "
        )
        entries: list[tuple[object, object]] = [
            ("Pairs", pairs_text),
            ("Reason", ruling.reason),
            ("Rejected alternatives", document.listing(ruling.alternatives)),
        ]
        title = document.heading(ruling.decision.rstrip("."), f"ruling-{ruling.id}", 3)
        blocks += [title, document.definitions(entries, TERSE)]
    return blocks


def _neighbours(stack: Stack) -> Markup:
    rows = []
    for lower, upper in reversed(list(pairwise(stack.layers))):
        pair_bond = bond(stack, lower.id, upper.id)
        here = join([place_link(stack, lower.id), " below ", place_link(stack, upper.id)])
        word = element("span", pair_bond.word, class_="sd-bond", data_bond=pair_bond.kind)
        rows.append(document.row(here, word, _reasons(stack, lower.id, upper.id), id=f"pair-{lower.id}-{upper.id}"))
    return document.table("Neighbours from the top down", ("Neighbours", "Ordered by", "Reason"), rows)


def _reasons(stack: Stack, lower: str, upper: str) -> Markup | None:
    """List the votes on a pair, the dependency and the ruling."""
    pair = next(pair for pair in pairs(stack) if (pair.lower, pair.upper) == (lower, upper))
    dependency, ruling = find_dependency(stack, lower, upper), find_ruling(stack, lower, upper)
    dependency_items = [f"Dependency: {dependency.reason}"] if dependency else []
    ruling_items = [_ruling_link(ruling)] if ruling else []
    return document.listing([*(_vote_by_rows(stack, vote) for vote in pair.votes), *dependency_items, *ruling_items])


def _vote_by_rows(stack: Stack, vote: Vote) -> Markup:
    """Describe a vote by its rows alone."""
    if set(vote.lower_rows) == set(vote.upper_rows):
        return join(["Both in ", _short(stack, vote.lower_rows)])
    return join([_short(stack, vote.lower_rows), f" {VERBS[vote.side]} ", _short(stack, vote.upper_rows)])


def _short(stack: Stack, names: Iterable[str]) -> Markup:
    return join([row_reference(stack, name) for name in dict.fromkeys(names)], ", ")


def _without(stack: Stack, merged: Merge) -> Markup:
    rows = [
        document.row(
            _lineage(stack, left_out.lineage),
            _orders_text(left_out.with_dependencies),
            _orders_text(left_out.votes_alone),
            _change(merged, left_out),
        )
        for left_out in merged.leave_one_out
    ]
    columns = ("Left out", "With dependencies", "By votes alone", "Effect")
    return document.table("Best orders when one lineage is left out", columns, rows)


def _orders_text(orders: Orders) -> str:
    return f"{document.count(orders.count, 'order')}, {document.count(orders.cost, 'vote')} overruled"


def _change(merged: Merge, left_out: LeftOut) -> str:
    """Describe whether our order is still among the listed best ones."""
    survives = merged.order in left_out.with_dependencies.orders
    if not survives:
        return "this order is no longer among the best"
    also_by_votes = ", and by votes alone too" if merged.order in left_out.votes_alone.orders else ""
    rank = "the only best one" if left_out.with_dependencies.count == 1 else "one of the best"
    return f"this order is {rank}{also_by_votes}"


def _orders(stack: Stack, merged: Merge) -> list[str | Markup | None]:
    orders = merged.votes_alone
    inclusion = "This order is among them." if merged.order in orders.orders else "This order is not among them."
    always, sometimes = _inverted(merged, orders)
    sentences = [f"By the votes alone: {_best_orders_text(orders)}. {inclusion}"]
    if always:
        sentences.append(f"All of them have {document.enumeration([_inverted_pair(stack, pair) for pair in always])}.")
    if sometimes:
        sentences.append(
            f"Some of them have {document.enumeration([_inverted_pair(stack, pair) for pair in sometimes])}."
        )
    items = [join([element("span", " < ".join(order), class_="sd-code sd-order")]) for order in orders.orders]
    extent = "all of them" if len(orders.orders) == orders.count else f"the first {len(orders.orders)}"
    listing = document.listing(items, ordered=True)
    fold = element("details", element("summary", f"The orders from the bottom up, {extent}"), listing)
    return [document.paragraph(" ".join(sentences)), fold]


def _inverted(merged: Merge, orders: Orders) -> tuple[list[Pair], list[Pair]]:
    """Return the pairs that every listed order inverts, and those that some invert."""
    ranks = [{layer: rank for rank, layer in enumerate(order)} for order in orders.orders]
    inversions = {pair: sum(rank[pair.lower] > rank[pair.upper] for rank in ranks) for pair in merged.pairs}
    every = [pair for pair, times in inversions.items() if times == len(ranks)]
    return every, [pair for pair, times in inversions.items() if 0 < times < len(ranks)]


def _inverted_pair(stack: Stack, pair: Pair) -> str:
    return f"{stack.place(pair.lower).name} above {stack.place(pair.upper).name}"


def _agreement(stack: Stack, merged: Merge) -> Markup:
    rows = []
    for agreement in merged.agreements:
        name = element("a", stack.taxonomy(agreement.source).source.name, href=f"/sources/{agreement.source}/")
        tau = "takes no side" if agreement.tau is None else f"{agreement.tau:.2f}"
        cells = (element("td", value, class_="sd-number") for value in (agreement.agreed, agreement.overruled, tau))
        rows.append(document.row(name, *cells))
    columns = ("Source", *map(document.number_head, ("Pairs agreed", "Pairs overruled", "Rank correlation τ")))
    return document.table("Each source alone against this order", columns, rows, "sd-table--numbers")


def _kinds(stack: Stack, merged: Merge) -> list[str | Markup | None]:
    blocks: list[str | Markup | None] = []
    for kind, words in KINDS.items():
        pairs_of_kind = merged.of_kind(kind)  # type: ignore[arg-type]
        if pairs_of_kind:
            names = [f"{stack.place(pair.lower).name} below {stack.place(pair.upper).name}" for pair in pairs_of_kind]
            summary = element("summary", f"{document.count(len(pairs_of_kind), 'pair')} {words}")
            blocks.append(element("details", summary, document.listing(names)))
    return blocks


def _errata(stack: Stack) -> Page:
    number = sum(len(taxonomy.errata) for taxonomy in stack.sources)
    intro = "Errors in the sources, with the row to which each belongs: what is printed, and what is meant or known. "
    blocks: list[str | Markup | None] = [document.paragraph(intro + f"There are {number}.")]
    for taxonomy in stack.sources:
        if taxonomy.errata:
            entries = [errata_entry(taxonomy, slip) for slip in taxonomy.errata]
            blocks += [
                document.heading(taxonomy.source.name, f"errata-{taxonomy.source.id}"),
                document.definitions(entries, TERSE),
            ]
    description = "Errors in the published stacks: what is printed, and what is meant or known."
    return document.page("errata.md", "Errata", description, blocks)
