"""The page of the named environments: their packages and examples, and what it takes to make them."""

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
    """Return `environments.md`: a table of all, then each with its command and its packages."""
    environments = sorted(site.environments.values(), key=lambda environment: environment.name)
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "Many systems require conflicting versions of the same packages, so no single environment can contain them "
            "all. An example that needs more than the packages of this site names an environment: a locked list of "
            "versions, from which ",
            element("code", "stackdoc env create NAME"),
            " makes a virtual environment. A build never does this. Once an environment exists, ",
            element("code", "stackdoc measure"),
            " measures its examples.",
        ),
        document.paragraph(
            "Sizes and times were measured when the environments were made. Times include any downloads, and so depend "
            "on the network."
        ),
        table(
            [("environment", False), ("packages", True), ("size", True), ("made in", True), ("conditions", False)],
            [row for environment in environments for row in _rows(site, environment)],
            "Environments.",
        ),
    ]
    for environment in environments:
        blocks += _section(site, environment)
    return document.page("environments.md", "Environments", "The sets of packages that examples run in.", blocks)


def _rows(site: Site, environment: Environment) -> list[list[object]]:
    name = element("a", environment.name, href=f"#{environment.name}")
    packages = len(environment.packages) + len(_unlocked(environment))
    made = creations(site, environment)
    if not made:
        return [[name, packages, NONE, NONE, "not made yet"]]
    return [[name, creation.packages, size(creation), seconds(creation), _made_on(creation)] for creation in made]


def creations(site: Site, environment: Environment) -> list[Creation]:
    """Return what it took to make the current lock on each machine, the newest first."""
    current = [
        creation
        for creation in site.creations
        if creation.environment == environment.name and creation.digest == environment.digest
    ]
    return sorted(current, key=lambda creation: (creation.date, creation.machine), reverse=True)


def summary_line(site: Site, name: str) -> Markup:
    """Return one line on an environment: a link to it, its size, and what it took to make."""
    environment = site.environments.get(name)
    if environment is None:
        return element("code", name)
    made = creations(site, environment)
    words = f": {size(made[0])}, made in {seconds(made[0])} " if made else ": "
    details = join([words, _made_on(made[0])]) if made else words
    return join(
        [element("a", environment.name, href=f"/environments/#{environment.name}"), details, " ", _command(environment)]
    )


def _command(environment: Environment) -> Markup:
    return element("code", f"stackdoc env create {environment.name}")


def size(creation: Creation) -> str:
    count = creation.size_bytes
    return f"{count / GIB:.1f} GiB" if count >= GIB else f"{count / MIB:.0f} MiB"


def seconds(creation: Creation) -> str:
    return f"{creation.seconds / 60:.1f} min" if creation.seconds >= 100 else f"{creation.seconds:.0f} s"


def _made_on(creation: Creation) -> Markup:
    source = "all packages downloaded" if creation.downloaded else "packages partly from a local cache"
    return join(
        [
            f"on {line(creation.hardware)}, ",
            date(creation.date),
            f", {line(creation.tool)}, Python {line(creation.python)}, {source}",
        ]
    )


def _unlocked(environment: Environment) -> tuple[str, ...]:
    return (*environment.no_deps, *environment.no_build_isolation)


def _section(site: Site, environment: Environment) -> list[str | Markup | None]:
    examples = sorted(id for id, example in site.examples.items() if example.environment == environment.name)
    packages = element("code", "\n".join(environment.packages))
    pairs = [
        ("Command", _command(environment)),
        ("Examples", join([titled(site, id) for id in examples], ", ") if examples else "none yet"),
        ("Python", environment.python),
        ("Needs", ", ".join(environment.needs)),
        ("Debian packages", ", ".join(environment.debian)),
        ("Installed without dependencies", ", ".join(environment.no_deps)),
        ("Built without isolation", ", ".join(environment.no_build_isolation)),
    ]
    return [
        document.heading(environment.name, environment.name),
        document.paragraph(environment.summary) if environment.summary else None,
        document.definitions(pairs, "sd-voices sd-voices--terse"),
        element(
            "details",
            element("summary", document.count(len(environment.packages), "locked package")),
            element("pre", packages, tabindex="0"),
            class_="sd-data",
            data_search_exclude=True,
        ),
    ]
