"""The first screen of a record's page."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stackdoc.model.record import Point, Ratio, Record
from stackdoc.records.identity import with_id
from stackdoc.render.pages import verify_box
from stackdoc.render.pages.verification_card import age, card, main_keys, qualities
from stackdoc.render.values.record_view import view_of
from stackdoc.site.site import Site
from tests.made import two_machines


@pytest.fixture
def old() -> Record:
    return with_id(two_machines.record("", "kernels/gemm", two_machines.ZEN, two_machines.gemm_points(80e9)))


def site_of(root: Path, *records: Record, **changes: Any) -> Site:
    found = {record.id: record for record in records}
    return two_machines.site(root, **({"records": found, "measured_here": frozenset(found)} | changes))


def words(site: Site, record: Record) -> str:
    text = re.sub(r"<[^>]+>", " ", str(card(site, view_of(site, record))))
    return " ".join(text.replace("\xa0", " ").split())


def test_the_main_figures_are_the_last_of_each_name_and_ratios_come_first(old: Record) -> None:
    assert main_keys(old) == ["bytes-per-token", "plain;n=256", "library;n=1024"]
    ratio = Ratio("speed-up", (("n", 256),), "plain;n=256", "library;n=256")
    assert main_keys(replace(old, ratios=(ratio,)))[0] == "speed-up;n=256"
    many = tuple(two_machines.value(f"v{number}", 1.0, "B") for number in range(9))
    assert len(main_keys(replace(old, points=many))) == 4


def test_a_current_record_has_no_now(tmp_path: Path, old: Record) -> None:
    said = words(site_of(tmp_path, old), old)
    assert "Current: pages show this record" in said
    assert "26.8 ms 95 % interval 26.3 to 27.4 ms" in said
    assert "as new as the newest record of this site" in said
    assert "Measured again" not in said
    assert old.sha256 in said


@pytest.mark.parametrize(
    ("speed", "sentence"),
    [
        (160e9, "Measured again, 6 of 7 figures differ: 6 faster."),
        (80e9, "Measured again, none of 7 figures differs."),
        (40e9, "Measured again, 6 of 7 figures differ: 6 slower."),
    ],
)
def test_a_superseded_record_says_what_is_measured_now_and_whether_it_differs(
    tmp_path: Path, old: Record, speed: float, sentence: str
) -> None:
    points = two_machines.gemm_points(speed)
    new = with_id(replace(old, points=points, measured_at="2026-11-27T10:00:00Z"))
    said = words(site_of(tmp_path, old, new), old)
    assert sentence in said
    assert f"Superseded by record {new.id}" in said
    assert "2026-11-20 UTC, 7 days before the newest record of this site (2026-11-27)" in said


def test_records_that_must_not_be_compared_say_why(tmp_path: Path, old: Record) -> None:
    new = with_id(replace(old, digest="d1", method="timer/9", measured_at="2026-11-27T10:00:00Z"))
    assert "Then and now can’t be compared: method differs" in words(site_of(tmp_path, old, new), old)
    changed = with_id(replace(old, digest="d2", measured_at="2026-11-27T10:00:00Z"))
    example = two_machines.example(digest="d2")
    site = site_of(tmp_path, old, changed, examples={example.id: example}, claims={})
    assert "Then and now can’t be compared: the example has changed since" in words(site, old)
    other = with_id(replace(old, points=(two_machines.value("else", 1.0, "B"),), measured_at="2026-11-27T10:00:00Z"))
    assert "the newer record has none of these figures" in words(site_of(tmp_path, old, other), old)


def test_the_quality_is_said_in_words(old: Record) -> None:
    assert qualities(old) == ["all 6 timings are undisturbed, and the launches agree within 5 %"]
    loaded = two_machines.shared("dddddddddddd")
    assert qualities(loaded) == [  # a switch in a block of 200 ms is not a disturbance
        "2 of 6 timings are undisturbed, and the launches agree within 5 %",
        "4 of 6 timings are disturbed by other programs, so each is a bound: the best block",
    ]
    mixed = replace(old, points=(old.points[0], loaded.points[2]))
    assert [part.partition(" is ")[0] for part in qualities(mixed)] == ["1 of 2 timings"] * 2
    assert qualities(replace(old, points=(old.points[0],)))[0].startswith("the timing is")
    assert qualities(replace(old, points=())) == []
    assert isinstance(old.points[0], Point)


def test_an_age_that_is_not_known_is_not_said(tmp_path: Path, old: Record) -> None:
    broken = replace(old, measured_at="yesterday")
    assert age(site_of(tmp_path, broken), broken) == ""
    one_day = replace(old, id="e" * 12, measured_at="2026-11-21T00:00:00Z")
    assert age(site_of(tmp_path, old, one_day), old).startswith(", 1 day before")


def test_the_list_of_the_box_has_every_digit_of_every_record(tmp_path: Path, old: Record) -> None:
    first = replace(old, id=old.sha256[:12])
    page = verify_box.record_list(site_of(tmp_path, first))
    assert page.path == "r/ids.js"
    assert f'"{first.id}.{old.sha256[12:]}"' in page.text


def test_a_record_whose_example_is_gone_links_to_no_page_of_it(tmp_path: Path, old: Record) -> None:
    site = site_of(tmp_path, old, examples={}, claims={})
    pages = {page.path: page.text for page in two_machines.record_pages(site)}
    assert "/examples/kernels/gemm/" not in pages[f"r/{old.id}/index.html"]
    assert "kernels/gemm" in words(site, old)
