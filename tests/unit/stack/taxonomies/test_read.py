"""The file of a taxonomy, as it is read and shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackdoc.adapters.registered import load_site
from stackdoc.render.citation.cite import cite
from stackdoc.render.pages.all import generated
from stackdoc.stack.handbook import handbook
from stackdoc.stack.systems import page as system_page
from stackdoc.stack.taxonomies.types import label_order
from tests.made.commands import call
from tests.made.project import STACK, TAXONOMY, make_project, problems_of

TEXT = TAXONOMY.replace("id: cook", "id: guest").replace("lineage: a", "lineage: b")
GUEST = TEXT.replace("  axis:", "  guest: true\n  published: '1994-11'\n  axis:")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("accessed", "yesterday", "'yesterday' is not a date; write YYYY-MM-DD"),
        ("accessed", "2026-02-30", "'2026-02-30' is not a date; write YYYY-MM-DD"),
        ("accessed", "2026-11", "'2026-11' is not a date; write YYYY-MM-DD"),
        ("published", "", "'' is not a date; write YYYY-MM-DD, YYYY-MM or YYYY; leave it out if"),
        ("published", "94", "'94' is not a date"),
        ("published", "1994-13", "'1994-13' is not a date"),
        ("sha256", "", "'' is not a SHA-256 digest"),
        ("sha256", "unknown", "'unknown' is not a SHA-256 digest"),
        ("sha256", "A" * 64, "is not a SHA-256 digest"),
    ],
)
def test_an_invalid_date_or_digest_is_refused(tmp_path: Path, key: str, value: str, message: str) -> None:
    text = TEXT.replace('  accessed: "2026-11-22"\n', "" if key == "accessed" else '  accessed: "2026-11-22"\n')
    (problem,) = problems_of(make_project(tmp_path, guest=text.replace("  axis:", f'  {key}: "{value}"\n  axis:')))
    assert problem.where == f"source.{key}"
    assert message in str(problem)


@pytest.mark.parametrize("published", ["1994", "1994-11", "1994-11-15"])
def test_a_source_is_cited_with_its_own_date_and_the_day_it_was_read(tmp_path: Path, published: str) -> None:
    site = load_site(make_project(tmp_path, guest=GUEST.replace("1994-11", published)))
    assert f"{published}, a note, read 2026-11-22" in cite(site, "guest:1", "text")
    assert "year = {1994}" in cite(site, "guest:1", "bibtex")
    assert "note = {Read on 2026-11-22}" in cite(site, "guest:1", "bibtex")
    assert "PY  - 1994\r\n" in cite(site, "guest:1", "ris")
    assert "Y2  - 2026/11/22/\r\n" in cite(site, "guest:1", "ris")
    assert '"accessed"' in cite(site, "guest:1", "csl-json")


def test_a_source_without_a_date_is_not_dated_by_its_reader(tmp_path: Path) -> None:
    text = cite(load_site(make_project(tmp_path)), "cook:1", "bibtex")
    assert "year" not in text
    assert "Read on 2026-11-22" in text


def test_a_guest_has_pages_and_citations_and_no_vote(tmp_path: Path) -> None:
    root = make_project(tmp_path, guest=GUEST)
    checked = call(root, "check").stdout
    assert "from 1 taxonomy of 1 lineage, 1 guest without a vote" in checked
    site = load_site(root)
    stack = handbook(site).stack
    assert [taxonomy.source.id for taxonomy in stack.taxonomies] == ["cook"]
    pages = {page.path: page.text for page in generated(site, set())}
    assert "Guest: shown for comparison, without a vote." in pages["sources/guest.md"]
    assert "1994-11" in pages["sources/guest.md"]
    assert "without a vote" not in pages["sources/cook.md"]
    assert "## Guests { #guests }" in pages["sources/index.md"]
    merged, _, guests = pages["crosswalk.md"].partition("{ #guests }")
    assert "guest:2" not in merged.partition("{ #numbers }")[0]
    assert "guest:2" in guests
    assert "guest" not in pages["disagreements.md"]


def test_guests_may_name_systems_without_making_them_named(tmp_path: Path) -> None:
    site = load_site(make_project(tmp_path, guest=GUEST))
    ladle = handbook(site).systems["ladle"]
    assert ladle.mentions == ("cook:3",)
    assert "guest:3" in system_page.head(site, ladle).partition("Named by guests")[2]


def test_rows_of_one_position_keep_the_order_of_the_file(tmp_path: Path) -> None:
    text = TEXT.replace('"1"', '"z"').replace("position: 2", "position: 1")
    stack = handbook(load_site(make_project(tmp_path, guest=text))).stack
    assert [row.label for row in stack.taxonomy("guest").layers] == ["z", "2", "3"]


def test_labels_sort_as_people_count() -> None:
    labels = ["X", "10", "2b", "8", "2", "2a", "3c", "Others"]
    assert sorted(labels, key=label_order) == ["2", "2a", "2b", "3c", "8", "10", "Others", "X"]


RULING = """\
rulings:
- {id: fire-first, pairs: [[hearth, pot]], decision: The fire is below., reason: Only the cook compares them.}
"""


def test_a_vote_on_a_ruled_pair_that_the_ruling_has_not_weighed_is_a_warning(tmp_path: Path) -> None:
    weighed = "  weighed: [fire-first]\n  axis:"
    cook = TAXONOMY.replace("  axis:", weighed)
    root = make_project(tmp_path, stack=STACK + RULING, cook=cook)
    result = call(root, "check")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == (
        "warning: docs/data/taxonomies/guest.yml: source.weighed: votes on 'hearth' and 'pot', but the ruling "
        "'fire-first' has not weighed it; read the ruling's reason again, then add fire-first here"
    )
    (root / "docs/data/taxonomies/guest.yml").write_text(TEXT.replace("  axis:", weighed), "utf-8")
    assert "warning" not in call(root, "check").stdout


def test_a_copy_needs_no_weighing_of_its_own_and_a_guest_none(tmp_path: Path) -> None:
    cook = TAXONOMY.replace("  axis:", "  weighed: [fire-first]\n  axis:")
    copy = TEXT.replace("lineage: b", "lineage: a")
    for number, other in enumerate((copy, GUEST)):
        root = make_project(tmp_path / str(number), stack=STACK + RULING, cook=cook, guest=other)
        assert "warning" not in call(root, "check").stdout


def test_one_more_taxonomy_is_counted_everywhere(tmp_path: Path) -> None:
    root = make_project(tmp_path)
    text = TEXT.replace("id: guest", "id: third").replace("lineage: b", "lineage: c").replace("The cook", "The third")
    (root / "docs/data/taxonomies/third.yml").write_text(text, "utf-8")
    assert "from 3 taxonomies of 3 lineages" in call(root, "check").stdout
    pages = {page.path: page.text for page in generated(load_site(root), set())}
    assert "agrees with 9 votes" in pages["disagreements.md"]
    assert "Of 4 subjects: 4 by 3 lineages." in pages["crosswalk.md"]
    for table in pages["crosswalk.md"].split("<table")[1:4]:
        assert all(f"/sources/{id}/" in table.partition("</thead>")[0] for id in ("cook", "guest", "third"))
    for page in ("sources/index.md", "crosswalk.md", "layers/pot.md"):
        assert "third" in pages[page]
