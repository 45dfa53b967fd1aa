"""Templates of links that open an example elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackdoc.reading import online
from stackdoc.reading.configuration import read_configuration

COLAB = "https://colab.research.google.com/github/me/it/blob/main/{path}.ipynb"


def test_placeholders_are_filled_and_encoded() -> None:
    assert list(online.faults(COLAB)) == []
    assert online.address(COLAB, "a/b-c", "examples/a/b c.py").endswith("/blob/main/examples/a/b%20c.ipynb")
    lite = "https://me.github.io/lite/?path={id}.ipynb&file={file}&literal={{}}"
    assert list(online.faults(lite)) == []
    assert online.address(lite, "a/b", "examples/a/b.py").endswith("?path=a/b.ipynb&file=examples/a/b.py&literal={}")


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        (3, "3 is not an address"),
        ("https://x.org/{pth}", "unknown placeholder {pth}; did you mean 'path'?"),
        ("https://x.org/{branch}", "unknown placeholder {branch}; known: file, id, path"),
        ("https://x.org/{path.__class__}", "unknown placeholder {path.__class__}"),
        ("https://x.org/{path!r}", "unknown placeholder {path!r}"),
        ("https://x.org/{path:>9}", "unknown placeholder {path:>9}"),
        ("https://x.org/{}", "unknown placeholder {}"),
        ("https://x.org/{path", "is not a valid template: "),
        ("https://x.org/lab", "is the same for every example; use {id}, {file}, {path}"),
        ("/lite/{path}", "is not a web address"),
        ("javascript:alert({id})", "is not a web address"),
        ("https://x.org/a b/{id}", "is not a web address"),
    ],
)
def test_a_wrong_template_is_refused_with_the_remedy(template: object, fault: str) -> None:
    assert any(fault in found for found in online.faults(template))


def test_commands_without_mkdocs_read_the_same_options_and_leave_out_faulty_ones(tmp_path: Path) -> None:
    launch = f"{{Colab: '{COLAB}', Wrong: 'https://x.org/{{pth}}'}}"
    options = f"plugins: [{{stackdoc: {{gallery: true, launch: {launch}}}}}]\n"
    (tmp_path / "mkdocs.yml").write_text(f"site_name: Ours\n{options}", "utf-8")
    settings = read_configuration(tmp_path)
    assert (settings.gallery, settings.online) == (True, {"Colab": COLAB})
