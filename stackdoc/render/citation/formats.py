"""References in the formats of reference managers and documents: BibTeX, RIS, CSL-JSON, CFF, Markdown, a sentence.

Citation styles change numbers and drop notes, but all of them keep the address; therefore a record's id is part of its
address and title. Titles never contain `~ \\ $ ^ { }`, which BibTeX parsers treat differently, and every field is one
line, so that no value can begin a second entry.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from stackdoc.errors import Problem, StackdocError, line

UNFIT = str.maketrans("~\\${}`^", "-/ ()' ")
UNSAFE = {ord(letter): f"%{ord(letter):02X}" for letter in '"<>\\^`{|} '}


@dataclass(frozen=True)
class Reference:
    """The fields of a citation.

    `date` is ISO 8601, perhaps without day or month, or empty; `number` is the record's id or the page's revision;
    `statement` is the citation in words without its address; `records` are the ids of the records it relies on, and
    `digests` the SHA-256 of those that it cites, which only the formats for programs contain. `accessed` is the day on
    which a source that others have published was read. `noun` is what a data set is, `doi` is empty if it has none.
    """

    key: str
    kind: Literal["dataset", "report"]
    title: str
    date: str
    url: str
    number: str
    publisher: str
    statement: str
    author: str
    licence: str = ""
    records: tuple[str, ...] = ()
    accessed: str = ""
    digests: tuple[str, ...] = ()
    noun: str = "record"
    doi: str = ""

    @property
    def sentence(self) -> str:
        return ", ".join(part for part in (self.statement, self.url) if part)


def bibtex(work: Reference) -> str:
    """Return a BibTeX entry; author and title are in double braces, so that no style splits or lowercases them."""
    licence = f", licence {work.licence}" if work.licence else ""
    read = f"Read on {work.accessed}" if work.accessed else ""
    measured = f"Measured {work.date}{licence}" if work.noun == "record" else licence.lstrip(", ")
    note = measured if work.kind == "dataset" else read
    fields = {
        "author": f"{{{_latex(work.author)}}}",
        "title": f"{{{_latex(work.title)}}}",
        "institution" if work.kind == "report" else "publisher": _latex(work.publisher),
        "year": work.date[:4],
        "month": work.date[5:7].lstrip("0"),
        "number": _latex(work.number),
        "doi": work.doi,
        "url": work.url,
        "note": _latex(note),
        "sha256": ", ".join(work.digests),
    }
    kind = "techreport" if work.kind == "report" else "misc"
    body = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value.strip("{}"))
    return f"@{kind}{{{work.key},\n{body}}}\n"


def ris(work: Reference) -> str:
    """Return a RIS entry with CRLF line ends."""
    year, month, day = (*work.date.split("-"), "", "")[:3]
    fields = [
        ("TY", "DATA" if work.kind == "dataset" else "RPRT"),
        ("ID", work.key),
        ("AU", f"{work.author},"),  # the comma makes it one institutional name
        ("TI", work.title),
        ("PY", year),
        ("DA", f"{year}/{month}/{day}/" if year else ""),
        ("Y2", f"{work.accessed.replace('-', '/')}/" if work.accessed else ""),
        ("PB", work.publisher),
        ("ET" if work.kind == "dataset" else "SN", work.number),
        ("DO", work.doi),
        ("UR", work.url.replace(";", "%3B")),  # some parsers end the address at a semicolon
        *(("C1", f"SHA-256 {digest}") for digest in work.digests),
    ]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in fields if value) + "ER  - \r\n"


def csl_json(work: Reference) -> str:
    """Return a CSL-JSON list with one item."""
    item: dict[str, object] = {
        "id": work.key,
        "type": work.kind,
        "title": work.title,
        "author": [{"literal": work.author}],
        "publisher": work.publisher,
        **({"URL": work.url} if work.url else {}),
        **({"DOI": work.doi} if work.doi else {}),
        "number": work.number,
    }
    if work.kind == "dataset":
        item["version"] = work.number
    if work.digests:
        item["custom"] = {"sha256": list(work.digests)}
    for name, date in (("issued", work.date), ("accessed", work.accessed)):
        if date:
            item[name] = {"date-parts": [[int(part) for part in date.split("-")]]}
    return json.dumps([item], ensure_ascii=False, indent=2) + "\n"


def cff(work: Reference) -> str:
    """Return a CITATION.cff 1.2.0; its texts are JSON strings, which are valid YAML.

    A report goes into `preferred-citation`, as the format allows only software and data sets at the top level.
    """
    shared = [
        ("title", _quoted(work.title)),
        ("authors", f"[{{name: {_quoted(work.author)}}}]"),
        ("url", _quoted(work.url) if work.url.startswith("http") else ""),
        ("date-released", work.date if len(work.date) == 10 else ""),
    ]
    top = [("cff-version", "1.2.0"), ("message", _quoted("Cite this by its address, which does not change."))]
    if work.kind == "report":
        report = "".join(f"  {name}: {text}\n" for name, text in shared if text and name != "date-released")
        number = f"  number: {_quoted(work.number)}\n" if work.number else ""
        return "".join(f"{name}: {text}\n" for name, text in (*top, *shared) if text) + (
            f"preferred-citation:\n  type: report\n{report}{number}"
        )
    identifiers = [f"{work.noun} {work.number}", *(f"SHA-256 {digest}" for digest in work.digests)]
    own = [
        ("type", "dataset"),
        ("version", _quoted(work.number)),
        ("license", work.licence),
        ("doi", _quoted(work.doi) if work.doi else ""),
        ("identifiers", f"[{', '.join(f'{{type: other, value: {_quoted(value)}}}' for value in identifiers)}]"),
    ]
    return "".join(f"{name}: {text}\n" for name, text in (*top, *shared, *own) if text)


def markdown(work: Reference) -> str:
    """Return a link whose text is the whole citation; without an address, the text alone."""
    words = re.sub(r"([\\`*_\[\]<>~|])", r"\\\1", work.statement)
    return words if not work.url else f"[{words}]({work.url.replace('(', '%28').replace(')', '%29')})"


@dataclass(frozen=True)
class CitationFormat:
    """A format of citations: how it is written, and its name on pages."""

    write: Callable[[Reference], str]
    name: str


SENTENCE = "text"
FORMATS: Mapping[str, CitationFormat] = {
    SENTENCE: CitationFormat(lambda work: work.sentence, "sentence"),
    "markdown": CitationFormat(markdown, "Markdown"),
    "bibtex": CitationFormat(bibtex, "BibTeX"),
    "ris": CitationFormat(ris, "RIS"),
    "csl-json": CitationFormat(csl_json, "CSL-JSON"),
    "cff": CitationFormat(cff, "CITATION.cff"),
}


def published(work: Reference) -> Reference:
    """Return the reference as it is published: an address from the root of an unknown site means nothing there."""
    return work if "://" in work.url else replace(work, url="")


def title(text: str) -> str:
    """Return the text on one line, without TeX ligatures and characters that BibTeX parsers treat differently."""
    words = re.sub(r"--+", "–", line(" ".join(text.split())).translate(UNFIT))
    return line(re.sub(r"''+", '"', re.sub(r",,+", ",", words)))


def url(address: str, path: str) -> str:
    """Return the address of a page below the root of the site, with characters escaped that could end a field."""
    return (line(address).rstrip("/") + path).translate(UNSAFE)


def joined(parts: Iterable[str]) -> str:
    """Return the parts that are not empty, separated by commas, on one line."""
    return line(", ".join(line(part) for part in parts if part))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def citation_error(message: str, hint: str = "") -> StackdocError:
    """Return the error for a target that can't be cited."""
    return StackdocError([Problem("cite", 0, "", message, hint)])


def _latex(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "&%#_" else letter for letter in title(text))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
