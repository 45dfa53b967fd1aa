"""`stackdoc cite`: a page, a figure or a comparison, as a sentence for a review or for a reference manager."""

from __future__ import annotations

import click

from stackdoc.adapters.terminal import print_document
from stackdoc.project import Layout
from stackdoc.render.citation.formats import FORMATS


@click.command("cite")
@click.argument("target")
@click.option(
    "--format", "format_", type=click.Choice(list(FORMATS)), default="text", show_default=True, help="The format."
)
@click.option(
    "--address",
    default="",
    envvar="STACKDOC_SITE_URL",
    show_envvar=True,
    metavar="URL",
    help="The published root of the site. Default: site_url of mkdocs.yml; without it, no address.",
)
@click.pass_obj
def command(layout: Layout, target: str, format_: str, address: str) -> None:
    """Print the citation of TARGET.

    \b
    ID, ID#POINT                      a record, one figure of it
    EXAMPLE, EXAMPLE@MACHINE          its newest record (on MACHINE); both take #POINT
    EXAMPLE@MACHINE,MACHINE#POINT     one figure on two machines, with every difference
    ID,ID#POINT                       the same for two records
    LAYER                             a layer's page at its revision, in an edition that has it
    SOURCE:LABEL                      a layer of a source (8-layer:6)
    FACT                              a cited number
    edition:NAME                      an edition of the whole site
    """
    from stackdoc.adapters.registered import load_site
    from stackdoc.render.citation.cite import cite

    address = layout.published(address)
    print_document(cite(load_site(layout), target, format_, address) + "\n" * (format_ in ("text", "markdown")))
