"""The machine switch: a reader chooses a machine and device for the whole site, and every page follows.

`data-choice` lists the choices that a part of a page belongs to. The alternatives for one place are siblings; all but
the default's are hidden. If there is only one choice, there is neither a switch nor the attribute.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from markupsafe import Markup

from stackdoc.errors import capitalised
from stackdoc.machine.backends import LABELS
from stackdoc.machine.backends import named as backend_named
from stackdoc.model.record import Record
from stackdoc.records.current import HERE
from stackdoc.render.html.element import element, line
from stackdoc.render.values.record_view import (
    RecordView,
    date_of,
    machine_label,
    machine_rank,
    missing,
    unverified_note,
    views,
)
from stackdoc.site.site import Site, cached
from stackdoc.statistics.roofs import Roofs

T = TypeVar("T")
PART = Markup("<!--sd-part-->{}<!--/sd-part-->")  # what an adapter may move to a separate file


@dataclass(frozen=True)
class Choice:
    """A machine and device. `label` is for people: `NVIDIA H200, CUDA`; `key` is for addresses: `?machine=here.cpu`."""

    machine: str
    device: str
    label: str

    @property
    def key(self) -> str:
        return re.sub(r"[^\w.~-]+", "-", f"{self.machine}.{self.device}")


@cached
def choices(site: Site) -> tuple[Choice, ...]:
    """Return every machine and device with a record; the site's default comes first, even without a record."""
    places = site.by_place
    devices = [device for machine, device in places if machine == site.default_machine]
    labels = {
        (machine, device): _label(line(records[0].machine.label_on(device)), machine, _backend_label(records[0]))
        + unverified_note(site, records)
        for (machine, device), records in places.items()
    }
    if not devices:
        labels[site.default_machine, "cpu"] = _label(site.default_machine, site.default_machine, LABELS["cpu"])
    all_labels = list(labels.values())
    named = [
        Choice(*pair, f"{label} ({pair[0]})" if all_labels.count(label) > 1 else label)
        for pair, label in labels.items()
    ]
    return tuple(sorted(named, key=lambda choice: (*machine_rank(site, choice.machine), choice.device)))


def _label(name: str, machine: str, backend: str) -> str:
    known = "this machine" if machine == HERE else name
    return known if backend == LABELS["cpu"] else f"{known}, {backend}"  # a processor's name says what it is


def _backend_label(record: Record) -> str:
    """Return the label of what computed: torch has one name for the devices of two back ends."""
    backend = backend_named(record.computed.backend) if record.computed else None
    return backend.label if backend else LABELS.get(record.device, record.device)


def default_on(site: Site, device: str) -> str:
    """Return `here on cuda`, or `on NVIDIA H200, CUDA` if the default machine is not this one."""
    machines = [
        records[0].machine for (machine, _), records in site.by_place.items() if machine == site.default_machine
    ]
    if site.default_machine == HERE or not machines:
        return f"here on {device}"
    return f"on {_label(machine_label(site, machines[0], device), '', LABELS.get(device, device))}"


def switch(site: Site) -> Markup:
    """Return the select element for the header, or nothing if there is no choice; the script unhides it."""
    all_choices = choices(site)
    if len(all_choices) < 2:
        return Markup()
    options = [element("option", _option(site, choice), value=choice.key) for choice in all_choices]
    select = element("select", *options, id="sd-machine", autocomplete="off")
    label = element("label", "Machine", for_="sd-machine")
    return element("div", label, select, class_="md-header__option sd-switch", hidden=True)


def _option(site: Site, choice: Choice) -> str:
    """Name the choice with what it is worth: `2-core Zen 4 server CPU, 24 GiB · full runs · 2026-11-23`."""
    label = capitalised(choice.label)
    records = [record for id in site.examples if (record := site.current(id, choice.machine, choice.device))]
    if not records:
        return label
    full = sum(record.profile == "full" for record in records)
    profile = "full runs" if 2 * full > len(records) else "quick runs"
    return f"{label} · {profile} · {max(date_of(record) for record in records)}"


def roofs_on(site: Site, choice: Choice) -> Roofs | None:
    """Return the roofs of the chosen machine on its device, None if none was measured."""
    records = site.by_place.get((choice.machine, choice.device), ())
    return next((known for record in records if (known := site.roofs(record))), None)


