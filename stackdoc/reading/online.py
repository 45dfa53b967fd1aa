"""Templates of links that open an example in an online notebook service, such as Colab, Binder or JupyterLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from string import Formatter
from urllib.parse import quote

from stackdoc.errors import did_you_mean
from stackdoc.reading.decode import WEB

EXAMPLE = "kernels/gemm", "examples/kernels/gemm.py"


def placeholders(id: str, path: str) -> dict[str, str]:
    """Return the values of the placeholders for an example, percent-encoded: its id, its file, and without suffix."""
    values = {"id": id, "file": path, "path": PurePosixPath(path).with_suffix("").as_posix()}
    return {name: quote(value, safe="/") for name, value in values.items()}


def address(template: str, id: str, path: str) -> str:
    """Return the address of an example's link; the template must be without faults."""
    return template.format_map(placeholders(id, path))


def faults(template: object) -> Iterator[str]:
    """Yield what is wrong with a template, each with the remedy."""
    if not isinstance(template, str):
        yield f"{template!r} is not an address"
        return
    try:
        fields = list(Formatter().parse(template))
    except ValueError as error:
        yield f"{template!r} is not a valid template: {error}; write a literal brace twice"
        return
    known = placeholders(*EXAMPLE)
    names = [name for _, name, _, _ in fields if name is not None]
    for _, name, form, conversion in fields:
        if name is not None and (name not in known or form or conversion):
            text = f"{name}{f'!{conversion}' if conversion else ''}{f':{form}' if form else ''}"
            hint = did_you_mean(name, known) or f"known: {', '.join(known)}"
            yield f"unknown placeholder {{{text}}}; {hint}"
    if not names:
        yield f"{template!r} is the same for every example; use {', '.join(f'{{{name}}}' for name in known)}"
    elif set(names) <= known.keys() and not WEB.fullmatch(template.format_map(known)):
        yield f"{template!r} is not a web address; it must begin with https:// and have no spaces"
