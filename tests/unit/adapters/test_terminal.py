"""Nothing that a record, a bundle or a document holds steers the terminal of who lists, compares or checks it."""

from __future__ import annotations

import ast
import dataclasses
import json
import logging
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from stackdoc.adapters import run_report
from stackdoc.adapters.cli.main import main
from stackdoc.adapters.cli.measure import ConsoleProgress
from stackdoc.errors import HARMFUL, Problem
from stackdoc.examples.read import read_examples
from stackdoc.machine import this_machine, this_software
from stackdoc.model.record import Launch, Point, Record
from stackdoc.project import Layout
from stackdoc.records import ledger, store
from stackdoc.run.outcome import Outcome
from stackdoc.run.progress import ExampleEnded
from stackdoc.run.result import ExampleResult, RunSummary
from tests.made.records import made_record
from tests.made.repository import ROOT
from tests.made.scripts import GOOD, written

HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202eevil\u200b\rover\nforged"
REPLACED = "\ufffd[2J\ufffd]0;owned\ufffd\ufffd31m\ufffdevil\ufffd over forged"


def harmless(printed: str, lines: int) -> None:
    """What is hostile was printed, replaced, and stays on its line."""
    assert not HARMFUL.search(printed)
    assert "31m\ufffdevil" in printed
    assert len(printed.splitlines()) == lines
    assert not any(line.startswith("forged") for line in printed.splitlines())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with an example and two records of it that are hostile wherever a record may hold any text."""
    written(tmp_path, "kernels/good", GOOD)
    return tmp_path


def hostile(root: Path, started: str = "2026-01-01T00:00:00Z") -> Record:
    example = read_examples(root, [])["kernels/good"]
    software = dataclasses.replace(this_software(()), python=HOSTILE)
    launches = tuple(Launch(index, started, 1, 3, (1000, 1010), (990, 1000), (0, 0)) for index in range(6))
    made = made_record(
        example="kernels/good",
        machine=this_machine(),
        software=software,
        digest=example.digest,
        closure=example.closure,
        points=(Point(HOSTILE, (), "time", launches, label=HOSTILE),),
        measured_at=started,
    )
    store.write(Layout(root), made)
    ledger.enter(Layout(root), [made])
    return made


def printed(root: Path, *arguments: str) -> str:
    return CliRunner().invoke(main, ["--root", str(root), *arguments]).output


@pytest.mark.case(71)
def test_a_problem_is_one_clean_line() -> None:
    harmless(str(Problem(HOSTILE, 1, HOSTILE, HOSTILE, HOSTILE)), lines=1)
    assert str(Problem("a", 0, "", HOSTILE)) == f"a: {REPLACED}"


@pytest.mark.case(71)
def test_records_are_listed_clean(root: Path) -> None:
    hostile(root)
    harmless(printed(root, "records"), lines=2)


def test_a_plan_is_clean(root: Path) -> None:
    hostile(root)
    harmless("\n".join(printed(root, "plan").splitlines()[:2]), lines=2)


def test_a_comparison_is_clean(root: Path) -> None:
    one, two = hostile(root), hostile(root, "2026-01-02T00:00:00Z")
    harmless(printed(root, "compare", one.id, two.id), lines=4)


@pytest.mark.parametrize("more", [(), ("--json",)])
@pytest.mark.case(71)
def test_the_answers_on_a_document_are_clean(root: Path, more: tuple[str, ...]) -> None:
    one = hostile(root)
    document = root / "said\x1b[31m\x9b31m\u202eevil.md"
    document.write_text(f"It takes 9 s, record {one.id}#{HOSTILE}.\n", "utf-8")
    answer = printed(root, "verify", *more, str(document))
    if more:
        assert json.loads(answer)["findings"][0]["file"] == str(document)
    else:
        harmless(answer, lines=2)


@pytest.mark.case(71)
def test_what_comes_in_a_bundle_is_clean(root: Path, tmp_path: Path) -> None:
    hostile(root)
    file = tmp_path / "b\x1b[31m\x9b31m\u202eevil.zip"
    harmless(printed(root, "bundle", "export", str(file), "--by", "Me"), lines=1)
    file.write_bytes(b"no archive")
    harmless(printed(root, "bundle", "import", str(file)), lines=1)


def test_a_citation_is_clean(root: Path) -> None:
    one = hostile(root)
    for format in ("text", "markdown", "bibtex", "ris", "csl-json", "cff"):
        assert not HARMFUL.search(printed(root, "cite", one.id, "--format", format).replace("\r\n", "\n")), format
    assert not HARMFUL.search(printed(root, "cite", f"{one.id}#{HOSTILE[:-2]}"))


def test_environments_are_listed_clean(root: Path) -> None:
    place = root / "examples/environments/small"
    place.mkdir(parents=True)
    (place / "requirements.lock").write_text("numpy==2.0\n", "utf-8")
    (place / "environment.toml").write_text(f"summary = {json.dumps(HOSTILE)}\n", "utf-8")
    harmless(printed(root, "env", "list"), lines=2)


def test_what_a_failing_example_says_is_clean(root: Path) -> None:
    written(root, "kernels/good", f"raise ValueError({HOSTILE.partition(chr(10))[0]!r})")
    told = printed(root, "measure")
    assert not HARMFUL.search(told)
    assert "31m\ufffdevil" in told


class Listening(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def test_the_log_of_a_build_and_its_summary_are_clean(tmp_path: Path) -> None:
    outcome = Outcome("failed", HOSTILE, tail=HOSTILE.replace("\r", ""))
    ended = ExampleEnded("kernels/good", "cpu", outcome, 1.0, 1, 0.0, 0)
    log, listening = logging.getLogger("stackdoc.test"), Listening()
    log.addHandler(listening)
    log.setLevel(logging.INFO)
    run_report.LogProgress(log).event(ended)
    harmless("\n".join(listening.lines), lines=1)
    result = ExampleResult("kernels/good", "cpu", outcome, None, 1.0, 1)
    harmless(run_report.failure(result, Layout(tmp_path)), lines=1)
    assert not any(HARMFUL.search(line) for line in run_report.tail(result))
    harmless("\n".join(run_report.lines(RunSummary((), (result,)), Layout(tmp_path))), lines=2)
    console = Console(width=400)
    with console.capture() as captured:
        ConsoleProgress(console).event(ended)
    assert not HARMFUL.search(captured.get())
    assert REPLACED in captured.get()


def on_a_terminal(root: Path, *arguments: str) -> str:
    """What a command prints where its standard output is a terminal."""
    terminal, theirs = pty.openpty()
    code = "from stackdoc.adapters.cli.main import main; main()"
    command = (sys.executable, "-c", code, "--root", str(root), *arguments)
    subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, cwd=ROOT, check=True)
    os.close(theirs)
    content = b""
    while True:
        try:
            chunk = os.read(terminal, 1 << 16)
        except OSError:  # the other side is closed
            break
        content += chunk
    os.close(terminal)
    return content.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("format", ["csv", "jsonl", "pytest-benchmark"])
def test_an_export_is_exact_in_a_file_and_clean_on_a_terminal(root: Path, format: str) -> None:
    hostile(root)
    file = root / "figures"
    printed(root, "export", "--format", format, "-o", str(file))
    assert printed(root, "export", "--format", format).encode() == file.read_bytes()
    exact = file.read_bytes().decode()
    assert HARMFUL.search(exact)
    assert HARMFUL.sub("\ufffd", exact) == on_a_terminal(root, "export", "--format", format)


@pytest.mark.case(71)
def test_no_command_prints_past_the_helper_that_cleans() -> None:
    """Each calls `echo` or `hand_out`, neither click's nor Python's own."""
    for path in sorted((ROOT / "stackdoc/adapters/cli").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                assert ast.unparse(node.func) not in ("click.echo", "click.secho", "print"), (
                    f"{path.name}:{node.lineno}"
                )