@cached
def views_default_first(site: Site, example: str, device: str = "") -> tuple[RecordView, ...]:
    """Return the views of the example, beginning with the one shown when nothing was chosen."""
    all_views = views(site, example, device)
    first = view_for(site, choices(site)[0], example, all_views, device)
    return tuple(sorted(all_views, key=lambda view: view is not first))


def view_for(
    site: Site, choice: Choice, example: str, candidates: Sequence[RecordView], device: str = ""
) -> RecordView | None:
    """Return the view for the choice.

    An example that does not run on the chosen device gives that of the same machine on another device.
    """
    own_views = [view for view in candidates if view.key == choice.machine]
    exact = next((view for view in own_views if view.record.device == choice.device), None)
    return exact or (own_views[0] if own_views and choice.device not in _devices(site, example, device) else None)


def why_not(site: Site, choice: Choice, example: str, device: str = "") -> str:
    """Return why the choice has no record of the example."""
    devices = _devices(site, example, device)
    if choice.device not in devices:
        return f"it runs on {' and '.join(devices)} only, and has no record there"
    return "; ".join(reason for _, reason in missing(site, example, choice.machine, choice.device))


def _devices(site: Site, example: str, device: str) -> tuple[str, ...]:
    return (device,) if device else tuple(site.examples[example].devices)


def variants(site: Site, default: Markup, write: Callable[[Choice], Markup], tag: str = "span") -> Markup:
    """Return the text for each choice in elements of that tag: equal ones once, all but the default's hidden."""
    texts = by_value(site, default, write)
    if len(texts) == 1:
        return default
    parts = [
        element(tag, words, data_choice=keys, hidden=words != default, data_search_exclude=words != default)
        for words, keys in texts.items()
    ]
    return Markup().join(parts)


def by_value(site: Site, default: T, write: Callable[[Choice], T]) -> dict[T, str]:
    """Return each distinct value with the keys of its choices, as in `data-choice`; the default's comes first."""
    first, *others = choices(site)
    keys_by_value = {default: [first.key]}
    for choice in others:
        keys_by_value.setdefault(write(choice), []).append(choice.key)
    return {words: " ".join(keys) for words, keys in keys_by_value.items()}


def machine_folds(
    site: Site,
    example: str,
    blocks: Sequence[tuple[RecordView, Markup]],
    device: str = "",
    silent: bool = False,
    notes: Sequence[Markup] = (),
) -> list[Markup]:
    """Return the blocks of an example: the default's, a fold with those of other machines, and hidden lines.

    There is such a line for each choice without a record. `silent` leaves them out, for a block beside another one that
    has them. `notes` on what the default lacks come before the fold if it has no record at all, else into the fold.
    """
    all_choices = choices(site)
    if len(all_choices) < 2:
        return [*(block for _, block in blocks), *notes]
    shown = [view for view, _ in blocks]
    chosen = [view_for(site, choice, example, shown, device) for choice in all_choices]
    beside = () if chosen[0] else notes
    chosen[0] = chosen[0] or next(iter(shown), None)
    lines = [
        element(
            "p",
            f"Not measured on {choice.label}: {why_not(site, choice, example, device)}.",
            class_="sd-missing",
            data_choice=choice.key,
            hidden=True,
            data_search_exclude=True,
        )
        for choice, view in zip(all_choices, chosen, strict=True)
        if view is None and choice is not all_choices[0] and not silent
    ]
    folds = [
        element(
            "details",
            element("summary", f"{view.label}, {view.record.device}, {view.date}", hidden=view is chosen[0]),
            block if view is chosen[0] else PART.format(block),
            class_="sd-other",
            open=view is chosen[0],
            data_choice=" ".join(
                choice.key for choice, other in zip(all_choices, chosen, strict=True) if other is view
            ),
            data_machine=view.key,
        )
        for view, block in blocks
    ]
    inside = [*folds[1:], *(() if beside else notes)]
    others = element("details", element("summary", "Other machines"), *inside, class_="sd-machines") if inside else None
    return [*folds[:1], *beside, *([others] if others else []), *lines]


def default_choice(site: Site) -> str | None:
    """Return the `data-choice` of what concerns only the default; None if there is no other choice."""
    all_choices = choices(site)
    return all_choices[0].key if len(all_choices) > 1 else None
