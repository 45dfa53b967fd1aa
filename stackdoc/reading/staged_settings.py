"""The configuration of a staged site: that of the project as text, with the settings that a stage decides."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import yaml

EXTENSIONS = "markdown_extensions"


def staged(
    text: str, settings: Mapping[str, Any], extensions: Mapping[str, Any], left_out: Collection[str] = ()
) -> str:
    """Return mkdocs.yml with these settings instead of its own, without some keys, and with further extensions.

    All other settings stay as they are written, with their comments and tags. `extensions` has the options of each
    Markdown extension. Raises ValueError if that can't be done: there must be a key per line, `markdown_extensions`
    must be absent or have an entry per line, and no settings may be inherited.
    """
    root = yaml.compose(text, yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise ValueError("it is not a mapping with a key per line")
    if any(key.value == "INHERIT" for key, _ in root.value):
        raise ValueError("it inherits settings from another file")
    lines, written = text.splitlines(), [f"{name}: {_json(value)}" for name, value in settings.items()]
    starts = [key.start_mark.line for key, _ in root.value]
    kept = lines[: starts[0]]
    for (key, value), start, end in zip(root.value, starts, [*starts[1:], len(lines)], strict=True):
        if key.value in settings or key.value in left_out:
            continue
        kept += lines[start:end]
        if key.value == EXTENSIONS:
            kept += _entries(value, extensions)
    if all(key.value != EXTENSIONS for key, _ in root.value):
        written += [f"{EXTENSIONS}:", *(f"- {_json({name: options})}" for name, options in extensions.items())]
    return "\n".join([*kept, *written]) + "\n"


def _entries(own: yaml.Node, extensions: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each further extension. Raises ValueError unless the project's have a line each."""
    if not isinstance(own, yaml.CollectionNode) or own.flow_style or not own.value:
        raise ValueError(f"{EXTENSIONS} does not have an entry per line")
    indent = " " * own.start_mark.column
    for name, options in extensions.items():
        is_list = isinstance(own, yaml.SequenceNode)
        yield f"{indent}- {_json({name: options})}" if is_list else f"{indent}{name}: {_json(options)}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
