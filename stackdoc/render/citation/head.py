"""Metadata in the head of a page for reference managers, previews and search engines.

To Zotero, a page with Highwire tags alone is a journal article; a report number makes it a report, `z.*` tags a data
set. It ignores JSON-LD, and `og:type` would override both, so there is none. The comma after the author keeps it one
name.
"""

from __future__ import annotations

import json
from dataclasses import replace

from markupsafe import Markup

from stackdoc.model.edition import Edition
from stackdoc.model.example import Example
from stackdoc.model.record import Point
from stackdoc.render.citation.cite import Reference
from stackdoc.render.html.document import count
from stackdoc.render.html.element import element, join, line, safe_url, without_backticks
from stackdoc.render.values.record_view import RecordView, figure_of, items, main_quantity, point_label, record_path
from stackdoc.site.site import Site

LICENCES = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
}


def of_record(view: RecordView, work: Reference, address: str, title: str, image: str = "") -> Markup:
    """Return the tags of a record's page: a data set whose version and identifier are the record's id.

    `image` is the address of its picture from the root of the site.
    """
    file = f"/r/{work.number}.json"
    figures = count(len(list(items(view.record))), "figure")
    summary = line(f"{title}: {figures}, measured on {view.date}, {view.label}.")
    tags = {
        "description": summary,
        **_highwire(work, address),
        "z.itemType": "dataset",
        "z.identifier": work.number,
        "z.versionNumber": work.number,
        "z.type": "measurement",
        "z.rights": work.licence,
        "z.archiveLocation": address + file if address else "",
        "z.extra": work.sentence,
        "robots": "noindex, follow",
    }
    links = [element("link", rel="alternate", type="application/json", href=file)]
    if address:
        links += [element("link", rel=name, href=work.url) for name in ("canonical", "cite-as")]
    return join(
        [
            *_meta(tags),
            *_preview(work, summary, address, image),
            *links,
            _json_ld(_dataset(view, work, summary, address)),
        ]
    )


def of_report(site: Site, work: Reference, summary: str, url: str) -> Markup:
    """Return the tags of a page cited as a report, numbered by its revision. The theme adds the canonical link.

    `url` is the address of the page itself; what is cited may be its text in an edition.
    """
    tags = {
        **_highwire(work, site.address),
        "citation_technical_report_institution": work.publisher,
        "citation_technical_report_number": work.number,
    }
    preview = _preview(replace(work, url=url), summary, site.address)
    return join([*_meta(tags), *preview, _json_ld(_article(work, summary, site))])


def of_edition(edition: Edition, work: Reference) -> Markup:
    """Return the tags of the page about an edition: a data set of many files."""
    summary = line(
        f"{work.title}, made on {edition.date}: {count(len(edition.files), 'file')} with a manifest of digests."
    )
    same = {"sameAs": f"https://doi.org/{edition.doi}"} if edition.doi else {}
    data: dict[str, object] = {
        **_common(work, summary, edition.address),
        "@type": "Dataset",
        "datePublished": work.date,
        **same,
    }
    tags = {"description": summary, **_highwire(work, edition.address), "citation_doi": edition.doi}
    return join([*_meta(tags), *_preview(work, summary, edition.address), _json_ld(data)])


def description(of: Example) -> str:
    """Return the description of an example's page for search engines and previews."""
    return without_backticks(line(of.summary or of.title))


def _highwire(work: Reference, address: str) -> dict[str, str]:
    return {
        "citation_title": work.title,
        "citation_author": f"{work.author},",
        "citation_publication_date": work.date.replace("-", "/"),
        "citation_publisher": work.publisher,
        "citation_public_url": work.url if address else "",
        "citation_language": "en",
    }


def _meta(tags: dict[str, str]) -> list[Markup]:
    return [element("meta", name=name, content=content) for name, content in tags.items() if content]


def _preview(work: Reference, summary: str, address: str, image: str = "") -> list[Markup]:
    url = work.url if address else ""
    return preview(work.title, summary, work.publisher, url, f"{address}{image}" if image and address else "")


