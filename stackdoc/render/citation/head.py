"""The head of a page for reference managers, previews and search engines.

Highwire tags alone make a page a journal article: a report number makes it a report, `z.*` a data set (Zotero reads
no JSON-LD, and `og:type` would win over both, so there is none). A comma after the author keeps it one name.
"""

from __future__ import annotations

import json

from markupsafe import Markup

from stackdoc.model.example import Example
from stackdoc.model.record import Point
from stackdoc.render.citation.cite import Reference
from stackdoc.render.html.document import count
from stackdoc.render.html.element import element, join, line, without_backticks
from stackdoc.render.values.record_view import RecordView, figure_of, items, main_quantity, point_label, record_path
from stackdoc.site.site import Site

LICENCES = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
}


def of_record(view: RecordView, work: Reference, address: str, title: str) -> Markup:
    """Tags of a record's page: a data set whose version and identifier are the record's id."""
    file = f"/r/{work.number}.json"
    figures = count(len(list(items(view.record))), "figure")
    said = line(f"{title}: {figures}, measured on {view.date}, {view.label}.")
    tags = {
        "description": said,
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
    return join([*_meta(tags), *_preview(work, said, address), *links, _json_ld(_dataset(view, work, said, address))])


def of_report(site: Site, work: Reference, said: str) -> Markup:
    """Tags of a page that is cited as a report, whose number is its revision. The theme gives the canonical link."""
    tags = {
        **_highwire(work, site.address),
        "citation_technical_report_institution": work.publisher,
        "citation_technical_report_number": work.number,
    }
    return join([*_meta(tags), *_preview(work, said, site.address), _json_ld(_article(work, said, site))])


def description(of: Example) -> str:
    """What a search engine or a preview says of the page of an example that gives no description itself."""
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


def _preview(work: Reference, said: str, address: str) -> list[Markup]:
    """Open Graph, without a type."""
    tags = {
        "og:title": work.title,
        "og:description": said,
        "og:site_name": work.publisher,
        "og:url": work.url if address else "",
    }
    return [element("meta", property=name, content=content) for name, content in tags.items() if content]


def _common(work: Reference, said: str, address: str) -> dict[str, object]:
    return {
        "@context": "https://schema.org",
        "name": work.title,
        "description": said,
        "identifier": work.number,
        "version": work.number,
        **({"license": _address_of(work.licence)} if work.licence else {}),
        "creator": {"@type": "Organization", "name": work.author},
        **({"url": work.url} if address else {}),
    }


def _address_of(licence: str) -> str:
    return LICENCES.get(licence) or f"https://spdx.org/licenses/{licence}"


def _dataset(view: RecordView, work: Reference, said: str, address: str) -> dict[str, object]:
    record = view.record
    file = {
        "@type": "DataDownload",
        "encodingFormat": "application/json",
        "contentUrl": f"{address}/r/{record.id}.json",
    }
    return {
        **_common(work, said, address),
        "@type": "Dataset",
        "datePublished": work.date,
        "measurementTechnique": line(f"{record.method}: medians over launches of {record.example}"),
        "variableMeasured": [_variable(view, one.key) for one in items(record)],
        **({"distribution": file} if address else {}),
    }


def _variable(view: RecordView, key: str) -> dict[str, object]:
    """A figure with its interval, in base units."""
    figure = figure_of(view, key)
    named: dict[str, object] = {
        "@type": "PropertyValue",
        "propertyID": line(key),
        "name": point_label(view.record, key),
    }
    if figure is None:
        return named
    found = view.record.point(key)
    bounds = {"minValue": figure.low, "maxValue": figure.high} if figure.low is not None else {}
    technique = {"measurementTechnique": main_quantity(found)} if isinstance(found, Point) else {}
    return {**named, **technique, "value": figure.value, "unitText": line(figure.unit), **bounds}


def _article(work: Reference, said: str, site: Site) -> dict[str, object]:
    based = [f"{site.address.rstrip('/')}{record_path(id)}" for id in work.records]
    return {
        **_common(work, said, site.address),
        "@type": "TechArticle",
        "headline": work.title,
        "dateModified": work.date,
        "isPartOf": {"@type": "WebSite", "name": work.publisher},
        **({"isBasedOn": based} if site.address and based else {}),
    }


def _json_ld(content: dict[str, object]) -> Markup:
    """Escaped so that nothing inside ends the script element."""
    written = json.dumps(content, ensure_ascii=True, allow_nan=False)
    safe = written.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return element("script", Markup(safe), type="application/ld+json")


def of_markdown(name: str) -> Markup:
    """The way to the page's text as Markdown, in the same directory.

    Material takes `[rel=alternate]` for another language and asks for a map of that site; the space keeps it from that.
    """
    return element("link", rel="alternate ", type="text/markdown", href=name, title="This page as Markdown")
