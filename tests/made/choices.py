"""HTML with a part for each machine that a reader may choose, taken apart."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

HERE, THERE = "here.cpu", "sapphire-16c-128g-h200-77aa.cuda"  # the choices of `two_machines`


def tree(html: str) -> ET.Element:
    """The fragment as a tree; attributes without a value get one."""
    bare = re.sub(r" (hidden|open|download|data-search-exclude)(?=[ >])", r' \1=""', html)
    return ET.fromstring(f"<div>{bare}</div>")


def parts(html: str) -> dict[str, ET.Element]:
    """The element of each choice, where it has one for all."""
    return {key: element for element in tree(html).iter() for key in element.get("data-choice", "").split()}
