"""`stackdoc init`: add the plugin to the mkdocs.yml of a project, and write its first example."""

from __future__ import annotations

import re
from pathlib import Path

import click
import yaml

from stackdoc.adapters.cli.new import example_text
from stackdoc.adapters.registered import layout_of
from stackdoc.adapters.terminal import echo
from stackdoc.errors import Problem, StackdocError
from stackdoc.project import Layout
from stackdoc.reading.configuration import parse_settings

BY_HAND = "add `- stackdoc` to its list `plugins` yourself; without such a list, write `plugins: [search, stackdoc]`"
FIRST = "first/sorting"  # the id of the example


@click.command()
@click.pass_obj
def command(layout: Layout) -> None:
    """Add stackdoc to an existing MkDocs project.

    Adds the plugin to mkdocs.yml, where all else stays as it is, and writes an example unless there are any.
    """
    configuration = layout.configuration
    if configuration is None:
        hint = "mkdocs new . writes one"
        raise StackdocError([Problem("mkdocs.yml", 0, "", "there is none here or above", hint)])
    _add_plugin(configuration)
    layout = layout_of(layout.root)  # as the plugin's options have it
    if any((layout / layout.examples).glob("*/*.py")):
        echo(f"{layout.examples}/: has scripts already, so no example was written")
        return
    file = f"{layout.examples}/{FIRST}.py"
    (layout / file).parent.mkdir(parents=True, exist_ok=True)
    (layout / file).write_text(example_text(layout, FIRST), "utf-8")
    echo(f"{file}: written; it times sorting with what is installed")
    echo(
        f"mkdocs build runs it and shows it at /{layout.prefix}examples/{FIRST}/. To show it in a page of yours, write:"
    )
    for line in ("", "```stackdoc", f"example: {FIRST}", "```"):
        echo(line)


def _add_plugin(file: Path) -> None:
    """Add the plugin, or raise StackdocError if that can't be done without changing anything else."""
    try:
        text = file.read_bytes().decode()
        before = parse_settings(text)
        if "stackdoc" in _names(before.get("plugins")):
            echo(f"{file.name}: has the plugin already")
            return
        changed = with_plugin(text)
        after = parse_settings(changed)
    except (ValueError, yaml.YAMLError) as error:
        raise StackdocError([Problem(file.name, 0, "plugins", "can't be changed here", BY_HAND)]) from error
    rest = [{key: value for key, value in each.items() if key != "plugins"} for each in (before, after)]
    old, new = _names(before.get("plugins")), _names(after.get("plugins"))
    if rest[0] != rest[1] or new != [*(old or ["search"]), "stackdoc"]:
        raise StackdocError([Problem(file.name, 0, "plugins", "can't be changed here", BY_HAND)])
    file.write_bytes(changed.encode())
    echo(f"{file.name}: the plugin stackdoc was added")


def with_plugin(text: str) -> str:
    """Return the configuration with one more plugin, and nothing else changed.

    Raises ValueError unless `plugins` is absent or a list or mapping with an entry per line.
    """
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
