"""`stackdoc init`: add the plugin to the mkdocs.yml of a project, and write its first example."""

from __future__ import annotations

from pathlib import Path

import click

from stackdoc.adapters.cli.new import example_text
from stackdoc.adapters.registered import layout_of
from stackdoc.adapters.terminal import echo
from stackdoc.errors import Problem, StackdocError
from stackdoc.project import Layout
from stackdoc.reading.plugin_entry import with_plugin

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
    if any((layout / layout.examples).rglob("*.py")):
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
        changed = with_plugin(text)
    except ValueError as error:
        raise StackdocError([Problem(file.name, 0, "plugins", "can't be changed here", BY_HAND)]) from error
    if changed == text:
        echo(f"{file.name}: has the plugin already")
        return
    file.write_bytes(changed.encode())
    echo(f"{file.name}: the plugin stackdoc was added")
