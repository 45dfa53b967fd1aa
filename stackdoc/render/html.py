"""Building HTML from values that nobody trusts."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

# C0 and C1 controls (tab and newline stay), bidirectional overrides, zero-width and line separators,
# byte-order marks and lone surrogates: none of them has a use in a name, and each can deceive.
_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_CODE = re.compile(r"`([^`]+)`")

VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "wbr"})


def clean(text: object) -> str:
    """The text with control characters, bidirectional overrides and lone surrogates replaced by `�`."""
    words = str(text)
    return words if words.isascii() and words.isprintable() else _HARMFUL.sub("\ufffd", words)


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


def spoken(value: str) -> Markup:
    """Running text from data: what stands between backticks is code."""
    parts = _CODE.split(value)
    return join(element("code", part) if at % 2 else part for at, part in enumerate(parts))


def unmarked(value: str) -> str:
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
