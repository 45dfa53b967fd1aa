"""What a script shows, as text or one MIME type with its data."""

from __future__ import annotations

import base64
import io
import json
import re
import tempfile
from typing import Any

from stackdoc.model.record import Output

VEGA_LITE = "application/vnd.vegalite.v5+json"
ADDRESS = re.compile(r"\bat 0x[0-9A-Fa-f]{6,}\b")  # as Python writes where an object lies
NO_ADDRESS = "at 0x…"
_NAMELESS = re.compile(rf"<[^<>]*(?:<[^<>]*>[^<>]*)*{NO_ADDRESS}>")  # `<generator object <genexpr> at 0x…>` too
_MEASURED = re.compile(r"Measured\(key='[^']*', seconds=[^()]*\)")


def to_output(cell: int, shown: Any, alt: str = "") -> Output:
    """Text as it is, a Vega-Lite specification, a figure of Matplotlib, or the richest form an object has of itself.

    The launch's directory for temporary files, which says nothing and is a path of the machine, becomes `$TMPDIR`.
    """
    mime, data = _rendered(shown)
    if mime != "image/png":  # base64, where a path would stand by accident alone
        data = without_addresses(data.replace(tempfile.gettempdir(), "$TMPDIR"))
    return Output(cell, mime, data, alt)


def without_addresses(text: str) -> str:
    """The text without where objects lay in memory, which is another place in every launch."""
    return ADDRESS.sub(NO_ADDRESS, text)


def says_nothing(output: Output) -> bool:
    """Whether all that it shows is where objects lie, or what `measure` returned: one unrepeated call.

    A list of such values says nothing either. What the script itself printed of a measurement ends a line, and stays.
    """
    text = without_addresses(output.data)
    if output.mime != "text/plain" or not (_NAMELESS.search(text) or _MEASURED.search(text)):
        return False
    rest = _NAMELESS.sub("", text) if text.endswith("\n") else _MEASURED.sub("", _NAMELESS.sub("", text))
    return not re.search(r"[^\s,()\[\]{}]", rest)


def _rendered(shown: Any) -> tuple[str, str]:
    if isinstance(shown, str):
        return "text/plain", shown
    if isinstance(shown, dict) and "vega-lite" in str(shown.get("$schema", "")):
        return VEGA_LITE, json.dumps(shown, sort_keys=True)
    if hasattr(shown, "to_dict") and "altair" in type(shown).__module__:
        return VEGA_LITE, json.dumps(shown.to_dict(), sort_keys=True)
    if hasattr(shown, "savefig"):
        drawn = io.StringIO()
        shown.savefig(drawn, format="svg", metadata={"Date": None})
        return "image/svg+xml", drawn.getvalue()
    for method, mime in (("_repr_html_", "text/html"), ("_repr_svg_", "image/svg+xml")):
        if data := _call(shown, method):
            return mime, str(data)
    if data := _call(shown, "_repr_png_"):
        return "image/png", base64.b64encode(data).decode("ascii")
    return "text/plain", repr(shown)


def _call(shown: Any, method: str) -> Any:
    """What the method gives; classes only hold it for their objects."""
    return getattr(shown, method)() if hasattr(shown, method) and not isinstance(shown, type) else None
