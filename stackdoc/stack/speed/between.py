"""How often records of one box are called different, and how often more work is found: from the file of a long run."""

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
    ("one run from the next", True),
    ("called different by launches alone", True),
    ("called different", True),
    ("more work found", True),
    ("its ratio covered", True),
)


def between(layout: Layout) -> Markup:
    """A row for each kind of work and one for all; without the file, the command that writes it.

    Raises ValueError, in words, for a file that is not of this form.
    """
    return shown(layout, FILE, SCHEMA, COMMAND, _table)


def _table(document: Mapping[str, Any]) -> Markup:
    rows = [
        [line(f"{one['kind']}, {name}"), f"{float(one['spread']):.1%}".replace("%", " %"), *_shares(one)]
        for name, found in document["tallies"].items()
        for one in found
    ]
    return table(HEADS, rows, _caption(document))


def _shares(one: Mapping[str, Any]) -> Sequence[str]:
    wholes = {"by_launches": "compared", "different": "compared", "found": "planted", "covered": "planted"}
    return [f"{int(one[name])} of {int(one[whole])}" for name, whole in wholes.items()]


def _caption(document: Mapping[str, Any]) -> str:
    machine, records, gap_s = document["machine"], int(document["records"]), float(document["gap_s"])
    place = f"{machine['cpu']} ({machine['id']}), {machine['cores']} cores, {machine['memory_gib']} GiB"
    times = f"{document['measured_at'][:16].replace('T', ' ')} to {document['until'][:16].replace('T', ' ')} UTC"
    return line(
        f"Comparisons of {records} records of the same four examples, {gap_s:g} s apart and more; the planted work is "
        f"{float(document['planted']):g} times as much. {place}, {times}."
    )
