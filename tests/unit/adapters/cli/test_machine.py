"""`stackdoc machine`, as it is called."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from click.testing import CliRunner

from stackdoc.adapters.cli.main import main
from stackdoc.model.record import Work
from stackdoc.project import Layout
from stackdoc.records import ledger, store
from stackdoc.records.identity import with_id
from tests.made import two_machines


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_the_command_says_what_was_reached_here_and_what_would_measure_the_rest(tmp_path: Path) -> None:
    call = ("--root", str(tmp_path), "machine")
    script = '# /// script\n# [tool.stackdoc]\n# layer = "a"\n# title = "T"\n{}# ///\n"""What."""\nLABEL = "{}"\n'
    for name, key, label in (("roofs", "# roofs = true\n", ""), ("start", "", "import torch")):
        tree(tmp_path, {f"examples/a/{name}.py": script.format(key, label)})
    before = CliRunner().invoke(main, call).output
    assert "roofs of cpu: not measured here; `stackdoc measure a/roofs` measures it" in before
    assert "import torch: not measured here; `stackdoc measure a/start` measures it" in before
    assert "import numpy" not in before

    two = replace(two_machines.timed("gemm-threads", 1e-3, Work(flop=2e8)), parameters=(("n", 8), ("threads", 2)))
    triad = two_machines.timed("triad", 1e-3, Work(bytes=3 << 20))
    points = (two_machines.timed("gemm", 1e-3, Work(flop=1e8)), two, triad, two_machines.timed("dispatch", 1e-6))
    imported = replace(two_machines.value("stage", 1.25, "s"), label="import torch")
    made = [
        two_machines.record("", "a/roofs", two_machines.ZEN, points),
        two_machines.record("", "a/start", two_machines.ZEN, (imported,)),
    ]
    kept = [with_id(one) for one in made]
    for one in kept:
        store.write(Layout(tmp_path), one)
    assert "not measured here" in CliRunner().invoke(main, call).output  # another machine of this class did
    ledger.enter(Layout(tmp_path), kept)
    after = " ".join(CliRunner().invoke(main, call).output.split())
    assert f"roofs of cpu, 2026-11-20, record {kept[0].id}" in after
    for row in (
        "1 thread, float32 product",
        "1 thread, memory, 3 MiB",
        "1 thread, dispatch",
        "2 threads, float32 product",
    ):
        assert row in after
    assert f"import torch: 1.25 s, 2026-11-20, record {kept[1].id}" in after
    assert "not measured here" not in after
