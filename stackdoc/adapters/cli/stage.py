"""`stackdoc stage`: write the site as files that another engine can build."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import click

from stackdoc.adapters.cli.build import mkdocs_log
from stackdoc.adapters.terminal import echo
from stackdoc.errors import clean
from stackdoc.project import Layout


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--measure", type=click.Choice(["auto", "never", "always"]), default="never", help="Default: never.")
@click.option("--assets", is_flag=True, help="Write only the style sheet, the script and the fonts.")
@click.pass_obj
def command(layout: Layout, directory: Path, measure: str, assets: bool) -> None:
    """Write pages, generated pages, navigation, records and files of the site into DIRECTORY.

    An engine that runs no plugins of MkDocs, such as Zensical, can build a site from it. An earlier stage there is
    replaced.
    """
    if assets:
        written = write_assets(directory)
        echo(f"{directory}: {written} files; name stackdoc.css in extra_css and stackdoc.js in extra_javascript")
        return
    from stackdoc.adapters.mkdocs.stage import stage

    if layout.configuration is None:
        raise click.ClickException(clean(f"{layout.root}: no mkdocs.yml here or above"))
    with mkdocs_log(logging.WARNING):
        made = stage(layout.configuration, directory.resolve(), measure)
    echo(f"{directory}: {len(made.pages)} pages; to build them: cd {directory} && zensical build")


def write_assets(directory: Path) -> int:
    """Write the style sheet, the script and the fonts; return how many files these are."""
    from stackdoc.adapters import contents

    texts, files = contents.styles_and_scripts(), contents.static_files()
    for path, text in texts.items():
        contents.write(directory / Path(path).relative_to(contents.ASSETS), text)
    for path, source in files.items():
        target = directory / Path(path).relative_to(contents.ASSETS)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    return len(texts) + len(files)
