"""A design document is held against the records it cites."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stackdoc.model.provenance import Contribution, Withdrawal
from stackdoc.model.record import Record
from stackdoc.records import store
from stackdoc.records.identity import with_id
from stackdoc.render.citation.cite import cite
from stackdoc.site.site import Site
from stackdoc.verification import Finding, verify
from stackdoc.verification.mentions import mentions
from stackdoc.verification.passages import passages
from tests.made import two_machines

ADDRESS = "https://example.org/handbook/"


def stored(example: str, speed: float, day: int, machine: object = two_machines.ZEN, **changes: Any) -> Record:
    """A record under its own hash, of the `day` of November."""
    made = two_machines.record("", example, machine, two_machines.gemm_points(speed), **changes)  # type: ignore[arg-type]
    return with_id(replace(made, measured_at=f"2026-11-{day:02}T10:00:00Z"))


@pytest.fixture
def records() -> dict[str, Record]:
    return {
        "old": stored("kernels/gemm", 80e9, 18),
        "withdrawn": stored("kernels/gemm", 400e9, 19),
        "new": stored("kernels/gemm", 90e9, 20),
        "gpu": stored("kernels/gemm", 40e12, 20, two_machines.HOPPER, device="cuda"),
    }


@pytest.fixture
def site(tmp_path: Path, records: dict[str, Record]) -> Site:
    withdrawn = records["withdrawn"].id
    return two_machines.site(
        tmp_path,
        records={one.id: one for one in records.values()},
        measured_here=frozenset(one.id for one in records.values() if one.device == "cpu"),
        withdrawn={withdrawn: Withdrawal(withdrawn, "2026-11-21", "The clock was wrong.")},
    )


def one(site: Site, text: str, name: str = "design.md") -> Finding:
    (found,) = verify(site, text, name)
    return found


def test_eight_planted_citations_get_eight_right_answers(site: Site, records: dict[str, Record]) -> None:
    gpu, old, withdrawn = (records[name].id for name in ("gpu", "old", "withdrawn"))
    library = "library;n=512"
    copy = json.dumps(records["gpu"].fields(), indent=2).replace('"threads": 1', '"threads": 7')
    document = f"""# Which kernels we use

