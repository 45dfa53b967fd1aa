"""Compiled templates: used again, and made again if anything about them is wrong."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from stackdoc.adapters.mkdocs import templates
from stackdoc.adapters.mkdocs.templates import compiled_templates

SOURCE = "{{ 1 + 1 }} {{ words | upper }}"


@pytest.fixture(autouse=True)
def own_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def filled(monkeypatch: pytest.MonkeyPatch, source: str = SOURCE, packages: tuple[str, ...] = ("mkdocs",)) -> int:
    """Fill the template as a process without any in memory does; return how often it was compiled."""
    environment, compiled = Environment(loader=DictLoader({"a.html": source}), autoescape=True), list[str]()
    environment.bytecode_cache = compiled_templates(packages, environment.extensions)
    assert environment.bytecode_cache is not None
    compile_source = environment._compile

    def counted(*given: str) -> object:
        compiled.append(given[1])
        return compile_source(*given)

    monkeypatch.setattr(environment, "_compile", counted)
    assert environment.get_template("a.html").render(words="done").endswith("2 DONE")
    return len(compiled)


def test_a_template_is_compiled_once_for_all_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [filled(monkeypatch) for _ in range(3)] == [1, 0, 0]
    assert filled(monkeypatch, f"Changed. {SOURCE}") == 1


def test_another_version_of_a_package_compiles_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert filled(monkeypatch) == 1
    monkeypatch.setattr(templates, "version", lambda name: "0" if name == "mkdocs" else "1")
    assert filled(monkeypatch) == 1


@pytest.mark.parametrize("damage", [b"", b"j2", b"no code", None])
def test_a_damaged_file_is_made_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, damage: bytes | None) -> None:
    filled(monkeypatch)
    (path,) = (path for path in tmp_path.rglob("*.cache"))
    content = path.read_bytes()
    for cut in range(0, len(content), 40) if damage is None else (0,):
        path.write_bytes(content[:cut] if damage is None else damage)
        assert [filled(monkeypatch), filled(monkeypatch)] == [1, 0]


def test_a_directory_of_somebody_else_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("os.getuid", lambda: 12345)
    assert compiled_templates(["mkdocs"]) is None
    assert not list(tmp_path.rglob("*.cache"))
