"""`stackdoc edition`: freeze the site and its records as an edition, which is published unchanged from then on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from stackdoc.adapters.cli_options import SIGN
from stackdoc.adapters.terminal import echo
from stackdoc.errors import Problem, StackdocError, clean
from stackdoc.git import git
from stackdoc.model.edition import Edition
from stackdoc.project import EDITIONS_AT, STATE, Layout, make_state_folder
from stackdoc.site.editions import DOI, MANIFEST, NAME
from stackdoc.site.site import Site


@click.command("edition")
@click.argument("name")
@SIGN
@click.option("--doi", default="", help="The DOI that was reserved for it, such as 10.5281/zenodo.1234567.")
@click.pass_obj
def command(layout: Layout, name: str, key: Path | None, doi: str) -> None:
    """Make the edition NAME, such as 2026-12, from the committed pages and records.

    Builds the site as it is published at v/NAME/ and writes editions/NAME/, which belongs under version control, and
    editions/NAME.zip, which every later build publishes unchanged and which is kept as a release. Nothing is measured.
    """
    from stackdoc.adapters import editions
    from stackdoc.adapters.cli.build import build
    from stackdoc.adapters.registered import load_site

    configuration = layout.configuration
    if configuration is None:
        raise click.ClickException(clean(f"{layout.root}: no mkdocs.yml here or above"))
    site = load_site(layout)
    if problems := list(_problems(site, name, doi)):
        raise StackdocError(problems)
    edition = Edition(
        name,
        title=site.title,
        author=site.author,
        licence=site.licence,
        address=f"{site.address}{EDITIONS_AT}/{name}/",
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        commit=(git(layout.root, "rev-parse", "HEAD") or "").strip(),
        doi=doi,
    )
    make_state_folder(layout.root)
    with TemporaryDirectory(prefix="edition-", dir=layout / STATE) as folder:
        built, plugin = build(configuration, False, "never", None, edition, Path(folder) / "site")
        if plugin is None:
            raise StackdocError([Problem("edition", 0, name, "the project does not use the plugin stackdoc")])
        manifest, archive = editions.freeze(site, built, edition, key)
    for path in (manifest, archive):
        echo(f"{path.relative_to(layout.root)}: {path.stat().st_size / 1e6:.1f} MB")
    echo(f"commit {layout.edition(name)}, and keep {archive.name} where builds find it; see docs/guide/publish.md")


def _problems(site: Site, name: str, doi: str) -> Iterator[Problem]:
    """Yield what prevents an edition, since it would differ from what is published."""
    layout = site.layout
    if not NAME.fullmatch(name):
        yield Problem("edition", 0, repr(name), "is not a valid name", "use digits, small letters, dots and hyphens")
    elif (layout / layout.edition(name) / MANIFEST).exists():
        yield Problem(
            layout.edition(name), 0, "", "exists already, and an edition never changes", "choose another name"
        )
    if not DOI.fullmatch(doi):
        yield Problem("edition", 0, repr(doi), "is not a DOI, such as 10.5281/zenodo.1234567")
    if not site.address:
        hint = "set STACKDOC_SITE_URL, or site_url in mkdocs.yml"
        yield Problem("edition", 0, name, "needs the address at which the site is published", hint)
    if site.measured_here:
        message = "records were measured in this checkout, whose pages call it “this machine”"
        yield Problem("edition", 0, name, message, "make the edition in a clone that has measured nothing")
    if changed := git(layout.root, "status", "--porcelain"):
        number = len(changed.splitlines())
        message = f"{number} file{'s have' if number > 1 else ' has'} changes that are not committed"
        yield Problem("edition", 0, name, message, "commit them first")
