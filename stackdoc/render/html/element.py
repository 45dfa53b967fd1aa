"""Building HTML from values that nobody trusts."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from stackdoc.errors import clean as clean

_CODE = re.compile(r"`([^`]+)`")

VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "wbr"})


def line(text: object) -> str:
    """Clean text on one line: every run of blanks, tabs and line ends is one blank; spaces that hold stay."""
    return clean(re.sub(r"[ \t\r\n\f\v]+", " ", str(text)).strip(" "))


def text(value: object) -> Markup:
    """The value as HTML text: Markup stays as it is, anything else is cleaned and escaped."""
    return value if isinstance(value, Markup) else escape(clean(value))


def element(name: str, /, *children: object, **attributes: object) -> Markup:
    """`<name …>children</name>`. `class_` gives class, `data_record` gives data-record; True is a bare
    attribute, None and False leave it out; None as a child is nothing."""
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
    """The children one after another, each escaped unless it is Markup."""
    return Markup(escape(separator)).join(text(child) for child in children)  # type: ignore[attr-defined]


def backticks_to_code(value: str) -> Markup:
    """Running text from data: what stands between backticks is code."""
    parts = _CODE.split(value)
    return join(element("code", part) if at % 2 else part for at, part in enumerate(parts))


def without_backticks(value: str) -> str:
    """The same for where no element may stand: the words alone."""
    return _CODE.sub(r"\1", value)


def safe_url(url: str) -> str:
    """The address when it is http(s) or of this site; else nothing."""
    address = clean(url).strip()
    return address if re.match(r"(?i)https?://[^\s]+\Z|[/#](?!/)", address) else ""


def link(label: object, url: str, **attributes: object) -> Markup:
    """A link; only the label when the address is none that a page may lead to."""
    address = safe_url(url)
    return element("a", label, href=address, **attributes) if address else text(label)
