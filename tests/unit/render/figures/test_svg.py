"""Figures: the same bytes each time, colours of the page, and what the record says on each mark."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stackdoc import render
from stackdoc.model.record import Output
from stackdoc.project import FIGURES
from stackdoc.render.fences.block import fence
from stackdoc.render.figures import axes, specs
from stackdoc.render.figures import svg as figures
from stackdoc.render.figures.drawing import Drawing, Mark, drawable_kind
from stackdoc.render.html.page import Assets
from tests.made import two_machines

KINDS = ("timing", "sweep", "roofline", "bars")
STYLES = Path(render.__path__[0]) / "assets" / "figures.css"
PAPER = {"light": "#fffefb", "dark": "#16191d"}


def drawn(root: Path, kind: str, assets: Assets | None = None, more: str = "") -> str:
    return fence(
        two_machines.site(root),
        f"example: kernels/gemm\nfigure: {kind}\npoints: library\n{more}",
        "docs/x.md",
        1,
        assets,
    )


def pictures(html: str) -> list[ET.Element]:
    return [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", html, re.DOTALL)]


def test_an_example_that_must_fail_shows_how_it_does(tmp_path: Path) -> None:
    shown = (Output(1, "text/plain", "ValueError: <b>no</b>\n", "how it fails, as expected"),)
    failing = two_machines.record(
        "dddddddddddd", "kernels/gemm", two_machines.ZEN, (), outputs=shown, measured_at="2026-11-21"
    )
    html = fence(two_machines.site(tmp_path, failing), "example: kernels/gemm", "docs/x.md", 1)
    assert "Fails as expected: <code>ValueError: &lt;b&gt;no&lt;/b&gt;</code>" in html
    assert "left these points out" not in html


def test_an_example_for_its_output_alone_shows_it(tmp_path: Path) -> None:
    shown = (
        Output(0, "text/plain", "<printed>\n"),
        Output(0, "image/png", "iVBO", "a wave"),
        Output(1, "application/vnd.jupyter.stderr", "a warning\n"),
    )
    plain = two_machines.record(
        "dddddddddddd", "kernels/gemm", two_machines.ZEN, (), outputs=shown, measured_at="2026-11-21"
    )
    html = fence(two_machines.site(tmp_path, plain), "example: kernels/gemm", "docs/x.md", 1)
    assert "<pre>&lt;printed&gt;\n</pre>" in html
    assert 'alt="a wave"' in html
    assert "<summary>Standard error</summary><pre>a warning\n</pre>" in html
    assert "Its output is from " in html
    assert "Fails" not in html


def test_a_figure_that_stands_twice_is_drawn_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    draw = figures.draw

    def drawing(*given: Any) -> object:
        calls.append(given[-1])
        return draw(*given)

    monkeypatch.setattr(figures, "draw", drawing)
    assets = Assets()
    first = drawn(tmp_path, "timing", assets)
    assert calls
    count, files = len(calls), dict(assets.by_path)
    assert drawn(tmp_path, "timing", assets) == first
    assert (len(calls), assets.by_path) == (count, files)
    assert drawn(tmp_path, "timing", assets, "caption: Another.\n") != first


@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_is_the_same_twice_from_the_cache_and_without(tmp_path: Path, kind: str) -> None:
    first = drawn(tmp_path / "one", kind)
    assert first == drawn(tmp_path / "one", kind)
    assert first == drawn(tmp_path / "two", kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_scales_follows_the_colours_of_the_page_and_is_named(tmp_path: Path, kind: str) -> None:
    for svg in pictures(drawn(tmp_path, kind)):
        text = ET.tostring(svg, encoding="unicode")
        assert "width" not in svg.attrib
        assert svg.attrib["viewBox"].startswith("0 0 ")
        assert re.search("2-core Zen 4 server CPU, 24 GiB|NVIDIA H200", svg.attrib["aria-label"])
        assert not re.search(r'(?:fill|stroke)="#', text)
        assert not re.search(r"\bNaN\b|undefined|Infinity", text)
        assert "var(--sd-" in text


def test_each_mark_says_value_interval_and_count(tmp_path: Path) -> None:
    wide = pictures(drawn(tmp_path, "timing"))[0]
    labels = [
        part.attrib["aria-label"]
        for part in wide.iter()
        if part.attrib.get("role") == "graphics-symbol" and "aria-label" in part.attrib
    ]
    assert len(labels) == 4
    said = next(label for label in labels if "512" in label).replace("\xa0", " ")
    assert said == "torch.mm, n = 512: 3.36 ms (95 % interval 3.29 to 3.42 ms; 9 launches × 24 blocks × 4 calls)"


def test_text_is_never_smaller_than_eleven_pixels_on_a_phone() -> None:
    sizes = [
        value
        for group in axes.CONFIG.values()
        if isinstance(group, dict)
        for name, value in group.items()
        if name.endswith("ontSize")
    ]
    assert min(sizes) * 328 / axes.NARROW >= 11


@pytest.mark.case(41, 49)
def test_an_unreadable_or_damaged_cache_is_drawn_anew(tmp_path: Path) -> None:
    first = drawn(tmp_path, "timing")
    for kept in (tmp_path / FIGURES).iterdir():
        kept.write_bytes(kept.read_bytes()[:100])
    assert drawn(tmp_path, "timing") == first


def test_specification_and_data_are_files_to_download(tmp_path: Path) -> None:
    assets = Assets()
    html = drawn(tmp_path, "timing", assets)
    paths = re.findall(r'href="/(assets/figures/[^"]+)"', html)
    assert {path.partition(".")[2] for path in paths} == {"vl.json", "csv"}
    by_kind = {path.rpartition(".")[2]: assets.by_path[path].content.decode() for path in paths[:2]}
    assert "layer" in json.loads(by_kind["json"])
    rows = list(csv.DictReader(io.StringIO(by_kind["csv"])))
    assert [row["point"] for row in rows] == [f"library;n={n}" for n in (128, 256, 512, 1024)]
    assert float(rows[2]["time per call, ms"]) == pytest.approx(2 * 512**3 / 80e9 * 1e3)


def test_the_axis_names_its_scale(tmp_path: Path) -> None:
    def words(log: str) -> str:
        return " ".join(text for text in pictures(drawn(tmp_path, "timing", more=log))[0].itertext())

    assert "time per call, ms (log scale)" in words("")
    assert "(log scale)" not in words("log: false")


@pytest.mark.case(52)
def test_a_hostile_label_stays_a_text_in_a_figure(tmp_path: Path) -> None:
    mark = Mark("a", two_machines.HOSTILE, two_machines.HOSTILE, 1.0, two_machines.HOSTILE, x=2.0)
    other = Mark("b", "datum.label", "signal", 2.0, "b", x=4.0)
    for spec in (
        specs.timing([mark, other], "ms", axes.WIDE),
        specs.sweep([mark, other], "ms", two_machines.HOSTILE, axes.WIDE),
        specs.bars(Drawing("bars", (mark, other), two_machines.HOSTILE, "", ""), axes.NARROW),
    ):
        svg = figures.draw(tmp_path, spec, two_machines.HOSTILE)
        tags = {part.tag.rpartition("}")[2] for part in ET.fromstring(str(svg)).iter()}
        assert tags <= {"svg", "g", "path", "text", "tspan", "line", "rect", "defs", "clipPath"}
        assert "onerror=" not in re.sub(r'"[^"]*"|>[^<]*<', "", str(svg))


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_keep_their_contrast_in_both_schemes(scheme: str) -> None:
    light, dark = STYLES.read_text("utf-8").split('[data-md-color-scheme="slate"]', 1)
    block = light if scheme == "light" else dark.split("}", 1)[0]
    colours = dict(re.findall(r"(--sd-[\w-]+):\s*(#[0-9a-f]{6});", block))
    series = [colours[f"--sd-series-{number}"] for number in range(1, 9)]
    assert len(set(series)) == 8
    assert all(contrast(colour, PAPER[scheme]) >= 3 for colour in series)
    assert all(contrast(colours[name], PAPER[scheme]) >= 4.5 for name in ("--sd-ink", "--sd-ink-faint", "--sd-accent"))


def test_paper_has_the_light_series_and_a_record_page_the_dark_ones() -> None:
    """Both are written a second time, in media queries, where they could drift from the first."""
    text = STYLES.read_text("utf-8")

    def series(part: str) -> dict[str, str]:
        return dict(re.findall(r"(--sd-series-\d):\s*(#[0-9a-f]{6});", part))

    light, _, rest = text.partition('[data-md-color-scheme="slate"]')
    dark, _, rest = rest.partition("}")
    record, _, paper = rest.partition("@media (prefers-color-scheme: dark)")[2].partition("@media print")
    assert series(paper) == series(light)
    assert series(record) == series(dark)
    assert len(series(paper)) == len(series(record)) == 8
    inks = re.findall(r"--sd-(?:ink|ink-faint|accent):\s*(#[0-9a-f]{3,6});", paper)
    full = [ink if len(ink) == 7 else "#" + "".join(2 * digit for digit in ink[1:]) for ink in inks]
    assert len(full) == 3
    assert all(contrast(ink, "#ffffff") >= 4.5 for ink in full)


def mark(key: str, value: float, low: float, high: float, x: float = 1.0) -> Mark:
    return Mark(key, key, key.partition(";")[0], value, key, low, high, x=x)


@pytest.mark.parametrize("kind", ["sweep", "timing", "bars"])
def test_a_logarithmic_axis_holds_the_intervals_and_an_interval_never_leaves_it(kind: str) -> None:
    marks = [mark("a;n=1", 1.0, 0.2, 1.1), mark("a;n=2", 100.0, -5.0, 900.0, 2.0)]
    made = {
        "sweep": lambda: specs.sweep(marks, "time, s", "n", axes.WIDE, True),
        "timing": lambda: specs.timing(marks, "time, s", axes.WIDE, True),
        "bars": lambda: specs.bars(Drawing("bars", tuple(marks), "time, s", "", ""), axes.WIDE, True),
    }[kind]()
    intervals = [layer for layer in made["layer"] if "x2" in layer["encoding"] or "y2" in layer["encoding"]]
    for layer in intervals:
        along = layer["encoding"]["x" if "x2" in layer["encoding"] else "y"]
        low, high = along["scale"]["domain"]
        assert low <= 0.2
        assert high >= 900.0
        assert all(low <= row["low"] for row in layer["data"]["values"])
    assert intervals
    assert not [layer for layer in made["layer"] if layer["mark"]["type"] == "bar"]


def test_what_an_example_reported_as_its_prediction_is_dashed() -> None:
    marks = [mark(f"{name};n={x:g}", x, x, x, x) for name in ("memory", "memory-predicted") for x in range(1, 6)]
    lines = [layer for layer in specs.sweep(marks, "value", "n", axes.WIDE)["layer"] if layer["mark"]["type"] == "line"]
    dashed = {"strokeDash" in line["mark"]: {row["series"] for row in line["data"]["values"]} for line in lines}
    assert dashed == {True: {"memory-predicted"}, False: {"memory"}}


def test_a_line_needs_five_places_and_fewer_are_bars() -> None:
    long = [mark(f"long;n={x}", x, x, x, x) for x in range(1, 6)]
    short = [mark(f"short;n={x}", x, x, x, x) for x in range(1, 5)]
    assert drawable_kind("sweep", [*long, *short]) == "sweep"
    assert drawable_kind("sweep", short) == "bars"
    assert drawable_kind("sweep", [replace(one, x=1.0) for one in long]) == "bars"
    assert drawable_kind("timing", short) == "timing"
    layers = specs.sweep([*long, *short], "value", "n", axes.WIDE)["layer"]
    (line,) = [layer for layer in layers if layer["mark"]["type"] == "line"]
    assert {row["series"] for row in line["data"]["values"]} == {"long"}
    (points,) = [layer for layer in layers if layer["mark"]["type"] == "point"]
    assert len(points["data"]["values"]) == 9


def test_bars_show_what_was_predicted_within_their_axis() -> None:
    marks = tuple(replace(mark(f"a;n={x}", 1.0, 1.0, 1.0, x), prediction=3.0) for x in (1.0, 2.0))
    made = specs.bars(Drawing("bars", marks, "time, s", "", ""), axes.WIDE)
    (predicted,) = [layer for layer in made["layer"] if layer["mark"].get("shape") == "diamond"]
    assert len(predicted["data"]["values"]) == 2
    assert made["layer"][0]["encoding"]["x"]["scale"]["domain"] == [0, 3.0]


def test_a_long_legend_stands_in_a_column_on_a_phone() -> None:
    long = ["a rather long label of a series, n = 1024", "another label that is as long, n = 2048"]
    assert axes.legend(long, axes.NARROW)["legend"]["columns"] == 1
    assert axes.legend(["a", "b"], axes.NARROW)["legend"]["columns"] == 3


@pytest.mark.parametrize("width", [axes.WIDE, axes.NARROW])
def test_labels_have_room_in_a_wider_font_than_the_one_they_were_laid_out_with(tmp_path: Path, width: int) -> None:
    """In DejaVu Sans, which Linux has where the web font is missing, the longest label takes 155.3 px."""
    marks = [mark(label, 1.0, 0.9, 1.1) for label in ("numpy.matmul, n = 1024", "cross-entropy, sum")]
    for spec in (specs.timing(marks, "time, s", width), specs.bars(Drawing("bars", tuple(marks), "", "", ""), width)):
        svg = str(figures.draw(tmp_path, spec, "Times"))
        plot = re.search(r'transform="translate\((\d+),4\)"', svg)
        assert plot
        assert 155.3 + axes.LABEL_PADDING <= int(plot[1]) < 0.6 * width
