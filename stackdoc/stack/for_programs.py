"""What the handbook publishes for programs: its data, a guide for language models, and rules for crawlers."""

from __future__ import annotations

from stackdoc.errors import line
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from stackdoc.stack.layers.types import Layer
from stackdoc.stack.merge import exports


def files(site: Site, address: str = "") -> dict[str, bytes]:
    """Return each file by its path on the site; `address` is the published root.

    Raises StackdocError when rdflib is not installed.
    """
    return {
        **exports.files(site, address),
        "llms.txt": llms(site).encode(),
        "robots.txt": robots(address).encode(),
    }


def llms(site: Site) -> str:
    """Return the guide of https://llmstxt.org/: what the site is, and its pages as Markdown, layer by layer."""
    stack = handbook(site).stack
    places = [*reversed(stack.layers), *stack.planes]
    return "\n".join(
        [
            f"# {line(site.name or stack.title)}",
            "",
            "> Layers of the AI stack: what each costs, measured on named machines. Every number leads to its record.",
            "",
            "Each page has a Markdown version at its address with `index.md` added. A measured figure is cited by its "
            "record: `/r/<id>/`, with the raw samples in `/r/<id>.json`.",
            "",
            "## Layers",
            "",
            *(_line(place) for place in places),
            "",
            "## Results",
            "",
            "- [Measured numbers](numbers/index.md): the figures that the pages lead with",
            "- [Claims](claims/index.md): what published layer models claim, with the verdict of each machine",
            "- [Decisions](decisions/index.md): questions with an answer and what to measure first",
            "- [Records](data/records.json): every record with its figures, as JSON",
            "",
        ]
    )


def _line(place: Layer) -> str:
    return f"- [{place.name}](layers/{place.id}/index.md): {line(place.question)}"


def robots(address: str) -> str:
    """Return rules that allow everything and name the map of the site, if its address is known."""
    sitemap = f"Sitemap: {address.rstrip('/')}/sitemap.xml\n" if address else ""
    return f"User-agent: *\nAllow: /\n{sitemap}"
