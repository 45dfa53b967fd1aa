"""How often records of one machine are called different, and how often added work is found, from a long run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from stackdoc.project import Layout
from stackdoc.render.html.element import line
from stackdoc.render.html.tables import table
from stackdoc.stack.speed.results import shown

FILE = "between.json"
SCHEMA = "stackdoc.between/1"
COMMAND = "make truth-between"
HEADS = (
    ("kind of work", False),
    ("spread between runs", True),
    ("called different by launches alone", True),
    ("called different", True),
    ("added work found", True),
    ("its ratio covered", True),
)


def between(layout: Layout) -> Markup:
    """Tabulate the kinds of work; without the file, show the command that writes it.

    Raises ValueError for a file of another form.
    """
    return shown(layout, FILE, SCHEMA, COMMAND, _table)


def _table(document: Mapping[str, Any]) -> Markup:
    rows = [
        [line(f"{row['kind']}, {name}"), f"{float(row['spread']):.1%}".replace("%", " %"), *_shares(row)]
        for name, kinds in document["tallies"].items()
        for row in kinds
    ]
    return table(HEADS, rows, _caption(document))


def _shares(row: Mapping[str, Any]) -> Sequence[str]:
    totals = {"by_launches": "compared", "different": "compared", "found": "planted", "covered": "planted"}
    return [f"{int(row[name])} of {int(row[total])}" for name, total in totals.items()]


def _caption(document: Mapping[str, Any]) -> str:
    machine, records, gap_s = document["machine"], int(document["records"]), float(document["gap_s"])
    place = f"{machine['cpu']} ({machine['id']}), {machine['cores']} cores, {machine['memory_gib']} GiB"
    times = f"{document['measured_at'][:16].replace('T', ' ')} to {document['until'][:16].replace('T', ' ')} UTC"
    return line(
        f"Comparisons of {records} records of the same four examples, at least {gap_s:g} s apart; the added work is "
        f"a factor of {float(document['planted']):g}. {place}, {times}."
    )
