"""Stars in the navigation."""

from __future__ import annotations

from stackdoc.adapters.mkdocs.navigation import expand


def test_a_star_in_the_navigation_is_the_pages_below_in_the_order_of_the_stack() -> None:
    paths = [
        "index.md",
        "layers/silicon.md",
        "layers/kernels.md",
        "layers/index.md",
        "layers/a.yml",
        "examples/kernels/x.ipynb",
    ]
    nav = [{"Home": "index.md"}, {"Layers": ["layers/*"]}, {"Examples": ["examples/*"]}, "theirs/*"]
    assert expand(nav, paths, {"kernels": 0, "silicon": 1}) == [
        {"Home": "index.md"},
        {"Layers": ["layers/index.md", "layers/kernels.md", "layers/silicon.md"]},
        {"Examples": ["examples/kernels/x.ipynb"]},
        "theirs/*",
    ]


def test_a_star_outside_the_prefix_belongs_to_another_plugin() -> None:
    paths = ["layers/a.md", "stackdoc/machines/a.md"]
    assert expand(["layers/*", "stackdoc/machines/*"], paths, {}, "stackdoc/") == ["layers/*", "stackdoc/machines/a.md"]


def test_a_page_that_the_navigation_names_is_not_listed_again_by_a_star() -> None:
    paths = ["guide/a.md", "guide/b.md", "guide/first.md"]
    assert expand([{"Guide": ["guide/first.md", "guide/*"]}], paths, {}) == [
        {"Guide": ["guide/first.md", "guide/a.md", "guide/b.md"]}
    ]
