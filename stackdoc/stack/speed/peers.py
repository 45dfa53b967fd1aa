"""What other galleries publish for scripts of the same bytes, beside what stackdoc does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from stackdoc.project import Layout
from stackdoc.render.html.element import line
from stackdoc.render.html.tables import NONE, table
from stackdoc.stack.speed.results import shown
from stackdoc.statistics import Figure, format_figure

FILE = "peers.json"
SCHEMA = "stackdoc.peers/1"
COMMAND = f"python tests/benchmarks/peers.py docs/data/{FILE}"


def peers(layout: Layout) -> Markup:
    """A row for each script and a column for each gallery; without the file, the command that writes it.

    Raises ValueError, in words, for a file that is not of this form.
    """
    return shown(layout, FILE, SCHEMA, COMMAND, _table)


def _table(document: Mapping[str, Any]) -> Markup:
    published: dict[str, Sequence[Mapping[str, Any]]] = document["published"]
    versions = document["versions"]
    heads = [("script", False), *((line(f"{name} {versions[name]}"), True) for name in published)]
    scripts = next(iter(published.values()))
    rows = [
        [line(one["script"]), *(_shown(found[index]) if index < len(found) else NONE for found in published.values())]
        for index, one in enumerate(scripts)
    ]
    return table(heads, rows, _caption(document))


def _shown(one: Mapping[str, Any]) -> str:
    """A median to the digits its interval allows, with its quality, or the running time as a page says it."""
    if "quality" not in one:
        return f"{float(one['seconds']):g} s"
    quality = one["quality"]
    low, high = (None if one[side] is None else float(one[side]) for side in ("low", "high"))
    shown = format_figure(Figure(float(one["seconds"]), low, high, "s"))
    return f"{shown} ({int(one['launches'])} launches, {line(quality)})"


def _caption(document: Mapping[str, Any]) -> str:
    machine, versions = document["machine"], document["versions"]
    others = ", ".join(f"{name} {versions[name]}" for name in versions if name not in document["published"])
    place = f"{machine['cpu']} ({machine['id']}), {machine['cores']} cores, {machine['memory_gib']} GiB"
    return line(f"What each publishes: {document['work']}. {place}, {document['measured_at'][:10]} UTC, with {others}.")
