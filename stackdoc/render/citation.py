"""Citations of a record, a figure and a layer page: sentence, BibTeX, RIS, CSL-JSON.

Styles change numbers and drop notes, but each keeps the address: so the record's id stands in the
address and in the title. Titles never hold `~ \\ $ { }`, which readers of BibTeX disagree about, and
every field is one line, so that no value can begin a second entry.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from stackdoc.errors import Problem, StackdocError, did_you_mean
from stackdoc.record import Record
from stackdoc.render.html import element, line
from stackdoc.render.measured import Bench, anchor, bench_of, benches, items, point_label, record_path, value_sentence
from stackdoc.site import Site

AUTHOR = "The stackdoc project"
LICENCE = "CC0-1.0"
UNFIT = str.maketrans("~\\${}`", "-/ ()'")


@dataclass(frozen=True)
class Reference:
    """What all formats say. `date` is ISO 8601 or empty, `number` the record's id or the page's revision."""

    key: str
    kind: Literal["dataset", "report"]
    title: str
    date: str
    url: str
    number: str
    publisher: str
    sentence: str


def cite(site: Site, target: str, format: str = "text", address: str = "") -> str:
    """The citation of `target`: a record's id, `<id>#<point>`, an example (its newest record) or a layer's id.

    `address` is the published root of the site (`https://…/`); without it links begin at the root.
    Raises StackdocError for an unknown target or format.
    """
    if format not in FORMATS:
        hint = did_you_mean(format, FORMATS)
        raise StackdocError([Problem("cite", 0, "", f"unknown format {format!r}", hint)])
    return WRITERS[format](reference(site, target, address))


def reference(site: Site, target: str, address: str = "") -> Reference:
    """What `target` names, ready to be written in any format."""
    name, _, point = target.partition("#")
    if name in site.examples and not point:
        found = benches(site, name)
        if found:
            return _record_reference(site, found[0], "", address)
        raise StackdocError([Problem("cite", 0, "", f"example {name!r} has no record to cite")])
    if name in site.records:
        return _record_reference(site, bench_of(site, site.records[name]), point, address)
    if any(place.id == name for place in site.stack.places) and not point:
        return _layer_reference(site, name, address)
    known = [*site.examples, *site.records, *(place.id for place in site.stack.places)]
    raise StackdocError([Problem("cite", 0, "", f"nothing to cite under {target!r}", did_you_mean(name, known))])


def _record_reference(site: Site, bench: Bench, point: str, address: str) -> Reference:
    record = bench.record
    keys = [one.key for one in items(record)]
    if point and point not in keys:
        hint = did_you_mean(point, keys)
        raise StackdocError([Problem("cite", 0, "", f"record {record.id} has no point {point!r}", hint)])
    date = bench.date
    url = _url(address, record_path(record.id) + (f"#{anchor(point)}" if point else ""))
    what = f"{_example_title(site, record)}: {point_label(record, point)}" if point else _example_title(site, record)
    title = f"{what}, measured on {bench.label} (record {record.id})"
    torch = record.software.packages.get("torch", "")
    parts = [
        value_sentence(bench, point) if point else "",
        what,
        bench.label,
        f"torch {torch}" if torch else f"Python {record.software.python}",
        f"{date} UTC",
        f"record {record.id}",
        url,
    ]
    key = f"stackdoc-{record.id}" + (f"-{hashlib.sha256(point.encode()).hexdigest()[:6]}" if point else "")
    sentence = line(", ".join(part for part in parts if part))
    return Reference(key, "dataset", _title(title), date, url, record.id, _title(site.stack.title), sentence)


def _layer_reference(site: Site, layer: str, address: str) -> Reference:
    """A layer page changes with its figures: its revision is a digest over them, its date that of the newest."""
    place = site.stack.place(layer)
    examples = sorted(example.id for example in site.examples.values() if example.layer == layer)
    shown = [bench for example in examples for bench in benches(site, example)]
    content = json.dumps([place.id, place.name, place.summary, [bench.record.id for bench in shown]])
    revision = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    date = max((bench.date for bench in shown), default="")
    url = _url(address, f"/layers/{layer}/")
    title = f"{place.name}: {site.stack.title} (revision {revision})"
    sentence = line(", ".join(part for part in (AUTHOR, title, date, url) if part))
    return Reference(
        f"stackdoc-{layer}-{revision}", "report", _title(title), date, url, revision, _title(site.stack.title), sentence
    )


def block(work: Reference) -> Markup:
    """The citation to read and to copy: the sentence in sight, the formats one fold away."""
    formats = [
        element("pre", element("code", WRITERS[name](work)), data_format=name) for name in ("bibtex", "ris", "csl-json")
    ]
    return element(
        "div",
        element("pre", element("code", work.sentence), data_format="text"),
        element("details", element("summary", "BibTeX, RIS, CSL-JSON"), *formats),
        class_="sd-citation",
    )


def bibtex(work: Reference) -> str:
    """A BibTeX entry; the corporate author and the title in double braces, so that no style splits or lowers them."""
    fields = {
        "author": f"{{{_latex(AUTHOR)}}}",
        "title": f"{{{_latex(work.title)}}}",
        "institution" if work.kind == "report" else "publisher": _latex(work.publisher),
        "year": work.date[:4],
        "month": work.date[5:7].lstrip("0"),
        "number": work.number,
        "url": work.url,
        "note": _latex(f"Measured {work.date}, licence {LICENCE}") if work.kind == "dataset" else "",
    }
    kind = "techreport" if work.kind == "report" else "misc"
    body = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@{kind}{{{work.key},\n{body}}}\n"


def ris(work: Reference) -> str:
    """A RIS entry with CRLF at the end of each line."""
    fields = [
        ("TY", "DATA" if work.kind == "dataset" else "RPRT"),
        ("ID", work.key),
        ("AU", f"{AUTHOR},"),  # the comma makes it one institutional name
        ("TI", work.title),
        ("PY", work.date[:4]),
        ("DA", work.date.replace("-", "/") + "/" if work.date else ""),
        ("PB", work.publisher),
        ("ET" if work.kind == "dataset" else "SN", work.number),
        ("UR", work.url.replace(";", "%3B")),  # some readers take a semicolon for the end of the address
    ]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in fields if value) + "ER  - \r\n"


def csl_json(work: Reference) -> str:
    """A list of one CSL-JSON item."""
    item: dict[str, object] = {
        "id": work.key,
        "type": work.kind,
        "title": work.title,
        "author": [{"literal": AUTHOR}],
        "publisher": work.publisher,
        "URL": work.url,
        "number": work.number,
    }
    if work.kind == "dataset":
        item["version"] = work.number
    if work.date:
        item["issued"] = {"date-parts": [[int(part) for part in work.date.split("-")]]}
    return json.dumps([item], ensure_ascii=False, indent=2) + "\n"


WRITERS: dict[str, Callable[[Reference], str]] = {
    "text": lambda work: work.sentence,
    "bibtex": bibtex,
    "ris": ris,
    "csl-json": csl_json,
}
FORMATS = tuple(WRITERS)


def _example_title(site: Site, record: Record) -> str:
    return site.examples[record.example].title if record.example in site.examples else record.example


def _title(text: str) -> str:
    """One line without what readers of BibTeX disagree about, and without the ligatures of TeX."""
    return line(re.sub(r"''+", '"', re.sub(r"--+", "–", line(" ".join(text.split())).translate(UNFIT))))


def _latex(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "&%#_" else letter for letter in _title(text))


def _url(address: str, path: str) -> str:
    return line(address).rstrip("/") + path
