"""The list of comparisons: a matrix of machines, then the two profiles of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from markupsafe import Markup

from stackdoc.render.html import document
from stackdoc.render.html.element import element, join
from stackdoc.render.html.page import Page
from stackdoc.render.html.tables import NONE
from stackdoc.render.pages.compare import pair as pair_page
from stackdoc.render.pages.compare.sides import ComparedPair, examples_of, machine_pairs, profile_pairs
from stackdoc.render.pages.compare.wording import FASTER, SLOWER
from stackdoc.render.values.machine_switch import Choice, choices
from stackdoc.site.site import Site
from stackdoc.statistics.interval import FEWEST, INTERVAL


def pages(site: Site) -> tuple[Page, ...]:
    """Return `compare/index.md` and the pages of each pair of sides that share an example."""
    every = (*machine_pairs(site), *profile_pairs(site))
    return (_index(site), *(page for pair in every for page in pair_page.pages(site, pair)))


def _index(site: Site) -> Page:
    pairs, profiles = machine_pairs(site), profile_pairs(site)
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "Two machines side by side, point by point. A ratio is given if method, source and sizes agree and both "
            f"sides have at least {FEWEST} undisturbed launches. Its {INTERVAL} includes the spread between launches, "
            "the spread between runs, and the change of the machine itself that the controls show. Two figures count "
            "as different only if the whole interval is more than 5 % away from 1. There is no overall score."
        )
    ]
    if pairs:
        blocks += [_matrix(site, pairs)]
    else:
        blocks.append(
            document.paragraph(
                "Only one machine has records, so there is nothing to compare yet. Run ",
                element("kbd", "stackdoc measure"),
                " on another machine and commit the records of both: each pair of machines then has a page here. ",
                element("kbd", "stackdoc compare A B"),
                " compares two records or two machines on the command line.",
            )
        )
    if profiles:
        links = (element("a", pair.title, href=f"/{pair.address}/") for pair in profiles)
        blocks += [document.heading("Two profiles of one machine", "profiles"), document.listing(links)]
    return document.page("compare/index.md", "Compare", "Machines side by side, point by point.", blocks)


def _matrix(site: Site, pairs: Sequence[ComparedPair]) -> Markup:
    """Tabulate the machines against each other; a cell counts the timings of its row that are faster and slower."""
    by_keys = {(pair.other.key, pair.base.key): (pair, _counts(site, pair)) for pair in pairs}
    used = {key for keys in by_keys for key in keys}
    machines = [choice for choice in choices(site) if choice.key in used]
    rows = [document.row(row.label, *(_cell(by_keys, row, column) for column in machines)) for row in machines]
    heads = ("Machine", *(f"against {machine.label}" for machine in machines))
    return document.table("Timings of each machine, compared with each other one", heads, rows)


def _cell(
    by_keys: dict[tuple[str, str], tuple[ComparedPair, Counter[str]]], row: Choice, column: Choice
) -> Markup | str:
    if (found := by_keys.get((row.key, column.key))) is not None:
        faster, slower = FASTER, SLOWER
    elif (found := by_keys.get((column.key, row.key))) is not None:
        faster, slower = SLOWER, FASTER
    else:
        return NONE
    pair, counts = found
    total = counts.total()
    words = f"{counts[faster]} faster, {counts[slower]} slower" if total else "no timing in common"
    return join([element("a", words, href=f"/{pair.address}/"), f" of {total}" if total else ""])


def _counts(site: Site, pair: ComparedPair) -> Counter[str]:
    return Counter(str(timing.word) for example in examples_of(site, pair) for timing in example.timings)
