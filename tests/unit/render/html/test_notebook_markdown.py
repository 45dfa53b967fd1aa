"""A notebook as Markdown, for engines that convert no notebooks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from markdown import markdown as convert

from stackdoc.model.example import Cell
from stackdoc.model.record import Output
from stackdoc.render.html.notebook_markdown import notebook_markdown
from stackdoc.render.pages.example import HEAD, notebook
from tests.made import two_machines
from tests.made.pages import Elements


def test_text_code_and_outputs_are_there_in_their_order(tmp_path: Path) -> None:
    cells = (Cell("markdown", "Some *words*.", 1), Cell("code", 'text = """```"""\n\nprint(text)', 3))
    site = two_machines.site(tmp_path)
    outputs = (
        Output(1, "text/plain", "a\n\n\n# b <i>\n"),
        Output(1, "text/html", "<table><tr><td>1\n\n2</td></tr></table>"),
    )
    record = replace(site.records["aaaaaaaaaaaa"], outputs=outputs)
    example = replace(site.examples["kernels/gemm"], cells=cells)
    site = replace(site, records={record.id: record}, examples={example.id: example})
    text = notebook_markdown(notebook(site, example.id, HEAD), HEAD)
    assert HEAD in text
    html = convert(text, extensions=["fenced_code", "md_in_html", "attr_list"])
    page = Elements(html)
    assert [name for name, _ in page.found if name in ("h1", "em", "code", "table")] == ["h1", "em", "code", "table"]
    assert "<pre>a\n\n\n# b &lt;i&gt;" in html.replace("&#10;", "\n")
    assert json.dumps('"""```"""')[1:-1] in json.dumps(page.words)
