"""The list of all examples: a table, or a gallery of cards with pictures, tags and archives to download."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from urllib.parse import quote

from markupsafe import Markup

from stackdoc.examples.prose import name_as_title
from stackdoc.model.example import Example
from stackdoc.render.domain import Group, domain
from stackdoc.render.fences.passage import plain
from stackdoc.render.html import document
from stackdoc.render.html.element import element, join, line
from stackdoc.render.html.page import Assets, Page
from stackdoc.render.pages.thumbnail import thumbnail
from stackdoc.render.values.record_view import views
from stackdoc.site.site import Site

PATH = "examples/index.md"
LONGEST = 160  # characters of the text on a card


def page(site: Site, assets: Assets | None = None) -> Page:
    """Return `examples/index.md`, in the groups of the domain."""
    examples = sorted(site.examples.values(), key=lambda example: example.id)
    groups = [group for group in domain(site).groups(site, examples) if group.examples]
    if site.gallery:
        return _gallery(site, groups or _by_folder(examples), examples, assets)
    rows = [row for group in groups or [Group("", "", tuple(examples))] for row in _rows(site, group)]
    return document.page(
        PATH,
        "Examples",
        "Every example, and where it was measured.",
        [
            document.table("All examples", ("Example", "Measured on"), rows, "sd-grouped")
            if examples
            else document.paragraph("There are no examples yet.")
        ],
    )


def cards(site: Site, examples: Sequence[Example], assets: Assets | None, here: bool = False) -> Markup:
    """Return the examples as cards, each with its picture, its title, the beginning of its text and its tags.

    `here` says that the cards are on the page of all examples, where the lists by tag are.
    """
    items = [_card(site, example, assets, here) for example in examples]
    return element("div", element("ul", *items, class_="sd-gallery__cards"), class_="sd-gallery")


def tag_links(site: Site, example: Example, here: bool = False) -> Markup | None:
    """Return the tags of an example, which lead to the others with the same tag if there is a gallery."""
    place = "" if here else "/examples/"
    links = [
        element("a", line(tag), href=f"{place}#{quote(_anchor(tag))}") if site.gallery else element("span", line(tag))
        for tag in example.tags
    ]
    return element("span", join(links, " "), class_="sd-tags") if links else None


def _rows(site: Site, group: Group) -> Iterator[Markup]:
    name = element("a", group.name, href=group.address) if group.address else group.name
    if name:
        yield element("tr", element("th", name, colspan=2, scope="rowgroup"), class_="sd-group")
    for example in group.examples:
        measured = [f"{view.label} ({view.record.device})" for view in views(site, example.id)]
        yield document.row(_link(example), join(measured, "; ") or "not measured yet")


def _gallery(site: Site, groups: Sequence[Group], examples: Sequence[Example], assets: Assets | None) -> Page:
    blocks: list[str | Markup | None] = [_tag_bar(examples)]
    for group in groups:
        if len(groups) > 1:
            blocks.append(document.heading(group.name, f"group-{group.name}".lower()))
        if group.address:
            blocks.append(document.paragraph(element("a", f"About {group.name}", href=group.address)))
        blocks.append(cards(site, group.examples, assets, here=True))
    archive = element("a", "all examples", href="/examples.zip", download=True)
    blocks.append(document.paragraph("Download ", archive, " with the files that they need.") if examples else None)
    blocks.append(_by_tag(examples))
    return document.page(PATH, "Examples", "Every example, with a picture, its tags and its files.", blocks)


def _by_folder(examples: Sequence[Example]) -> list[Group]:
    """Return the examples of each folder, those outside of any first."""
    folders = groupby(sorted(examples, key=lambda example: (_folder(example), example.id)), _folder)
    return [Group(_folder_title(folder), "", tuple(members)) for folder, members in folders]


def _folder(example: Example) -> str:
    return example.id.rpartition("/")[0]


def _folder_title(folder: str) -> str:
    return " / ".join(name_as_title(part) for part in folder.split("/")) if folder else "Examples"


def _card(site: Site, example: Example, assets: Assets | None, here: bool) -> Markup:
    title = element("span", line(example.title), class_="sd-gallery__title")
    picture = element("span", thumbnail(site, example, assets), class_="sd-gallery__picture")
    words = beginning(example)
    return element(
        "li",
        element("a", picture, title, href=f"/examples/{example.id}/"),
        element("span", words, class_="sd-gallery__text") if words else None,
        tag_links(site, example, here),
        data_tags=json.dumps(example.tags, ensure_ascii=False) if example.tags else None,
    )


def beginning(example: Example) -> str:
    """Return the first sentence or words of an example's text, without markup; empty if it begins with none."""
    blocks = re.split(r"\n\s*\n", example.summary or example.text)
    block = next((block for block in map(str.strip, blocks) if re.match(r"(?!```)[\w(“‘\"'`*\[]", block)), "")
    words = line(plain(block))
    sentence = re.match(r".+?[.!?](?=\s|$)", words)
    words = sentence[0] if sentence else words
    return words if len(words) <= LONGEST else f"{words[:LONGEST].rpartition(' ')[0]} …"


def _link(example: Example) -> Markup:
    return element("a", line(example.title), href=f"/examples/{example.id}/")


def _tags(examples: Sequence[Example]) -> dict[str, list[Example]]:
    """Return the examples of each tag, in alphabetical order."""
    tags = {tag for example in examples for tag in example.tags}
    return {tag: [example for example in examples if tag in example.tags] for tag in sorted(tags, key=_alphabetical)}


def _alphabetical(tag: str) -> tuple[str, str]:
    return tag.casefold(), tag


def _anchor(tag: str) -> str:
    return "tag-" + re.sub(r"\s+", "-", line(tag))


def _tag_bar(examples: Sequence[Example]) -> Markup | None:
    """Return links to the lists by tag at the end of the page; a script lets them filter the cards instead."""
    links = [
        element("a", line(tag), " ", element("small", str(len(tagged))), href=f"#{quote(_anchor(tag))}", data_tag=tag)
        for tag, tagged in _tags(examples).items()
    ]
    return element("nav", *links, class_="sd-tag-bar", aria_label="Tags") if links else None


def _by_tag(examples: Sequence[Example]) -> Markup | None:
    """Return the examples of each tag as a list, to which the links of the tags lead."""
    rows = [
        element("div", element("dt", line(tag), id=_anchor(tag)), *(element("dd", _link(one)) for one in tagged))
        for tag, tagged in _tags(examples).items()
    ]
    return element("section", element("h2", "By tag"), element("dl", *rows), class_="sd-by-tag") if rows else None
