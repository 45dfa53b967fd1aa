"""What a reader may choose once for the whole site: a machine and a device; and what a page holds for each choice.

`data-choice` names the choices that a part of a page is for. Parts of the same place are siblings; all but
the default's are hidden. Where there is one choice only, there is neither switch nor mark.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from markupsafe import Markup

from stackdoc.records.current import HERE
from stackdoc.render.html.element import element, line
from stackdoc.render.values.record_view import RecordView, machine_label, missing, unverified_note, views
from stackdoc.site.site import Site, once

T = TypeVar("T")
PART = Markup("<!--sd-part-->{}<!--/sd-part-->")  # what a site may keep in a file of its own
DEVICES = {"cpu": "CPU", "cuda": "CUDA", "xpu": "XPU", "mps": "MPS"}


@dataclass(frozen=True)
class Choice:
    """`label` is for people: `NVIDIA H200, CUDA`; `key` stands in addresses: `?machine=here.cpu`."""

    machine: str
    device: str
    label: str

    @property
    def key(self) -> str:
        return re.sub(r"[^\w.-]+", "-", f"{self.machine}.{self.device}")


@once
def choices(site: Site) -> tuple[Choice, ...]:
    """Every machine and device with a record; the site's default first, which is there without one too."""
    known = site.by_place
    own = [device for machine, device in known if machine == site.default_machine]
    labels = {
        pair: _label(line(records[0].machine.label_on(pair[1])), *pair) + unverified_note(site, records)
        for pair, records in known.items()
    }
    if not own:
        labels[site.default_machine, "cpu"] = _label(site.default_machine, site.default_machine, "cpu")
    seen = list(labels.values())
    found = [
        Choice(*pair, f"{label} ({pair[0]})" if seen.count(label) > 1 else label) for pair, label in labels.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.machine != site.default_machine, one.machine, one.device)))


def _label(name: str, machine: str, device: str) -> str:
    return f"{'this machine' if machine == HERE else name}, {DEVICES.get(device, device)}"


def default_on(site: Site, device: str) -> str:
    """`here on cuda`, or the machine by its name where the site was built elsewhere: `on NVIDIA H200, CUDA`."""
    own = [records[0].machine for (machine, _), records in site.by_place.items() if machine == site.default_machine]
    if site.default_machine == HERE or not own:
        return f"here on {device}"
    return f"on {machine_label(site, own[0], device)}, {DEVICES.get(device, device)}"


def switch(site: Site) -> Markup:
    """The labelled select for the header, shown by the script that serves it; nothing where there is no choice."""
    every = choices(site)
    if len(every) < 2:
        return Markup()
    options = [element("option", f"{one.label[0].upper()}{one.label[1:]}", value=one.key) for one in every]
    select = element("select", *options, id="sd-machine", autocomplete="off")
    label = element("label", "Machine", for_="sd-machine")
    return element("div", label, select, class_="md-header__option sd-switch", hidden=True)


@once
def views_default_first(site: Site, example: str, device: str = "") -> tuple[RecordView, ...]:
    """The views of the example, the one first that a reader sees who has chosen nothing."""
    found = views(site, example, device)
    first = view_for(site, choices(site)[0], example, found, device)
    return tuple(sorted(found, key=lambda view: view is not first))


def view_for(
    site: Site, choice: Choice, example: str, found: Sequence[RecordView], device: str = ""
) -> RecordView | None:
    """The choice's view; its machine on another device only for what does not run on the device chosen."""
    own = [view for view in found if view.key == choice.machine]
    exact = next((view for view in own if view.record.device == choice.device), None)
    return exact or (own[0] if own and choice.device not in _devices(site, example, device) else None)


def why_not(site: Site, choice: Choice, example: str, device: str = "") -> str:
    """Why the choice has no record of the example."""
    devices = _devices(site, example, device)
    if choice.device not in devices:
        return f"it runs on {' and '.join(devices)} only, and has no record there"
    return "; ".join(reason for _, reason in missing(site, example, choice.machine, choice.device))


def _devices(site: Site, example: str, device: str) -> tuple[str, ...]:
    return (device,) if device else tuple(site.examples[example].devices)


def variants(site: Site, default: Markup, write: Callable[[Choice], Markup], name: str = "span") -> Markup:
    """Text for each choice, in elements of that name: the default's in sight, the others hidden, equal ones once."""
    said = by_value(site, default, write)
    if len(said) == 1:
        return default
    parts = [
        element(name, words, data_choice=keys, hidden=words != default, data_search_exclude=words != default)
        for words, keys in said.items()
    ]
    return Markup().join(parts)


def by_value(site: Site, default: T, write: Callable[[Choice], T]) -> dict[T, str]:
    """What is said, with the keys of the choices it is said for, as `data-choice` has them; the default's first."""
    first, *others = choices(site)
    said = {default: [first.key]}
    for choice in others:
        said.setdefault(write(choice), []).append(choice.key)
    return {words: " ".join(keys) for words, keys in said.items()}


def machine_folds(
    site: Site, example: str, blocks: Sequence[tuple[RecordView, Markup]], device: str = "", silent: bool = False
) -> list[Markup]:
    """Blocks of an example, a view each: the first one open, the others one fold away, and a hidden line
    for each choice that has none (not when `silent`: another block of the same example says it)."""
    every = choices(site)
    if len(every) < 2:
        return [block for _, block in blocks]
    found = [view for view, _ in blocks]
    chosen = [view_for(site, choice, example, found, device) for choice in every]
    chosen[0] = chosen[0] or next(iter(found), None)
    lines = [
        element(
            "p",
            f"Not measured on {choice.label}: {why_not(site, choice, example, device)}.",
            class_="sd-missing",
            data_choice=choice.key,
            hidden=True,
            data_search_exclude=True,
        )
        for choice, view in zip(every, chosen, strict=True)
        if view is None and choice is not every[0] and not silent
    ]
    folds = [
        element(
            "details",
            element("summary", f"{view.label}, {view.record.device}, {view.date}", hidden=view is chosen[0]),
            block if view is chosen[0] else PART.format(block),
            class_="sd-other",
            open=view is chosen[0],
            data_choice=" ".join(choice.key for choice, one in zip(every, chosen, strict=True) if one is view),
            data_machine=view.key,
        )
        for view, block in blocks
    ]
    return [*folds, *lines]


def default_choice(site: Site) -> str | None:
    """The value of `data-choice` for what is said of the default alone; None where there is no other choice."""
    every = choices(site)
    return every[0].key if len(every) > 1 else None
