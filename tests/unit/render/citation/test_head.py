"""Tags in the head of a page: previews for other sites, and where mistakes are reported."""

from __future__ import annotations

import pytest

from stackdoc.render.citation.head import of_reports, preview


@pytest.mark.parametrize(
    ("repository", "address"),
    [
        ("https://github.com/o/r", "https://github.com/o/r/issues/new?title={title}&amp;body={body}"),
        ("https://codeberg.org/o/r.git", "https://codeberg.org/o/r/issues/new?title={title}&amp;body={body}"),
        (
            "https://gitlab.com/o/r/",
            "https://gitlab.com/o/r/-/issues/new?issue[title]={title}&amp;issue[description]={body}",
        ),
    ],
)
def test_mistakes_are_reported_in_the_way_of_the_host(repository: str, address: str) -> None:
    tag = str(of_reports(repository, "2026-11-30"))
    assert f'content="{address}"' in tag
    assert 'data-edition="2026-11-30"' in tag


@pytest.mark.parametrize("repository", ["", "javascript:alert(1)", "/only/a/path", "git@github.com:o/r.git"])
def test_without_a_web_address_of_the_repository_there_is_no_tag(repository: str) -> None:
    assert str(of_reports(repository, "2026-11-30")) == ""


def test_a_picture_makes_the_preview_a_large_one() -> None:
    tags = "".join(map(str, preview("A & B", "Words.", "Site", "https://a.example/b/", "https://a.example/c.jpg")))
    assert '<meta property="og:title" content="A &amp; B">' in tags
    assert '<meta property="og:image" content="https://a.example/c.jpg">' in tags
    assert '<meta name="twitter:card" content="summary_large_image">' in tags
    without = "".join(map(str, preview("A", "Words.", "Site")))
    assert "og:image" not in without
    assert "og:url" not in without
