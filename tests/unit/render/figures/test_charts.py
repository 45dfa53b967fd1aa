"""Charts that records hold: ordinary ones come out as before, and a hostile one costs its page a line."""

from __future__ import annotations

import base64
import json
import logging
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stackdoc.model.record import Output
from stackdoc.render.figures import charts, svg, vega
from stackdoc.render.html.page import Assets
from stackdoc.render.pages import example as example_page
from stackdoc.site.site import Site
from tests.made import two_machines

X = {"field": "a", "type": "quantitative"}
POINT: dict[str, Any] = {"data": {"values": [{"a": 1}]}, "mark": "point", "encoding": {"x": X}}
SLOW = [{"calculate": "test(/(a+)+$/, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')", "as": "b"}]
DENSE = {"density": "a", "bandwidth": 1, "minsteps": 1e8, "maxsteps": 1e8}
MEMORY, TIME = "drawing it takes more than 0.25 GiB", "drawing it takes longer than 6 s"


@pytest.fixture
def tight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a hostile chart reaches sooner."""
    limits = replace(charts.LIMITS, seconds=6, silence_seconds=6, memory_bytes=256 << 20)
    monkeypatch.setattr(charts, "LIMITS", limits)


def with_charts(root: Path, *specs: object) -> Site:
    """A site whose record aaaaaaaaaaaa shows these in its one cell."""
    outputs = [Output(1, "application/vnd.vegalite.v6+json", json.dumps(one)) for one in specs]
    site = two_machines.site(root)
    record = replace(site.records["aaaaaaaaaaaa"], outputs=tuple(outputs))
    return replace(site, records={**site.records, record.id: record})


def shown(site: Site, assets: Assets | None = None) -> list[str]:
    cells = json.loads(example_page.notebook(site, "kernels/gemm", "", assets))["cells"]
    return [output["data"]["text/html"] for output in cells[2]["outputs"]]


def picture(html: str) -> str:
    found = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', html)
    assert found, html
    return base64.b64decode(found[1]).decode()


def test_a_chart_is_the_one_that_this_process_would_draw(tmp_path: Path) -> None:
    label = "Chart of this cell"
    (html,) = shown(with_charts(tmp_path / "one", POINT))
    assert picture(html) == str(svg.draw(tmp_path / "two", POINT, label))


def test_a_chart_is_drawn_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = shown(with_charts(tmp_path, POINT))
    monkeypatch.setattr(charts, "run_supervised", pytest.fail)
    assert shown(with_charts(tmp_path, POINT)) == first


@pytest.mark.usefixtures("tight")
@pytest.mark.parametrize(
    ("spec", "faults"),
    [
        ({**POINT, "encoding": {"x": {**X, "axis": {"tickCount": 1e8}}}}, ("it has more than 1000 ticks",)),
        ({**POINT, "config": {"axis": {"tickCount": 1e8}}}, ("it has more than 1000 ticks",)),
        ({**POINT, "config": {"view": {"continuousWidth": 1e9}}}, ("it is larger than 4000 pixels",)),
        ({**POINT, "data": {"values": [{"a": 1}, {"a": 2}]}, "transform": [DENSE]}, (MEMORY, TIME)),
        (
            {**POINT, "data": {"sequence": {"start": 0, "stop": 1e7}}, "encoding": {"x": {**X, "field": "data"}}},
            ("its data must be inside the specification",),
        ),
        ({**POINT, "transform": SLOW}, (TIME,)),
        ({**POINT, "width": 1e9}, ("it is larger than 4000 pixels",)),
        ({**POINT, "height": {"step": 5000}}, ("it is larger than 4000 pixels",)),
        ({"hconcat": [{**POINT, "width": 5000}]}, ("it is larger than 4000 pixels",)),
        ({**POINT, "data": {"values": [{"a": "x" * charts.LONGEST}]}}, ("its specification is longer than",)),
        ({**POINT, "mark": "nonsense"}, ("its mark 'nonsense' is not one of arc, area",)),
        ({"layer": [{**POINT, "mark": {"type": "image"}}]}, ("its mark 'image' is not one of arc, area",)),
        ({**POINT, "transform": [{"nonsense": 1}]}, ("a transform is not one of aggregate, bin",)),
        ({**POINT, "transform": [1]}, ("a transform is not one of aggregate, bin",)),
        ({**POINT, "data": {"values": [{"a": 1}] * 20_001}}, ("it has 20001 rows of data",)),
        ({**POINT, "datasets": {"d": [1] * 20_001}}, ("it has 20001 rows of data",)),
        ({**POINT, "encoding": {"x": {**X, "type": 5}}}, ("Vega-Lite to SVG conversion failed",)),
        ({**POINT, "description": float("nan")}, ("Out of range float values are not JSON compliant",)),
        ([POINT], ("its data must be inside the specification",)),
    ],
)
@pytest.mark.case(68)
def test_a_hostile_chart_is_a_line_with_its_record_and_its_neighbour_is_drawn(
    tmp_path: Path, spec: object, faults: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    site = with_charts(tmp_path, spec, POINT)
    assets = Assets()
    hostile, ordinary = shown(site, assets)
    text = hostile.replace("&#39;", "'")
    assert any(text.startswith(f"<p>A chart of record aaaaaaaaaaaa can't be drawn: {fault}") for fault in faults), text
    assert len(text) < 300
    assert "<svg" in picture(ordinary)
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING] == [text[3:-4]]
    assert not assets.cacheable, "a next build would not try again"


def test_what_cannot_be_drawn_is_tried_once_for_a_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = with_charts(tmp_path, {**POINT, "mark": "nonsense"})
    first = shown(site)
    monkeypatch.setattr(charts, "run_supervised", pytest.fail)
    assert shown(site) == first


def test_a_field_of_the_data_may_be_called_width() -> None:
    spec = {**POINT, "data": {"values": [{"width": 5000, "a": 1}]}}
    assert charts.checked(json.dumps(spec)) == spec


@pytest.mark.parametrize(
    "spec",
    [
        {**POINT, "config": {"mark": {"color": "red"}, "view": {"continuousWidth": 300}}},
        {"layer": [{**POINT, "mark": {"type": "bar"}}, {**POINT, "mark": "rule"}]},
        {**POINT, "data": {"name": "d"}, "datasets": {"d": [{"a": 1, "mark": "nonsense"}]}},
        {**POINT, "transform": [{"aggregate": [{"op": "mean", "field": "a", "as": "b"}]}, {"filter": "datum.a > 0"}]},
    ],
)
def test_an_ordinary_chart_passes(spec: dict[str, object]) -> None:
    assert charts.checked(json.dumps(spec)) == spec


def test_a_picture_too_large_for_a_page_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "LIMITS", replace(charts.LIMITS, file_bytes=1024))
    monkeypatch.setattr(charts, "LONGEST", 1024)
    with pytest.raises(ValueError, match="its picture can't be written: File too large"):
        charts.Charts(two_machines.site(tmp_path), "aaaaaaaaaaaa").drawn(json.dumps(POINT))


def test_own_figures_are_drawn_in_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "run_supervised", pytest.fail)
    assert "<svg" in str(svg.draw(tmp_path, POINT, "A point"))
    assert vega.svg(json.dumps(POINT)).startswith("<svg")


def test_what_the_core_warns_of_is_a_warning_of_the_build(caplog: pytest.LogCaptureFixture) -> None:
    from stackdoc.adapters.mkdocs import plugin

    of_the_build = logging.getLogger("mkdocs")
    of_the_build.addHandler(caplog.handler)
    of_the_build.propagate, before = False, of_the_build.propagate
    try:
        charts.log.warning("of a chart")
    finally:
        of_the_build.removeHandler(caplog.handler)
        of_the_build.propagate = before
    assert plugin.log.name.startswith(of_the_build.name)
    assert caplog.messages == ["of a chart"]
