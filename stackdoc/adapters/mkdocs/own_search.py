"""The search of a site that is ours as a whole: Material's dialogue, with entries and a worker of our own.

Material's plugin parses the HTML of each page, which takes a quarter of a build, and indexes code and figures too. Here
the sections of a page are read without them, and the worker ranks them with MiniSearch. It answers the messages of
Material's worker, so the dialogue stays as it is.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Collection, Mapping, Sequence
from fnmatch import fnmatchcase
from html import escape, unescape
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from stackdoc.model.record import Record
from stackdoc.render.domain import SearchHints
from stackdoc.render.html.element import line
from stackdoc.render.html.sections import Section, sections
from stackdoc.site.site import Site

log = logging.getLogger("mkdocs.plugins.stackdoc")
Entry = dict[str, Any]  # of the index, which is JSON
PLUGIN = "material/search"
WORKER = re.compile(r"assets/javascripts/workers/search\.\w+\.min\.js")
SCRIPTS = Path(__file__).with_name("worker")
COMMENT = re.compile(r"^[ \t]*(?:/\*\*.*?\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)
NOTICE = "/* MiniSearch 7.2.0, (c) Luca Ongaro, MIT licence; stemmer 2.0.1, (c) Titus Wormer, MIT licence */"
LISTINGS = ("changelog.md", "compare/*", "examples/index.md", "machines/*")  # of what is on other pages too


def applies(config: MkDocsConfig, wanted: bool | None, whole: bool) -> bool:
    """Whether the search is ours: as the option says, by default where the `whole` site is ours and has Material's."""
    has_theme = PLUGIN in config.plugins
    if wanted and not has_theme:
        log.warning("the option `search` of stackdoc needs the theme Material and its plugin `search`")
    return has_theme and (whole if wanted is None else wanted)


def entries(html: str, page: Page, source: str, listings: Collection[str] = ()) -> list[Entry]:
    """Return the entries of a page in the index, one for each section that has words.

    `html` is its article, `source` the path of its file below our prefix. Nothing else is needed, so the entries can be
    stored with the page. Of a page that lists what is on others, only the start is an entry.
    """
    settings = page.meta.get("search") or {}
    if settings.get("exclude"):
        return []
    start, *others = sections(html)
    title = unescape(str(page.meta.get("title") or "")) or start.title or str(page.title or "")  # as in the page's head
    if any(fnmatchcase(source, pattern) for pattern in (*LISTINGS, *listings)):
        found = [Section("", title, start.text)]
    else:
        found = [Section("", title, start.text, start.words), *others]
    boost = {"boost": settings["boost"]} if "boost" in settings else {}
    return [_entry(section, page.url) | boost for section in found if section.title or section.text]


def _entry(section: Section, url: str) -> Entry:
    """Return a section as an entry. Its texts are HTML, as in any index of MkDocs; our worker reads them as text."""
    location = f"{url}#{section.anchor}" if section.anchor else url
    texts = {"title": section.title, "text": section.text, **({"words": section.words} if section.words else {})}
    return {"location": location, **{name: escape(text, quote=False) for name, text in texts.items()}}


def of_records(site: Site, directories: bool) -> list[Entry]:
    """Return an entry for the page of each record that counts, so that its id leads to it."""
    places = {(site.machine_key(record), record.device) for record in site.records.values()}
    found = (site.current(id, *place) for id in site.examples for place in sorted(places))
    end = "" if directories else "index.html"
    return [_of_record(site, record, end) for record in found if record is not None]


def _of_record(site: Site, record: Record, end: str) -> Entry:
    words = f"{site.examples[record.example].title}, {record.machine.label}, {record.measured_at[:10]}."
    address = f"{site.layout.prefix}r/{record.id}/{end}"
    return _entry(Section("", f"Record {record.id}", line(words)), address)


def replace_worker(files: Files, config: MkDocsConfig, hints: SearchHints, prefix: str) -> None:
    """Put our worker, which knows the hints, in the place of Material's."""
    addresses = {file.src_uri.removeprefix(prefix): file.url for file in files if file.src_uri.startswith(prefix)}
    theirs = [file for file in files if WORKER.fullmatch(file.src_uri)]
    if not theirs:
        log.warning("the theme has no worker of a search that ours could replace")
    for file in theirs:
        files.remove(file)
        files.append(File.generated(config, file.src_uri, content=worker(told(hints, addresses, prefix))))


def told(hints: SearchHints, addresses: Mapping[str, str], prefix: str) -> dict[str, Any]:
    """Return the hints by address; warn of those for a page that the site does not have."""
    also: dict[str, Sequence[str]] = {}
    for name, phrases in hints.also.items():
        source, _, anchor = name.partition("#")
        if source in addresses:
            also[f"{addresses[source]}#{anchor}" if anchor else addresses[source]] = phrases
        else:
            log.warning("the search has words for %s, which is not a page of the site", name)
    weights = [[f"{prefix}{page}", anchor, weight] for (page, anchor), weight in hints.weights.items()]
    return {"synonyms": hints.synonyms, "also": also, "weights": weights}


def worker(hints: Mapping[str, Any]) -> str:
    """Return the script of the worker: the libraries that it needs without their comments, the hints, and our part."""
    library, stemmer, own = (
        COMMENT.sub("", (SCRIPTS / name).read_text("utf-8")) for name in ("minisearch.js", "stemmer.js", "worker.js")
    )
    known = f"const HINTS = {json.dumps(hints, separators=(',', ':'))};"
    return "\n".join([NOTICE, library, stemmer.replace("export function", "function"), known, own])
