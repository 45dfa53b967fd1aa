"""What stackdoc and other galleries publish for the same scripts."""

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
    """Tabulate scripts by gallery; without the file, show the command that writes it.

    Raises ValueError for a file of another form.
    """
    return shown(layout, FILE, SCHEMA, COMMAND, _table)


def _table(document: Mapping[str, Any]) -> Markup:
    published: dict[str, Sequence[Mapping[str, Any]]] = document["published"]
    versions = document["versions"]
    heads = [("script", False), *((line(f"{name} {versions[name]}"), True) for name in published)]
    scripts = next(iter(published.values()))
    rows = [
        [
            line(script["script"]),
            *(_shown(results[index]) if index < len(results) else NONE for results in published.values()),
        ]
        for index, script in enumerate(scripts)
    ]
    return table(heads, rows, _caption(document))


def _shown(result: Mapping[str, Any]) -> str:
    """Format a median with its quality, to the digits its interval justifies, or else the published time."""
    if "quality" not in result:
        return f"{float(result['seconds']):g} s"
    quality = result["quality"]
    low, high = (None if result[side] is None else float(result[side]) for side in ("low", "high"))
    text = format_figure(Figure(float(result["seconds"]), low, high, "s"))
    return f"{text} ({int(result['launches'])} launches, {line(quality)})"


def _caption(document: Mapping[str, Any]) -> str:
    machine, versions = document["machine"], document["versions"]
    others = ", ".join(f"{name} {versions[name]}" for name in versions if name not in document["published"])
    place = f"{machine['cpu']} ({machine['id']}), {machine['cores']} cores, {machine['memory_gib']} GiB"
    return line(f"What each publishes: {document['work']}. {place}, {document['measured_at'][:10]} UTC, with {others}.")
