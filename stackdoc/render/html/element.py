"""HTML elements built from untrusted values."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from stackdoc.errors import clean as clean
from stackdoc.errors import line as line

_CODE = re.compile(r"`([^`]+)`")

VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "wbr"})


def text(value: object) -> Markup:
    """Return the value as HTML text: Markup stays as it is, anything else is cleaned and escaped."""
    return value if isinstance(value, Markup) else escape(clean(value))


def element(name: str, /, *children: object, **attributes: object) -> Markup:
    """Return `<name …>children</name>`.

    `class_` becomes class, `data_record` becomes data-record. An attribute that is True has no value; one that is None
    or False is left out, as is a child that is None.
    """
    parts = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        attribute = key.rstrip("_").replace("_", "-")
        parts.append(attribute if value is True else f'{attribute}="{escape(clean(value))}"')
    opening = f"<{' '.join(parts)}>"
    if name in VOID:
        return Markup(opening)
    return Markup(opening + "".join(text(child) for child in children if child is not None) + f"</{name}>")


def join(children: object, separator: str = "") -> Markup:
    """Return the children one after another, each escaped unless it is Markup."""
    return Markup(escape(separator)).join(text(child) for child in children)  # type: ignore[attr-defined]


def backticks_to_code(value: str) -> Markup:
    """Return the text with each part between backticks as a `code` element."""
    parts = _CODE.split(value)
    return join(element("code", part) if number % 2 else part for number, part in enumerate(parts))


def without_backticks(value: str) -> str:
    """Return the text without its backticks, for attributes and other places that allow no elements."""
    return _CODE.sub(r"\1", value)


def safe_url(url: str) -> str:
    """Return the address if it is http(s) or on this site, else an empty string."""
    address = clean(url).strip()
    return address if re.match(r"(?i)https?://[^\s]+\Z|[/#](?!/)", address) else ""


def link(label: object, url: str, **attributes: object) -> Markup:
    """Return a link, or only the label if the address is not safe."""
    address = safe_url(url)
    return element("a", label, href=address, **attributes) if address else text(label)
