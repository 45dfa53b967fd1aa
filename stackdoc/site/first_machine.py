"""Whose figures a page shows to a reader who has chosen nothing."""

from __future__ import annotations

from functools import partial

from stackdoc.errors import Problem, StackdocError, did_you_mean
from stackdoc.records.current import HERE
from stackdoc.site.site import Site


def first_machine(site: Site, asked: str = "") -> str:
    """The one asked for; else this machine where it has records or nobody has; else the one measured best.

    Raises StackdocError when no record is of the machine asked for.
    """
    known = {site.machine_key(record) for record in site.records.values()}
    if asked and asked not in {HERE, *known}:
        hint = did_you_mean(asked, [*sorted(known), HERE])
        raise StackdocError(
            [Problem("mkdocs.yml", 0, "default_machine", f"no record is of the machine {asked!r}", hint)]
        )
    if asked:
        return asked
    return HERE if HERE in known or not known else max(sorted(known), key=partial(measured_well, site))


def measured_well(site: Site, machine: str) -> tuple[int, int]:
    """How many examples have a full record of their present source on the machine, and how many have any of it.

    What was contributed does not count: nobody's bundle decides whose figures are read first.
    """
    found = [site.current(id, machine, device) for id, example in site.examples.items() for device in example.devices]
    own = [one for one in found if one is not None and not site.contributor(one)]
    fresh = [one for one in own if site.examples[one.example].matches(one.digest)]
    full = {record.example for record in fresh if record.profile == "full"}
    return len(full), len({record.example for record in fresh})
