"""Each thing that can change is found by content and named; what does not matter changes nothing."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from stackdoc.adapters.cli.main import main
from stackdoc.adapters.run_report import lines
from stackdoc.machine import this_machine, this_software
from stackdoc.model.record import method_of
from stackdoc.plan import freshness
from stackdoc.plan.project import read_project
from stackdoc.project import Layout
from stackdoc.records import ledger, store
from stackdoc.records.identity import with_id
from stackdoc.run import host
from stackdoc.run.measuring import bring_up_to_date
from tests.made.scripts import FAST, written

BODY = """
    import helper
    from stackdoc import example
    ex = example()
    ex.measure("sum", lambda: sum(range(300)), n=300)
"""
SCRIPT, HELPER, DATA = "examples/kernels/good.py", "examples/kernels/helper.py", "examples/kernels/table.csv"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose one example has a record of here and now."""
    root = tmp_path_factory.mktemp("measured")
    written(root, "kernels/good", BODY, launches="1", data=f'["{DATA}"]')
    (root / HELPER).write_text("VALUE = 1\n")
    (root / DATA).write_text("a,b\n")
    (root / "docs").mkdir()
    (root / "docs/index.md").write_text("# Prose\n")
    (result,) = bring_up_to_date(read_project(Layout(root)), limits=FAST).results
    assert result.outcome.ok, result.outcome
    return root


@pytest.fixture
def project(measured: Path, tmp_path: Path) -> Path:
    return shutil.copytree(measured, tmp_path / "project")


def planned(root: Path) -> str:
    """The line of `stackdoc plan`."""
    told = CliRunner().invoke(main, ["--root", str(root), "plan"])
    assert told.exit_code == 0, told.output
    return " ".join(told.output.splitlines()[0].split())


def replaced(path: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        """Same length where it can be, and the same date: nothing but the content tells."""
        before = (root / path).stat()
        text = (root / path).read_text()
        assert old in text
        (root / path).write_text(text.replace(old, new))
        os.utime(root / path, ns=(before.st_atime_ns, before.st_mtime_ns))

    return change


@pytest.mark.case(45, 46, 48)
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (replaced(SCRIPT, "range(300)", "range(400)"), f"source changed: {SCRIPT}"),
        (replaced(HELPER, "1", "2"), f"source changed: {HELPER}"),
        (replaced(DATA, "a", "c"), f"source changed: {DATA}"),
    ],
)
def test_a_changed_file_is_named_whatever_its_date(project: Path, change: Callable[[Path], None], reason: str) -> None:
    change(project)
    assert planned(project) == f"kernels/good cpu run {reason}"
    told = lines(bring_up_to_date(read_project(Layout(project)), limits=FAST), Layout(project))
    assert told[1].endswith(f": {reason}")
    assert planned(project) == "kernels/good cpu reuse fresh"


@pytest.mark.case(47)
def test_another_version_of_a_declared_package_is_named(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def install(version: str) -> None:
        shutil.rmtree(tmp_path / "installed", ignore_errors=True)
        info = tmp_path / "installed" / f"soup-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: soup\nVersion: {version}\n")

    install("1.0")
    monkeypatch.syspath_prepend(str(tmp_path / "installed"))
    replaced(SCRIPT, '["stackdoc"]', '["stackdoc", "soup"]')(project)
    bring_up_to_date(read_project(Layout(project)), again=True, limits=FAST)
    assert planned(project) == "kernels/good cpu reuse fresh"
    install("2.0")
    assert planned(project) == "kernels/good cpu run soup 1.0 → 2.0"


def test_another_interpreter_is_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = this_software().python
    monkeypatch.setattr("platform.python_version", lambda: "3.99.0")
    assert planned(project) == f"kernels/good cpu run python {now} → 3.99.0"


def test_another_method_of_the_tool_is_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = method_of("cpu")
    monkeypatch.setattr(freshness, "method_of", lambda _: "timer/99")
    assert planned(project) == f"kernels/good cpu run method changed: {now} → timer/99"


@pytest.mark.case(47)
def test_another_driver_is_named_on_the_device_that_has_one(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def install(version: str) -> None:
        file = tmp_path / "system/proc/driver/nvidia/version"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"NVRM version: NVIDIA UNIX x86_64 Kernel Module  {version}  Wed\n")

    (old,) = store.read_all(Layout(project), []).values()
    software = dataclasses.replace(old.software, driver="560.35")
    record = with_id(dataclasses.replace(old, device="cuda", method=method_of("cuda"), software=software))
    store.write(Layout(project), record)
    ledger.enter(Layout(project), [record])
    monkeypatch.setattr(host, "reasons_against", lambda *_: {"cuda": ""})
    monkeypatch.setattr(host, "this_software", partial(this_software, root=tmp_path / "system"))
    replaced(SCRIPT, "# title", '# devices = ["cuda"]\n# title')(project)
    install("560.35")
    assert planned(project) == "kernels/good cuda reuse fresh"
    install("570.10")
    assert planned(project) == "kernels/good cuda run driver 560.35 → 570.10"


def test_another_machine_is_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = this_machine()
    other = dataclasses.replace(here, id="other-1c-1g-0000", cpu="Another")
    monkeypatch.setattr(host, "this_machine", lambda: other)
    assert planned(project) == f"kernels/good cpu run machine changed: {here.id} → other-1c-1g-0000"


def test_a_variable_that_selects_code_is_named_and_another_is_not(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "ed")
    assert planned(project) == "kernels/good cpu reuse fresh"
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    assert planned(project) == "kernels/good cpu run ONEDNN_MAX_CPU_ISA unset → AVX2"


@pytest.mark.case(48)
def test_prose_dates_and_comments_change_nothing(project: Path) -> None:
    replaced("docs/index.md", "Prose", "Other prose")(project)
    replaced(SCRIPT, "A fixture of the tests.", "Says it otherwise.")(project)
    replaced(SCRIPT, "import helper", "import helper  # with a word on it\n")(project)
    for path in project.rglob("*"):
        os.utime(path)
    assert planned(project) == "kernels/good cpu reuse fresh"
