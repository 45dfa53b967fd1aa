"""References to editions of the whole site."""

from __future__ import annotations

from stackdoc.model.edition import Edition
from stackdoc.render.citation.formats import Reference, joined, title

NAMED = "edition:"  # begins the target of a citation


def edition_reference(edition: Edition) -> Reference:
    """Cite an edition as a data set, under the day on which it was made."""
    named = f"{edition.title}, edition {edition.name}"
    doi = f"doi:{edition.doi}" if edition.doi else ""
    return Reference(
        key=f"stackdoc-edition-{edition.name}",
        kind="dataset",
        title=title(named),
        date=edition.date,
        url=edition.address,
        number=edition.name,
        publisher=title(edition.title),
        statement=joined([edition.author, named, edition.date, doi]),
        author=title(edition.author),
        licence=edition.licence,
        digests=(edition.digest,) if edition.digest else (),
        noun="edition",
        doi=edition.doi,
    )
