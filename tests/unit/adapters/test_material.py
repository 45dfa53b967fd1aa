"""Repairs of the theme: each changes what it is for, and says so when it finds nothing."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from stackdoc.adapters.material import REPAIRS, THEME, Material

SCRIPTS = {
    "assets/javascripts/bundle.ab12.min.js": 'x=(location.protocol!=="file:")&&y',
}
SLIPS = '<input type="checkbox" id="a" autocomplete="off"><label for="__toc">x</label>'


def configured(root: Path, ours: bool) -> MkDocsConfig:
    (root / "docs").mkdir()
    config = MkDocsConfig(config_file_path=str(root / "mkdocs.yml"))
    theme = {"name": "mkdocs"} | ({"custom_dir": str(THEME)} if ours else {})
    config.load_dict({"site_name": "Ours", "theme": theme})
    assert not config.validate()[0]
    config.plugins._current_plugin = "stackdoc"  # as MkDocs sets it while a plugin is called
    return config


def repaired(config: MkDocsConfig, scripts: dict[str, str], html: str) -> tuple[dict[str, str], str, Material]:
    files = Files([File.generated(config, name, content=content) for name, content in scripts.items()])
    material = Material(config)
    material.repair_files(files, config)
    return {file.src_uri: file.content_string for file in files}, material.repaired(html), material


def test_each_repair_changes_what_it_is_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    scripts, html, material = repaired(configured(tmp_path, ours=True), SCRIPTS, SLIPS)
    assert list(scripts.values()) == ["x=(!1)&&y"]
    assert html == '<input type="checkbox" id="a"><label>x</label>'
    material.report()
    assert not caplog.records


def test_a_repair_that_finds_nothing_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    _, _, material = repaired(
        configured(tmp_path, ours=True), dict.fromkeys(SCRIPTS, "another script"), "<p>No slip.</p>"
    )
    with caplog.at_level(logging.WARNING):
        material.report()
    assert [record.getMessage().partition(": ")[2] for record in caplog.records] == [one.reason for one in REPAIRS]


def test_another_theme_stays_as_it_is(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    scripts, html, material = repaired(configured(tmp_path, ours=False), SCRIPTS, SLIPS)
    material.report()
    assert (scripts, html, caplog.records) == (SCRIPTS, SLIPS, [])