def preview(title: str, summary: str, name: str, url: str = "", image: str = "") -> list[Markup]:
    """Return Open Graph tags, without a type; both addresses are complete, or empty if they are not known."""
    tags = {"og:title": title, "og:description": summary, "og:site_name": name, "og:url": url}
    return [*_properties(tags), *picture(image, title)]


def picture(image: str, title: str) -> list[Markup]:
    """Return the tags of a page's picture, whose address is complete or empty."""
    if not image:
        return []
    tags = {"og:image": image, "og:image:alt": title}
    return [*_properties(tags), *_meta({"twitter:card": "summary_large_image"})]


def _properties(tags: dict[str, str]) -> list[Markup]:
    return [element("meta", property=name, content=content) for name, content in tags.items() if content]


def _common(work: Reference, summary: str, address: str) -> dict[str, object]:
    return {
        "@context": "https://schema.org",
        "name": work.title,
        "description": summary,
        "identifier": [work.number, *(f"sha256:{each}" for each in work.digests)] if work.digests else work.number,
        "version": work.number,
        **({"license": _address_of(work.licence)} if work.licence else {}),
        "creator": {"@type": "Organization", "name": work.author},
        **({"url": work.url} if address else {}),
    }


def _address_of(licence: str) -> str:
    return LICENCES.get(licence) or f"https://spdx.org/licenses/{licence}"


def _dataset(view: RecordView, work: Reference, summary: str, address: str) -> dict[str, object]:
    record = view.record
    file = {
        "@type": "DataDownload",
        "encodingFormat": "application/json",
        "contentUrl": f"{address}/r/{record.id}.json",
    }
    return {
        **_common(work, summary, address),
        "@type": "Dataset",
        "datePublished": work.date,
        "measurementTechnique": line(f"{record.method}: medians over launches of {record.example}"),
        "variableMeasured": [_variable(view, point.key) for point in items(record)],
        **({"distribution": file} if address else {}),
    }


def _variable(view: RecordView, key: str) -> dict[str, object]:
    """Return a figure with its interval, in base units."""
    figure = figure_of(view, key)
    entry: dict[str, object] = {
        "@type": "PropertyValue",
        "propertyID": line(key),
        "name": point_label(view.record, key),
    }
    if figure is None:
        return entry
    point = view.record.point(key)
    bounds = {"minValue": figure.low, "maxValue": figure.high} if figure.low is not None else {}
    technique = {"measurementTechnique": main_quantity(point)} if isinstance(point, Point) else {}
    return {**entry, **technique, "value": figure.value, "unitText": line(figure.unit), **bounds}


def _article(work: Reference, summary: str, site: Site) -> dict[str, object]:
    based = [f"{site.address.rstrip('/')}{record_path(id)}" for id in work.records]
    return {
        **_common(work, summary, site.address),
        "@type": "TechArticle",
        "headline": work.title,
        "dateModified": work.date,
        "isPartOf": {"@type": "WebSite", "name": work.publisher},
        **({"isBasedOn": based} if site.address and based else {}),
    }


def _json_ld(content: dict[str, object]) -> Markup:
    """Return JSON-LD, escaped so that no value can end the script element."""
    written = json.dumps(content, ensure_ascii=True, allow_nan=False)
    safe = written.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return element("script", Markup(safe), type="application/ld+json")


def of_markdown(name: str) -> Markup:
    """Return the link to the page as Markdown, in the same directory.

    Material takes a `[rel=alternate]` for another language and requests the sitemap of that site; the trailing space
    prevents this.
    """
    return element("link", rel="alternate ", type="text/markdown", href=name, title="This page as Markdown")


def of_reports(repository: str, edition: str) -> Markup:
    """Return where mistakes are reported, as the script of the page needs it; nothing without a repository.

    GitLab names the fields of a new issue differently from GitHub and those that follow it.
    """
    address = safe_url(repository).rstrip("/").removesuffix(".git")
    if not address.startswith("http"):
        return Markup()
    gitlab = "gitlab" in address.split("/")[2]
    query = (
        "/-/issues/new?issue[title]={title}&issue[description]={body}"
        if gitlab
        else "/issues/new?title={title}&body={body}"
    )
    return element("meta", name="stackdoc:report", content=f"{address}{query}", data_edition=edition)
