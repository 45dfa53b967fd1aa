"""A link into an edition is checked: the edition must exist and have the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stackdoc.model.edition import Edition
from stackdoc.site.site import Site
from stackdoc.verification import verify
from tests.made import two_machines

ROOT = "https://example.org/handbook/"
EDITION = Edition(
    "2026-12",
    "A handbook",
    "Somebody",
    "CC0-1.0",
    f"{ROOT}v/2026-12/",
    "2026-12-01",
    files={"index.html": "0" * 64, "layers/kernels/index.html": "0" * 64, "data/x.json": "0" * 64},
)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return replace(two_machines.site(tmp_path), address=ROOT, editions=(EDITION,))


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (f"See {ROOT}v/2026-12/layers/kernels/.", "page v/2026-12/layers/kernels/: in the edition"),
        (f"See [it]({ROOT}v/2026-12/layers/kernels/#measured).", "page v/2026-12/layers/kernels/: in the edition"),
        (f"<{ROOT}v/2026-12/>", "page v/2026-12/: in the edition"),
        (f"{ROOT}v/2026-12/data/x.json", "in the edition"),
        ("/v/2026-12/layers/kernels/", "in the edition"),
        (f"{ROOT}v/2026-12/layers/kernel/", "unknown page: the edition has no such page"),
        (f"{ROOT}v/2026-11/layers/kernels/", "unknown page: no edition of this site; did you mean '2026-12'?"),
    ],
)
def test_a_link_is_judged(site: Site, text: str, answer: str) -> None:
    (finding,) = verify(site, text, "design.md")
    assert answer in str(finding)
    assert finding.ok == ("in the edition" in answer)


@pytest.mark.parametrize(
    "text", ["https://example.com/v/1.0/guide/", "/v/1.0/", "https://other.org/v/2026-12/x/", "v/2026-12"]
)
def test_links_to_other_sites_are_not_ours(site: Site, text: str) -> None:
    assert verify(site, text, "design.md") == ()


def test_a_record_of_an_edition_is_checked_as_a_record(site: Site) -> None:
    id = next(iter(site.records))
    with_page = replace(EDITION, files={**EDITION.files, f"r/{id}/index.html": "0" * 64})
    text = f"It took some time ({ROOT}v/2026-12/r/{id}/)."
    (finding,) = verify(replace(site, editions=(with_page,)), text, "design.md")
    assert (finding.noun, finding.id) == ("record", id)
    record, page = verify(site, text, "design.md")
    assert (record.id, page.answer) == (id, "unknown page")
