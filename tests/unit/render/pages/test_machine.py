"""The page of a machine."""

from __future__ import annotations

from pathlib import Path

from stackdoc.render.pages import machine as machine_page
from tests.made import two_machines


def test_a_machine_page_lists_its_figures_its_roofs_and_its_gaps(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    pages = {page.path: page for page in machine_page.pages(site)}
    assert set(pages) == {
        "machines/index.md",
        "machines/zen4-2c-24g-9f3a.md",
        "machines/sapphire-16c-128g-h200-77aa.md",
    }
    zen = pages["machines/zen4-2c-24g-9f3a.md"].text
    assert "This is the machine that built these pages." in zen
    assert zen.count('class="sd-measured"') == len(two_machines.gemm_points(1e9)) + 1 + 2
    assert "needs cuda" in zen
    hopper = pages["machines/sapphire-16c-128g-h200-77aa.md"].text
    assert "No roof was measured on this machine." in hopper
    assert "NVIDIA H200" in hopper