The product takes 6.7 µs ([record {gpu}]({ADDRESS}r/{gpu}/#{library})).

We were told 6.9 µs ([record]({ADDRESS}r/{gpu}/#{library})).
Another team says 6.7 ms, see {ADDRESS}r/{gpu.upper()}/#{library}.

- On two cores it takes 3.36 ms [^old].
- It was 0.67 ms once, {ADDRESS}r/{withdrawn}/#{library}.
- Somebody measured 1.2 ms (record 0123456789ab).

[^old]: {ADDRESS}r/{old}/#{library.replace(";", "%3B")}

```json
{copy}
```

In round numbers that is 40 TFLOP/s ({ADDRESS}r/{gpu}/#{library}).
"""
    found = verify(site, document, "design.md")
    assert [(finding.line, finding.answer) for finding in found] == [
        (3, "right"),
        (5, "wrong value"),
        (6, "wrong unit"),
        (8, "superseded"),
        (9, "withdrawn"),
        (10, "unknown id"),
        (15, "altered copy"),
        (document.count("\n"), "rounded properly"),
    ]
    assert [finding.ok for finding in found] == [True, False, False, True, False, False, False, True]
    assert found[3].value == "as recorded"
    assert "3.36 ms → 2.98 ms, ambiguous (0.89× the time)" in found[3].notes
    assert "withdrawn on 2026-11-21: The clock was wrong." in found[4].notes
    assert "threads: 7, recorded: 1" in found[6].notes
    assert found[1].recorded == "6.7 µs"


def test_a_copied_sentence_is_right_for_every_figure_and_in_every_format(
    site: Site, records: dict[str, Record]
) -> None:
    gpu = records["gpu"]
    for point in gpu.points:
        target = f"{gpu.id}#{point.key}"
        found = one(site, f"We rely on this. {cite(site, target, address=ADDRESS)}. Nothing else.\n")
        assert (found.answer, found.point) == ("right", point.key), str(found)
        for format, name in (("bibtex", "a.bib"), ("ris", "a.ris"), ("csl-json", "a.json"), ("bibtex", "a.md")):
            found = one(site, cite(site, target, format, ADDRESS), name)
            assert (found.identity, found.point) == ("genuine", point.key), f"{format}: {found}"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("6.7 µs (95 % interval 6.58 to 6.85 µs)", "right"),
        ("6.7 µs (95 % interval 6.58 to 6.95 µs)", "wrong value"),
        ("6.7 µs (95 % CI 6.58–6.85 µs)", "right"),
        ("6.7 µs, budget 2 to 9 µs", "right"),
        ("6.71 µs", "rounded properly"),
        ("7 µs", "rounded properly"),
        ("6.7 us", "right"),
        ("0.0067 ms", "rounded properly"),
        ("6.7e-6 s", "rounded properly"),
        ("6.7 × 10⁻⁶ s", "rounded properly"),
        ("6,710 ns", "rounded properly"),
        ("6700 ns", "rounded properly"),
        ("6.7 microseconds", "right"),
        ("**6.7** µs", "right"),
        ("6.7\u202fμs", "right"),
        ("6.72 µs", "wrong value"),
        ("6.6 µs", "wrong value"),
        ("0 s", "wrong value"),
        ("6.71 s", "wrong unit"),
        ("6.71 GB/s", "wrong unit"),
        ("40.0 TFLOPS", "right"),
        ("40.0 TFLOP", "wrong unit"),
        ("one H200, 3 launches, n = 512", "no value quoted"),
    ],
)
def test_a_number_is_the_figure_the_record_holds_or_it_is_not(
    site: Site, records: dict[str, Record], text: str, answer: str
) -> None:
    found = one(site, f"It is {text} ({ADDRESS}r/{records['gpu'].id}/#library;n=512).")
    assert found.answer == answer, str(found)


def test_two_figures_in_one_sentence_are_held_against_their_own_points(site: Site, records: dict[str, Record]) -> None:
    id = records["gpu"].id
    page = f"{ADDRESS}r/{id}/#library"
    text = f"It takes 6.7 µs ({page};n=512), and 54 µs for twice the size ({page};n=1024)"
    assert [found.answer for found in verify(site, text + ".", "a.txt")] == ["right", "right"]
    wrong = verify(site, text.replace("54", "57") + ".", "a.txt")
    assert [found.answer for found in wrong] == ["right", "wrong value"]


def test_html_is_read_as_a_reader_sees_it(site: Site, records: dict[str, Record]) -> None:
    id = records["gpu"].id
    page = f"""<!doctype html><title>x</title><style>p {{ margin: 6.9 ms }}</style>
<p>A first line.</p>
<p>It takes <b>6.7</b>&nbsp;µs
(<a href="{ADDRESS}r/{id}/#library;n=512">measured</a>).</p>
<table><tr><td>6.9&nbsp;µs<td><a href="/r/{id}/#library;n=512">record</a></tr></table>"""
    assert [(found.line, found.answer) for found in verify(site, page, "a.html")] == [(3, "right"), (5, "wrong value")]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("see record 0123456789a", "unknown id"),
        ("see https://example.org/r/0123456789abc/", "unknown id"),
        ("see record {id}#library", "no value quoted"),
        ("see /r/{id}/#libary;n=512", "unknown point"),
        ("the facade of a record decade", None),
        ("Record {ID}, 2026", "no value quoted"),
        ("records `{id}` and `0123456789ab`", "no value quoted"),
    ],
)
def test_ids_are_found_and_ids_gone_wrong_are_not_passed_over(
    site: Site, records: dict[str, Record], text: str, answer: str | None
) -> None:
    found = verify(site, text.format(id=records["gpu"].id, ID=records["gpu"].id.upper()), "a.txt")
    assert (found[0].answer if found else None) == answer
    assert len(found) == (2 if "and" in text else bool(answer))


def test_a_saved_record_is_genuine_until_one_digit_changes(site: Site, records: dict[str, Record]) -> None:
    whole = store.file_content(records["gpu"]).decode().rstrip()
    assert one(site, whole, "saved.json").answer == "right"
    digits = [at for at, letter in enumerate(whole) if letter.isdigit()]
    for at in digits[:: len(digits) // 40]:
        other = str((int(whole[at]) + 1) % 10)
        assert not one(site, whole[:at] + other + whole[at + 1 :], "saved.json").ok, whole[at - 20 : at + 20]
    assert one(site, whole[: len(whole) // 2 * 2 - 9], "saved.json").answer == "altered copy"


def test_a_record_that_hashes_rightly_but_is_not_ours_is_unknown(site: Site) -> None:
    foreign = stored("kernels/gemm", 50e9, 7)
    assert one(site, json.dumps(foreign.fields()), "saved.json").answer == "unknown id"


@pytest.mark.parametrize("unit", ["ms", "GB", "x", "%", "GiB/s", "min"])
def test_units_are_read_only_as_whole_words(unit: str) -> None:
    assert [mention.text for mention in mentions(f"It is 12.5 {unit}, or so")] == [f"12.5 {unit}"]
    assert not list(mentions(f"It is 12.5 {unit}ishly, v2.{unit}"))


@pytest.mark.case(65)
def test_a_document_that_states_the_whole_digest_is_held_to_all_of_it(site: Site, records: dict[str, Record]) -> None:
    """A second record under the same address can be made; one with the same digest can't."""
    gpu = records["gpu"]
    entry = cite(site, gpu.id, "bibtex")
    assert gpu.sha256 in entry
    assert one(site, entry).identity == "genuine"
    assert one(site, f"As measured (record {gpu.sha256}).").identity == "genuine"
    twin = gpu.sha256[:16] + "0" * 48
    findings = verify(site, entry.replace(gpu.sha256, twin), "a.bib")
    assert sorted(finding.identity for finding in findings) == ["genuine", "unknown"]
    unknown = next(finding for finding in findings if not finding.ok)
    assert (unknown.id, unknown.notes) == (
        twin,
        (f"the record that begins alike is {gpu.id}, with the digest {gpu.sha256}",),
    )


@pytest.mark.parametrize("format", ["bibtex", "ris", "csl-json", "cff"])
def test_the_digest_in_every_format_for_programs_is_read_again(
    site: Site, records: dict[str, Record], format: str
) -> None:
    entry = cite(site, records["gpu"].id, format)
    assert records["gpu"].sha256 in entry
    assert {finding.identity for finding in verify(site, entry, "a.txt")} == {"genuine"}
    twin = entry.replace(records["gpu"].sha256, "0" * 64)
    assert "unknown" in {finding.identity for finding in verify(site, twin, "a.txt")}


@pytest.mark.case(65)
def test_a_copy_of_the_record_that_another_one_replaced_is_an_altered_copy(
    site: Site, records: dict[str, Record]
) -> None:
    """Its content hashes to its own id, which is the id of the other record too."""
    gpu = records["gpu"]
    text = json.dumps(gpu.fields())
    twin = replace(gpu, sha256=gpu.sha256[:16] + "0" * 48)
    found = one(replace(site, records={**site.records, gpu.id: twin}), text)
    assert (found.identity, found.notes[0]) == ("altered", f"the digest of the record is {twin.sha256}")


@pytest.mark.parametrize("blanks", [" " * 200_000, "\n" * 200_000, " \n" * 100_000])
@pytest.mark.case(88)
def test_blanks_cost_no_more_than_their_number(blanks: str) -> None:
    started = time.process_time()
    (passage,) = passages(f"<p>one{blanks} two\n three</p>", "x.html")
    assert passage.text.split() == ["one", "two", "three"]
    assert time.process_time() - started < 5, "the time grows with the square of their number"


def test_a_reproduction_is_reported_with_the_figure(site: Site, records: dict[str, Record]) -> None:
    first = records["new"]
    again = with_id(replace(stored("kernels/gemm", 89e9, 20), repeats=first.sha256))
    contributed = {again.id: Contribution(again.id, "A. Person")}
    more = replace(site, records={**site.records, again.id: again}, contributed=contributed)
    (cited,) = verify(more, f"It takes 2.98 ms (/r/{first.id}/#library;n=512).", "design.md")
    assert "reproduced by A. Person" in cited.notes
    (copied,) = verify(more, store.file_content(first).decode(), "saved.json")
    assert "reproduced by A. Person" in copied.notes
