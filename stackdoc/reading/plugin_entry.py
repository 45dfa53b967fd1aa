"""The plugin's entry in mkdocs.yml, inserted as text so that comments and layout stay."""

from __future__ import annotations

import re

import yaml

from stackdoc.reading.configuration import parse_settings


def with_plugin(text: str) -> str:
    """Return the configuration with the plugin, which may have it already, and with all other settings unchanged.

    Raises ValueError if that can't be done: `plugins` must be absent, or a list or mapping with an entry per line.
    """
    try:
        before = parse_settings(text)
        if "stackdoc" in _names(before.get("plugins")):
            return text
        changed = _inserted(text)
        after = parse_settings(changed)
    except yaml.YAMLError as error:
        raise ValueError("is not YAML") from error
    rest = [{key: value for key, value in settings.items() if key != "plugins"} for settings in (before, after)]
    expected = [*(_names(before.get("plugins")) or ["search"]), "stackdoc"]
    if rest[0] != rest[1] or _names(after.get("plugins")) != expected:
        raise ValueError("the line would have another meaning")
    return changed


def _inserted(text: str) -> str:
    """Return the text with one more line. Raises ValueError unless each plugin has a line."""
    end = "\r\n" if "\r\n" in text else "\n"
    root = yaml.compose(text, yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise ValueError("not a mapping with a key per line")
    keys = {key.value: value for key, value in root.value}
    if "INHERIT" in keys:
        raise ValueError("the plugins may be in another file")
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += end
    if "plugins" not in keys:
        return "".join([*lines, end, f"plugins:{end}", f"  - search{end}", f"  - stackdoc{end}"])
    plugins = keys["plugins"]
    if not isinstance(plugins, yaml.CollectionNode) or plugins.flow_style or not plugins.value:
        raise ValueError("not an entry per line")
    entry = "- stackdoc" if isinstance(plugins, yaml.SequenceNode) else "stackdoc: {}"
    lines.insert(_end(plugins, lines), " " * plugins.start_mark.column + entry + end)
    return "".join(lines)


def _end(plugins: yaml.CollectionNode, lines: list[str]) -> int:
    """Return the number of lines up to the last one of the collection, without comments and empty lines below it."""
    count = plugins.end_mark.line + (plugins.end_mark.column > 0)
    while re.fullmatch(r"\s*(#.*)?", lines[count - 1].rstrip()):
        count -= 1
    return count


def _names(plugins: object) -> list[str]:
    """Return the names of the plugins, which are a list or a mapping."""
    entries = plugins if isinstance(plugins, list | dict) else []
    return [next(iter(entry)) if isinstance(entry, dict) and entry else str(entry) for entry in entries]
