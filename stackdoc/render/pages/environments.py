"""The named environments: what they hold, which examples run in them, and what they take to make."""

from __future__ import annotations

from markupsafe import Markup

from stackdoc.model.environment import Creation, Environment
from stackdoc.render.html import document
from stackdoc.render.html.element import element, join, line
from stackdoc.render.html.page import Page
from stackdoc.render.html.tables import NONE, table
from stackdoc.render.pages.listings import date, titled
from stackdoc.site.site import Site

GIB, MIB = 2**30, 2**20


def page(site: Site) -> Page:
    """`environments.md`: a table of all, then each with its command and its packages."""
    every = sorted(site.environments.values(), key=lambda one: one.name)
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "Published systems pin each other out, so no one set of packages holds all of them. An example that needs "
            "more than the packages of the project itself names an environment: a locked list of versions, which ",
            element("code", "stackdoc env create NAME"),
            " makes into a virtual environment. No build makes one. Once it is there, ",
            element("code", "stackdoc measure"),
            " measures its examples.",
        ),
        document.paragraph(
            "Sizes and times were measured when the environments were made. A time includes fetching the packages "
            "where they were downloaded, and so depends on the network."
        ),
        table(
            [("environment", False), ("packages", True), ("size", True), ("made in", True), ("on", False)],
            [row for one in every for row in _rows(site, one)],
            "Environments.",
        ),
    ]
    for one in every:
        blocks += _section(site, one)
    return document.page("environments.md", "Environments", "The sets of packages that examples run in.", blocks)


def _rows(site: Site, one: Environment) -> list[list[object]]:
    name, packages = element("a", one.name, href=f"#{one.name}"), len(one.packages) + len(_unlocked(one))
    found = creations(site, one)
    if not found:
        return [[name, packages, NONE, NONE, "not made on a machine of ours yet"]]
    return [[name, each.packages, size(each), seconds(each), _on(each)] for each in found]


def creations(site: Site, one: Environment) -> list[Creation]:
    """What it took to make the present lock, on each machine."""
    found = [each for each in site.creations if each.environment == one.name and each.digest == one.digest]
    return sorted(found, key=lambda each: (each.date, each.machine), reverse=True)


def said(site: Site, name: str) -> Markup:
    """An environment in a line: a link to it, its size, and what it took to make."""
    one = site.environments.get(name)
    if one is None:
        return element("code", name)
    found = creations(site, one)
    words = f": {size(found[0])}, made in {seconds(found[0])} " if found else ": "
    how = join([words, _on(found[0])]) if found else words
    return join([element("a", one.name, href=f"/environments/#{one.name}"), how, " ", _command(one)])


def _command(one: Environment) -> Markup:
    return element("code", f"stackdoc env create {one.name}")


def size(one: Creation) -> str:
    count = one.size_bytes
    return f"{count / GIB:.1f} GiB" if count >= GIB else f"{count / MIB:.0f} MiB"


def seconds(one: Creation) -> str:
    return f"{one.seconds / 60:.1f} min" if one.seconds >= 100 else f"{one.seconds:.0f} s"


def _on(one: Creation) -> Markup:
    how = "all packages downloaded" if one.downloaded else "packages partly from a local cache"
    return join([f"on {line(one.hardware)}, ", date(one.date), f", {line(one.tool)}, Python {line(one.python)}, {how}"])


def _unlocked(one: Environment) -> tuple[str, ...]:
    return (*one.no_deps, *one.no_build_isolation)


def _section(site: Site, one: Environment) -> list[str | Markup | None]:
    examples = sorted(id for id, example in site.examples.items() if example.environment == one.name)
    packages = element("code", "\n".join(one.packages))
    pairs = [
        ("Made by", _command(one)),
        ("Examples", join([titled(site, id) for id in examples], ", ") if examples else "none yet"),
        ("Python", one.python),
        ("Needs", ", ".join(one.needs)),
        ("From Debian", ", ".join(one.debian)),
        ("Without their dependencies", ", ".join(one.no_deps)),
        ("Built with what is there", ", ".join(one.no_build_isolation)),
    ]
    return [
        document.heading(one.name, one.name),
        document.paragraph(one.summary) if one.summary else None,
        document.definitions(pairs, "sd-voices sd-voices--terse"),
        element(
            "details",
            element("summary", document.count(len(one.packages), "locked package")),
            element("pre", packages, tabindex="0"),
            class_="sd-data",
            data_search_exclude=True,
        ),
    ]
