"""The page of an example, and what hostile data can do in any page: nothing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

from stackdoc.model.device import DeviceState
from stackdoc.model.example import Cell
from stackdoc.model.machine import Accelerator
from stackdoc.model.provenance import Remark
from stackdoc.model.record import Control, Energy, Output, Prediction
from stackdoc.render.fences.block import fence
from stackdoc.render.fences.roles import role
from stackdoc.render.pages import example as example_page
from stackdoc.render.pages import machine as machine_page
from stackdoc.site.site import Site
from stackdoc.stack.claims.types import Claim
from stackdoc.stack.facts.fact import Fact
from stackdoc.stack.gaps.gap import Gap
from stackdoc.stack.handbook import handbook
from stackdoc.stack.systems.types import Status, System
from tests.made import two_machines
from tests.made.pages import Elements

BAD = two_machines.HOSTILE


OUR_SCRIPTS = (
    {"type": "application/ld+json"},
    {"src": "/assets/stackdoc/stackdoc.js", "defer": None},
    {"src": "/assets/stackdoc/verify/verify.js", "defer": None},
)


def assert_harmless(html: str) -> None:
    html.encode("utf-8")
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e]", html)
    for tag, attributes in Elements(html).found:
        assert tag != "script" or attributes in OUR_SCRIPTS
        assert tag not in ("iframe", "object", "embed", "form", "foreignobject")
        assert tag != "img" or (attributes["src"] or "").startswith("data:image/")
        assert not any(name.startswith("on") for name in attributes)
        bare = {"rel": "icon", "href": "data:,"}  # an icon that is not there keeps browsers from asking for one
        assert attributes == bare or not (attributes.get("href") or "").lower().startswith(
            ("javascript:", "data:", "//")
        )


def hostile_site(root: Path) -> Site:
    """Every text that data can bring holds something that wants out."""
    site = two_machines.site(root)
    machine = replace(
        two_machines.ZEN,
        cpu=BAD,
        vendor=BAD,
        microarchitecture=BAD,
        virtual=BAD,
        isa=(BAD,),
        accelerators=(Accelerator(BAD, BAD, 1),),
    )
    software = replace(
        two_machines.SOFTWARE,
        python=BAD,
        system=BAD,
        kernel=BAD,
        packages={BAD: BAD},
        driver=BAD,
        environment={BAD: BAD},
    )
    outputs = tuple(
        Output(1, mime, data)
        for mime, data in [
            ("text/plain", BAD),
            (
                "text/html",
                f"<table><tr><td onclick='x()'>kept{BAD}</td></tr></table><a href='javascript:x()'>a</a><style>",
            ),
            ("image/svg+xml", f"<svg onload='alert(1)'><script>alert(1)</script>{BAD}</svg>"),
            ("image/png", BAD),
            (BAD, BAD),
        ]
    )
    gemm = site.records["aaaaaaaaaaaa"]
    points = tuple(
        replace(
            point,
            label=BAD,
            dtype=BAD,
            clock=BAD,
            cache=BAD,
            parameters=(*point.parameters, (BAD, BAD)),
            unit=point.unit,
            prediction=Prediction(1e-9, BAD) if point.kind == "time" else None,
            energy=Energy(BAD, 8.0, 2.0, 4),
            launches=tuple(replace(one, states=(DeviceState(reasons=(BAD,)),)) for one in point.launches),
        )
        for point in gemm.points
    )
    bad = replace(
        gemm,
        machine=machine,
        software=software,
        outputs=outputs,
        points=points,
        ratios=(),
        caveats=(BAD,),
        controls=(Control("product", BAD, gemm.points[0].launches),),
        commit=BAD,
        digest=BAD,
        measured_at=f"2026-11-29{BAD}",
        roofs="cccccccccccc",
    )
    claim = Claim("bad", "kernels", BAD, (BAD,), "restated", missing=BAD, doubt=BAD, answer=BAD)
    return two_machines.changed(
        site,
        records={**site.records, bad.id: bad},
        examples={
            id: replace(one, title=BAD, summary=BAD, source=BAD, layer="kernels") for id, one in site.examples.items()
        },
        claims={**handbook(site).claims, "bad": claim},
        facts={"bad": Fact("bad", "kernels", BAD, BAD, BAD, BAD, "paper", BAD, BAD, "javascript:alert(1)", BAD)},
        systems={
            "bad": System(
                "bad",
                BAD,
                BAD,
                BAD,
                "kernels",
                (BAD,),
                (BAD,),
                status=Status(BAD, BAD, "javascript:x()"),  # type: ignore[arg-type]
            )
        },
        outcomes={"kernels/gemm@cuda": BAD},
        remarks=(Remark((bad.id,), BAD, BAD, ("library",)),),
        gaps={"bad": Gap("bad", "kernels/gemm", ("library",), BAD, "silicon/roofs gemm")},
    )


@pytest.mark.parametrize(
    "body",
    [
        "example: kernels/gemm",
        "example: kernels/gemm\nfigure: timing",
        "claim: bad",
        "facts: kernels",
        "systems: kernels",
        "machines:",
        "cite: kernels/gemm",
        "code: kernels/gemm",
    ],
)
def test_hostile_data_stays_text_in_a_fence(tmp_path: Path, body: str) -> None:
    html = fence(hostile_site(tmp_path), body, "docs/x.md", 1)
    assert "&lt;script&gt;" in html
    assert_harmless(html)


def test_hostile_data_stays_text_in_a_role(tmp_path: Path) -> None:
    site = hostile_site(tmp_path)
    for name, text in (("verdict", "bad"), ("fact", "bad"), ("cite", "kernels/gemm"), ("cite", "aaaaaaaaaaaa")):
        assert_harmless(role(site, name, text, "docs/x.md", 1))


@pytest.mark.case(52, 61)
def test_hostile_data_stays_text_on_pages(tmp_path: Path) -> None:
    site = hostile_site(tmp_path)
    for page in (*machine_page.pages(site), *two_machines.record_pages(site, "https://example.org/")):
        if page.kind in ("markdown", "html"):
            assert_harmless(page.text)
            assert "&lt;script&gt;" in page.text or BAD not in page.text
    for cell in json.loads(whole(site))["cells"]:
        if cell["cell_type"] == "markdown":
            continue
        for output in cell["outputs"]:
            assert_harmless(output.get("data", {}).get("text/html", ""))


@pytest.mark.case(61)
def test_html_output_keeps_its_table_and_loses_what_acts() -> None:
    html = str(
        example_page.sanitised(
            "<table><tr><td colspan='2' onclick='x()'>1.0</td></tr></table><script>x()</script><img src=//evil/x>"
        )
    )
    assert html == '<table><tbody><tr><td colspan="2">1.0</td></tr></tbody></table>'


def test_terminal_output_is_what_a_terminal_shows() -> None:
    assert example_page.terminal_text("\x1b[31mred\x1b[0m\r\n10 %\r100 %\n\x07") == "red\n100 %\n�"


def whole(site: Site) -> str:
    """The notebook as it is to be downloaded."""
    return example_page.notebook(site, "kernels/gemm", example_page.head(site, "kernels/gemm"))


def test_the_notebook_is_valid_and_the_same_twice(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    text = whole(site)
    assert text == whole(site)
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert [cell.cell_type for cell in notebook.cells] == ["markdown", "markdown", "code"]
    assert notebook.cells[2].outputs[0].text == "1\n"
    assert "80 GFLOP/s" in " ".join(re.sub(r"<[^>]+>", " ", notebook.cells[0].source).split())


def test_outputs_of_another_state_of_the_source_are_not_shown(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path, examples={"kernels/gemm": two_machines.example(digest="d2")})
    cells = json.loads(whole(site))["cells"]
    assert cells[2]["outputs"] == []
    assert "out of date: source changed" in cells[0]["source"]


def outputs_of(tmp_path: Path, *outputs: Output) -> list[dict[str, Any]]:
    """What the page shows below the one cell of an example whose record has these outputs."""
    site = two_machines.site(tmp_path)
    record = replace(site.records["aaaaaaaaaaaa"], outputs=outputs)
    site = replace(site, records={**site.records, record.id: record})
    shown: list[dict[str, Any]] = json.loads(example_page.notebook(site, "kernels/gemm", ""))["cells"][2]["outputs"]
    return shown


def test_what_older_records_show_of_memory_and_of_one_call_is_left_out(tmp_path: Path) -> None:
    texts = (
        "Measured(key='call', seconds=3.2919e-05)",
        "[Measured(key='a;n=1', seconds=1e-05), Measured(key='b', seconds=2.0)]",
        "<torch._C.Generator object at 0x7f750a3a10f0>",
        "[<matplotlib.lines.Line2D object at 0x7f036dea90b0>]\n",
        "<generator object <genexpr> at 0x7f036dea90b0>",
        "a plan: <bound method Plan.run of <Plan object at 0x7f036dea90b0>>",
        "Measured(key='call', seconds=3.2919e-05)\n",
        "the mask is 0x7f036dea90b0, read at 0x10",
    )
    shown = outputs_of(tmp_path, *(Output(1, "text/plain", text) for text in texts))
    assert [output["text"] for output in shown] == [
        "a plan: <bound method Plan.run of <Plan object at 0x…>>",
        texts[6],
        texts[7],
    ]
    (table,) = outputs_of(tmp_path, Output(1, "text/html", "<p>&lt;Axes at 0x7f036dea90b0&gt;</p>"))
    assert table["data"]["text/html"] == "<p>&lt;Axes at 0x…&gt;</p>"


def test_a_picture_and_a_chart_are_said_in_the_words_of_their_author(tmp_path: Path) -> None:
    spec = {"data": {"values": [{"a": 1}]}, "mark": "point", "encoding": {"x": {"field": "a", "type": "quantitative"}}}
    picture, chart, silent = outputs_of(
        tmp_path,
        Output(1, "image/svg+xml", "<svg/>", 'a "spiral"'),
        Output(1, "application/vnd.vegalite.v5+json", json.dumps(spec), "one\npoint"),
        Output(1, "image/png", "iVBO"),
    )
    assert 'alt="a &#34;spiral&#34;"' in picture["data"]["text/html"]
    assert 'alt="one point"' in chart["data"]["text/html"]
    assert 'alt="Output of this cell"' in silent["data"]["text/html"]


def test_a_chart_of_an_author_is_drawn_and_one_that_fetches_is_not(tmp_path: Path) -> None:
    spec = {"data": {"values": [{"a": 1}]}, "mark": "point", "encoding": {"x": {"field": "a", "type": "quantitative"}}}
    fetching = {**spec, "data": {"url": "file:///etc/passwd"}}
    charts = (Output(1, "application/vnd.vegalite.v6+json", json.dumps(one)) for one in (spec, fetching))
    shown = [output["data"]["text/html"] for output in outputs_of(tmp_path, *charts)]
    assert "data:image/svg+xml;base64," in shown[0]
    assert "can&#39;t be drawn: its data must be inside the specification" in shown[1]


def test_standard_error_is_folded_and_a_formula_is_set(tmp_path: Path) -> None:
    errors, formula, odd, moving = outputs_of(
        tmp_path,
        Output(1, "application/vnd.jupyter.stderr", "\x1b[31mUserWarning\x1b[0m: <b> at 0x7f036dea90b0\n"),
        Output(1, "text/latex", "$\\displaystyle \\frac{1}{2}$"),
        Output(1, "text/latex", "$\\nosuch <script>$"),
        Output(1, "image/gif", "R0lG"),
    )
    folded = '<details class="sd-stderr"><summary>Standard error</summary><pre>UserWarning: &lt;b&gt; at 0x…\n</pre>'
    assert errors["data"]["text/html"] == f"{folded}</details>"
    assert formula["data"]["text/html"].startswith("<p><math")
    assert odd["data"]["text/html"] == "<pre>$\\nosuch &lt;script&gt;$</pre>"
    assert 'src="data:image/gif;base64,R0lG"' in moving["data"]["text/html"]


def test_the_text_of_a_script_stands_between_its_code(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    cells = (Cell("code", "a = 1", 3, "About $a$."), Cell("markdown", "", 5), Cell("code", "b = 2", 7))
    example = replace(site.examples["kernels/gemm"], cells=cells, text="From the docstring: [x](roofs.py).")
    site = replace(site, examples={**site.examples, example.id: example})
    shown = json.loads(example_page.notebook(site, "kernels/gemm", ""))["cells"]
    assert [cell["cell_type"] for cell in shown] == ["markdown", "markdown", "markdown", "code", "code"]
    assert shown[2]["source"].startswith("About <math")
    assert len({cell["id"] for cell in shown}) == len(shown)


def test_an_example_without_a_record_says_why(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    example = two_machines.example("kernels/odd", fault="is not Python: invalid syntax", fault_line=3)
    broken = replace(site, examples={**site.examples, example.id: example})
    head = example_page.head(broken, "kernels/odd")
    assert "Not run: examples/kernels/odd.py (line 3): is not Python: invalid syntax" in head
    lacking = replace(example, fault="", fault_line=0)
    outcomes = {"kernels/odd@cpu": "skipped: needs pandas, which is not installed (line 7)"}
    site = replace(site, examples={**site.examples, example.id: lacking}, outcomes=outcomes)
    assert "needs pandas, which is not installed (line 7)" in example_page.head(site, "kernels/odd")
    assert "Not run" not in example_page.head(site, "kernels/gemm")
