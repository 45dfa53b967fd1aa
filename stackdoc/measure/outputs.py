"""What a script shows, as text or one MIME type with its data."""

from __future__ import annotations

import base64
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from stackdoc.measure import figures
from stackdoc.measure.figures import in_words, is_figure
from stackdoc.model.record import Output

VEGA_LITE = "application/vnd.vegalite.v5+json"
ADDRESS = re.compile(r"\bat 0x[0-9A-Fa-f]{6,}\b")  # as Python writes where an object lies
NO_ADDRESS = "at 0x…"
ROOM = 900_000  # characters that all objects of a launch may take together: less than its output may have
FAILS = "how it fails, as expected"  # the words of the one output of an example that must fail
STDERR = "application/vnd.jupyter.stderr"
PICTURES = ("image/png", "image/jpeg", "image/gif")  # in base64
METHODS = {  # of an object, the richest form first
    "text/html": "_repr_html_",
    "image/svg+xml": "_repr_svg_",
    "image/png": "_repr_png_",
    "image/jpeg": "_repr_jpeg_",
    "text/latex": "_repr_latex_",
}
_NAMELESS = re.compile(  # `<generator object <genexpr> at 0x…>` too; bounded, since a text may have any number of `<`
    rf"<[^<>]{{0,500}}(?:<[^<>]{{0,500}}>[^<>]{{0,500}}){{0,10}}{NO_ADDRESS}>"
)
_MEASURED = re.compile(r"Measured\(key='[^']*', seconds=[^()]*\)")


class Board:
    """What one launch puts on the page, in order. `before` is called before each object, to put there what was printed.

    Of an object whose richest form does not fit into what is left of the page's size a smaller one is put there.
    """

    def __init__(self) -> None:
        self.cell = -1
        self.outputs: list[Output] = []
        self.before: Callable[[], None] = lambda: None
        self.names: Mapping[str, Any] = {}  # of the script, among which may be animations of its figures
        self._left = ROOM

    def text(self, printed: str, mime: str = "text/plain") -> None:
        """Put what was printed there; too much of it ends the launch, so none is left out."""
        self._add(Output(self.cell, mime, _publishable(mime, printed)))

    def put(self, shown: Any, alt: str = "") -> None:
        """Put text, a specification, a figure or any object there."""
        self.before()
        self._add(to_output(self.cell, shown, alt, self._left, self.names))

    def _add(self, output: Output) -> None:
        if output.data and not says_nothing(output):
            self._left -= len(output.data)
            self.outputs.append(output)


def to_output(cell: int, shown: Any, alt: str = "", room: int = ROOM, names: Mapping[str, Any] | None = None) -> Output:
    """Text as it is, a Vega-Lite specification, a figure of Matplotlib, or the richest form an object has of itself.

    A form of more characters than there is `room` for gives way to a smaller one. The launch's directory for temporary
    files, which says nothing and is a path of the machine, becomes `$TMPDIR`; where objects lie in memory is left out.
    """
    if isinstance(shown, str):
        return Output(cell, "text/plain", _publishable("text/plain", shown), alt)
    if is_figure(shown):
        alt = alt or in_words(shown)
    for mime, data in _forms(shown, names or {}):
        data = _publishable(mime, data)
        if len(data) <= room:
            return Output(cell, mime, data, alt)
    return Output(cell, "text/plain", f"[An output of type {type(shown).__name__} is too large to be shown]\n", alt)


def _publishable(mime: str, data: str) -> str:
    if mime in PICTURES:  # base64, where a path would stand by accident alone
        return data
    data = data.replace(tempfile.gettempdir(), "$TMPDIR")
    return data if mime == "image/svg+xml" else without_addresses(data)


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


def _forms(shown: Any, names: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The forms that an object has of itself, the richest first, text at last."""
    if isinstance(shown, dict) and "vega-lite" in str(shown.get("$schema", "")):
        yield VEGA_LITE, json.dumps(shown, sort_keys=True)
    elif hasattr(shown, "to_dict") and "altair" in type(shown).__module__:
        yield VEGA_LITE, json.dumps(shown.to_dict(), sort_keys=True)
    elif is_figure(shown):
        yield from figures.forms(shown, names)
    elif type(shown).__module__.startswith("plotly."):
        yield from _of_plotly(shown)
        return
    elif not isinstance(shown, type):
        yield from _of_itself(shown)
    try:
        yield "text/plain", repr(shown)
    except Exception as error:
        yield "text/plain", f"<{type(shown).__name__}, whose repr raises {type(error).__name__}>"


def _of_itself(shown: Any) -> Iterator[tuple[str, str]]:
    """By the methods that notebooks call. A table or text that only a script would fill is nothing here."""
    bundle = _call(shown, "_repr_mimebundle_")
    bundle = bundle[0] if isinstance(bundle, tuple) else bundle
    given = dict(bundle) if isinstance(bundle, Mapping) else {}
    for mime, method in METHODS.items():
        data = given.get(mime) or _call(shown, method)
        if not data or (mime == "text/html" and not _has_content(str(data))):
            continue
        yield mime, base64.b64encode(data).decode("ascii") if isinstance(data, bytes) else str(data)


def _has_content(html: str) -> bool:
    """Whether anything is left without scripts and styles."""
    rest = re.sub(r"(?is)<(script|style)\b.*?</\1\s*>|<!--.*?-->", "", html)
    return bool(re.sub(r"<[^>]*>|&nbsp;|\s", "", rest)) or "<svg" in rest


def _of_plotly(shown: Any) -> Iterator[tuple[str, str]]:
    """A drawing where the package that draws it is installed, else what it would be in words."""
    try:
        yield "image/svg+xml", shown.to_image(format="svg").decode("utf-8")
    except Exception:  # of the package, or of the browser that it needs
        kinds = ", ".join(sorted({str(getattr(trace, "type", "trace")) for trace in getattr(shown, "data", ())}))
        title = str(getattr(getattr(getattr(shown, "layout", None), "title", None), "text", None) or "")
        named = f" “{title}”" if title else ""
        yield "text/plain", f"[A figure of Plotly{named}: {kinds}. It is drawn here where kaleido is installed.]\n"


def _call(shown: Any, method: str) -> Any:
    """What the method gives; nothing where it has none or fails."""
    try:
        return getattr(shown, method)() if hasattr(shown, method) else None
    except Exception:
        return None
