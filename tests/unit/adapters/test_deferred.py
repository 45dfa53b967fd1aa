"""What a page sets apart: the figures of machines that nobody has chosen, and nothing that a page needs at once."""

from __future__ import annotations

import json
import re

from stackdoc.adapters.deferred import SMALLEST, defer_parts

FIGURES = '<figure data-record="0123456789ab"><a href="../../r/0123456789ab/">x</a>' + "é</script>\u2028" * SMALLEST


def fold(content: str) -> str:
    return f"<details><summary>A</summary><!--sd-part-->{content}<!--/sd-part--></details>"


def test_a_part_becomes_a_script_and_leaves_the_way_to_its_record() -> None:
    written: dict[str, str] = {}
    page = defer_parts(f"before {fold(FIGURES)} between {fold(FIGURES)} after", "layers/kernels/", written.__setitem__)
    ((path, script),) = written.items()
    assert page.count(f'<p class="sd-part" data-src="../../{path}"><a href="../../r/0123456789ab/">') == 2
    assert FIGURES not in page
    assert re.fullmatch(r"before .* between .* after", page)
    assert json.loads(script.removeprefix("document.currentScript.part = ").removesuffix(";\n")) == FIGURES


def test_little_and_what_no_record_stands_for_stays_on_the_page() -> None:
    for content in ('<b data-record="0123456789ab">1</b>', "no record " * SMALLEST):
        assert content in defer_parts(fold(content), "", lambda *_: None)
