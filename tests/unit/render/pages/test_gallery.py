"""The list of examples as cards, and the fence that places some of them in a page."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from stackdoc.errors import StackdocError
from stackdoc.model.record import Output
from stackdoc.render.fences.block import fence
from stackdoc.render.figures.raster import png, sized
from stackdoc.render.html.page import Assets
from stackdoc.render.pages import gallery
from stackdoc.render.pages.example import head
from stackdoc.render.pages.thumbnail import LARGEST, thumbnail
from stackdoc.site.site import Site
from tests.made import two_machines
from tests.made.pages import Elements, html
from tests.made.pictures import PNG, PNG_BASE64, SVG


def site_with(root: Path, *outputs: Output, **changes: object) -> Site:
    """A gallery of two examples, the first of which shows these outputs on the machine that comes first."""
    site = two_machines.site(root, gallery=True)
    gemm = replace(site.examples["kernels/gemm"], tags=("matrix", "two words"), **changes)  # type: ignore[arg-type]
    roofs = replace(site.examples["silicon/roofs"], tags=("matrix",))
    record = replace(site.records["aaaaaaaaaaaa"], outputs=outputs)
    examples, records = {gemm.id: gemm, roofs.id: roofs}, {**site.records, record.id: record}
    return replace(site, examples=examples, records=records)


def test_without_the_option_the_list_is_a_table(tmp_path: Path) -> None:
    page = gallery.page(two_machines.site(tmp_path))
    assert "<table" in page.text
    assert "sd-gallery" not in page.text
    assert "examples.zip" not in page.text


def test_every_example_is_a_card_in_the_group_of_its_layer(tmp_path: Path) -> None:
    page = Elements(html(gallery.page(site_with(tmp_path))))
    assert [link for link in page.links if link.startswith("/examples/")][:2] == [
        "/examples/kernels/gemm/",
        "/examples/silicon/roofs/",
    ]
    assert {"/layers/kernels/", "/layers/silicon/", "/examples.zip"} <= set(page.links)
    assert "One product, written two ways." in page.words


def test_the_links_of_tags_lead_to_the_examples_with_that_tag(tmp_path: Path) -> None:
    text = html(gallery.page(site_with(tmp_path)))
    page = Elements(text)
    for link in (link for link in page.links if "#" in link):
        assert unquote(link.partition("#")[2]) in page.ids
    assert re.search(r'id="tag-two-words">two words</dt><dd><a href="/examples/kernels/gemm/">', text)
    assert re.search(r"matrix\s*<small>2</small>", text)
    assert 'href="/examples/#tag-two-words"' in head(site_with(tmp_path), "kernels/gemm")


@pytest.mark.parametrize(("number", "chosen"), [(1, "first"), (2, "last"), (-1, "last"), (-2, "first"), (7, "first")])
def test_the_picture_is_the_figure_with_the_number(tmp_path: Path, number: int, chosen: str) -> None:
    outputs = (
        Output(0, "text/plain", "printed"),
        Output(0, "image/png", PNG_BASE64),
        Output(1, "image/svg+xml", SVG),
    )
    site, assets = site_with(tmp_path, *outputs, thumbnail=number), Assets()
    (image,) = (found for found in Elements(thumbnail(site, site.examples["kernels/gemm"], assets)).found)
    (published,) = assets.by_path.values()
    assert published.content == (PNG if chosen == "first" else SVG.encode())
    assert image[1]["src"] == f"/{published.path}"
    assert image[1]["alt"] == ""


def test_a_large_picture_is_reduced_and_a_damaged_one_is_not_shown(tmp_path: Path) -> None:
    large = SVG.replace("<path", "<!--" + "x" * LARGEST + "--><path")
    site, assets = site_with(tmp_path, Output(0, "image/svg+xml", large)), Assets()
    thumbnail(site, site.examples["kernels/gemm"], assets)
    (published,) = assets.by_path.values()
    assert published.content.startswith(b"\x89PNG")
    assert len(published.content) < LARGEST
    damaged = site_with(tmp_path, Output(0, "image/png", "\x00nothing"))
    assert "<svg" in thumbnail(damaged, damaged.examples["kernels/gemm"], None)


def test_without_a_figure_the_times_are_bars_and_without_a_record_the_code_is_lines(tmp_path: Path) -> None:
    site = site_with(tmp_path)
    bars = Elements(thumbnail(site, site.examples["silicon/roofs"], None)).found
    widths = [float(shape["width"] or 0) for name, shape in bars if name == "rect"]
    times = [2.0 * 512**3 / 97e9, 1e8 / 31e9]
    assert widths == pytest.approx([64 * time / max(times) for time in times], abs=0.1)
    code = Elements(thumbnail(replace(site, records={}), site.examples["kernels/gemm"], None)).found
    assert [float(shape["width"] or 0) for name, shape in code if name == "rect"] == [len("import torch"), 8]


def test_a_card_has_the_beginning_of_the_text_without_markup(tmp_path: Path) -> None:
    example = two_machines.example(summary="", text="## The data\n\nOne `period` of *a* [wave](x.md). More.")
    assert gallery.beginning(example) == "One period of a wave."
    assert gallery.beginning(replace(example, text="```python\nx\n```")) == ""
    assert len(gallery.beginning(replace(example, text="word " * 90))) <= gallery.LONGEST + 2
    site = site_with(tmp_path, title=two_machines.HOSTILE, summary=two_machines.HOSTILE)
    names = [name for name, _ in Elements(html(gallery.page(site))).found]
    assert "script" not in names


def test_examples_without_a_stack_are_grouped_by_folder(tmp_path: Path) -> None:
    site = replace(site_with(tmp_path), data=None, subject=type(site_with(tmp_path).subject)())
    text = gallery.page(site).text
    assert "## Kernels { #group-kernels }" in text
    assert "## Silicon { #group-silicon }" in text


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("gallery:", ["kernels/gemm", "silicon/roofs"]),
        ("gallery: kernels", ["kernels/gemm"]),
        ("gallery: [silicon/roofs, kernels/gemm]", ["silicon/roofs", "kernels/gemm"]),
        ("gallery:\ntags: two words", ["kernels/gemm"]),
        ("gallery:\ntags: [two words, matrix]", ["kernels/gemm", "silicon/roofs"]),
    ],
)
def test_a_fence_shows_some_of_the_cards(tmp_path: Path, body: str, shown: list[str]) -> None:
    links = Elements(fence(site_with(tmp_path), body, "docs/a.md", 1)).links
    assert [link for link in links if "#" not in link] == [f"/examples/{id}/" for id in shown]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("gallery: kernals", "docs/a.md:1: unknown folder of examples 'kernals'; did you mean 'kernels'?"),
        ("gallery: [kernels/gem]", "did you mean 'kernels/gemm'?"),
        ("gallery:\ntags: [matrx]", "docs/a.md:2: unknown tag 'matrx'; did you mean 'matrix'?"),
        ("gallery: silicon\ntags: two words", "docs/a.md:1: the gallery has no example"),
        ("gallery:\nwide: true", "unknown key 'wide'"),
    ],
)
def test_a_wrong_fence_is_refused_with_its_line(tmp_path: Path, body: str, problem: str) -> None:
    with pytest.raises(StackdocError) as caught:
        fence(site_with(tmp_path), body, "docs/a.md", 1)
    assert problem in str(caught.value)


def test_the_page_of_an_example_leads_to_notebook_services(tmp_path: Path) -> None:
    site = replace(site_with(tmp_path), online={"Colab <1>": "https://example.org/{path}.ipynb"})
    text = head(site, "kernels/gemm", Assets())
    assert '<a href="https://example.org/examples/kernels/gemm.ipynb">Colab &lt;1&gt;</a>' in text
    assert 'href="/examples/kernels/gemm.zip"' in text


@pytest.mark.parametrize(
    ("content", "box"),
    [
        (SVG, 'viewBox="0 0 9 9"'),
        (SVG.replace('viewBox="0 0 9 9"', "width='90pt' height='60pt'"), 'viewBox="0 0 90 60"'),
        (f"<?xml version='1.0'?><!DOCTYPE svg>{SVG}", 'viewBox="0 0 9 9"'),
    ],
)
def test_a_drawing_is_reduced_at_its_own_proportions(content: str, box: str) -> None:
    made = sized("image/svg+xml", content.encode())
    assert box in made
    assert made.count("width=") == 1
    assert png(made).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "content",
    [
        SVG.replace("<path", '<image href="file:///etc/hostname"/><path'),
        SVG.replace("<path", "<image xlink:href = 'https://example.org/a.png'/><path"),
        f'<!DOCTYPE svg [<!ENTITY a "b">]>{SVG}',
        SVG.replace('viewBox="0 0 9 9"', ""),
        "nothing",
    ],
)
def test_a_drawing_that_reads_other_files_or_has_no_size_is_not_drawn(content: str) -> None:
    with pytest.raises(ValueError, match="picture"):
        sized("image/svg+xml", content.encode())
