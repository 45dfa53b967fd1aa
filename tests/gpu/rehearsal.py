"""Runs the CUDA branches of examples without a GPU, from the launch to the import of their records elsewhere.

`python -m tests.gpu.rehearsal` does so with all of them, or with those named. The project of a rehearsal is a copy that
is made for it: its records never lie among those of the repository.
"""

from __future__ import annotations

import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from rich.console import Console

from stackdoc.adapters.cli.bundle import measured_here
from stackdoc.adapters.cli.measure import ConsoleProgress, stop
from stackdoc.adapters.run_report import lines
from stackdoc.errors import Problem, StackdocError
from stackdoc.examples.read import read_examples
from stackdoc.machine import this_machine
from stackdoc.machine.identity import identify
from stackdoc.model.example import Example
from stackdoc.model.machine import Accelerator, Machine
from stackdoc.plan.plan import select
from stackdoc.plan.project import read_project
from stackdoc.project import Layout
from stackdoc.records.arrival import Arrival, import_bundle
from stackdoc.records.bundle import pack
from stackdoc.run.make_environment import installed_packages
from stackdoc.run.measuring import bring_up_to_date
from stackdoc.run.process.variables import launch_environment
from stackdoc.run.progress import Progress
from stackdoc.run.result import RunSummary

REPOSITORY = Path(__file__).parents[2]
STAND_IN = Path(__file__).with_name("stand_in")
NAME = "stand-in"  # part of the machine's id, so that no record of a rehearsal passes for another
DEVICE = "cuda"
SMALLER = {
    "site/sustained": ("N = 8192 if on_gpu", "N = 1024 if on_gpu"),  # it takes several products a second
    "silicon/precisions": ("SIZE = 4096 if on_gpu", "SIZE = 256 if on_gpu"),  # a processor may have no float16 product
}
HURRIED = "# launches = 1\n# budget_seconds = 1800\n"  # one thread of a processor does the work of a GPU


def stand_in_machine() -> Machine:
    """This machine, with the stand-in as its accelerator."""
    unnamed = replace(this_machine(), accelerators=(Accelerator(NAME, "", 0),))
    return replace(unnamed, id=identify(unnamed))


def packages_of_stand_in() -> dict[str, str]:
    """What is installed, with a torch that its version does not give away as one for processors alone."""
    packages = installed_packages()
    return {**packages, "torch": f"{packages['torch'].partition('+')[0]}+{NAME}"}


def branches() -> list[Example]:
    """The examples of the repository that have a CUDA branch. Raises StackdocError where one is not well formed."""
    problems: list[Problem] = []
    examples = read_examples(REPOSITORY, problems)
    if problems:
        raise StackdocError(problems)
    return [example for example in examples.values() if DEVICE in example.devices]


def make_project(root: Path, patterns: Sequence[str] = ()) -> Path:
    """A project below `root` with the examples of the repository that have a CUDA branch and fit a pattern, if any.

    Raises ValueError for a place within the repository, and StackdocError for a pattern that fits none.
    """
    if root.resolve().is_relative_to(REPOSITORY):
        raise ValueError("a rehearsal has no place in the repository, among whose records its own would lie")
    for example in select(branches(), patterns):
        for path, _ in example.closure:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(REPOSITORY / path, root / path)
        (root / example.path).write_text(rehearsed(example), encoding="utf-8")
    return root


def rehearsed(example: Example) -> str:
    """Its script, asking for one launch and much time, and for a smaller size where the stand-in is too slow.

    Raises ValueError where the script has no such size any more.
    """
    size, smaller = SMALLER.get(example.id, ("", ""))
    if size not in example.source:
        raise ValueError(f"{example.path}: {size!r} is not in it")
    text = re.sub(r"(?m)^# (launches|budget_seconds) = .*\n", "", example.source.replace(size, smaller, 1))
    return re.sub(r"(?m)^# devices = .*\n", rf"\g<0>{HURRIED}", text, count=1)


@contextmanager
def on_stand_in() -> Iterator[None]:
    """Launches find the stand-in, and a run takes it for a device. No roof is asked: no rate of it means anything."""
    answers: dict[str, Any] = {
        "stackdoc.run.host.this_machine": stand_in_machine,
        "stackdoc.run.host.reasons_against": lambda *_: {"cpu": "", DEVICE: ""},
        "stackdoc.run.host.installed_packages": packages_of_stand_in,
        "stackdoc.run.process.runner.launch_environment": _with_stand_in,
        "stackdoc.run.session.above_roof": lambda *_: (),
    }
    with ExitStack() as patched:
        for place, answer in answers.items():
            patched.enter_context(patch(place, answer))
        yield


def _with_stand_in(*arguments: Any) -> dict[str, str]:
    environment = launch_environment(*arguments)
    return {**environment, "PYTHONPATH": f"{environment['PYTHONPATH']}:{STAND_IN}"}


def rehearse(root: Path, progress: Progress | None = None) -> RunSummary:
    """Measures the CUDA branches of all examples of the project."""
    with on_stand_in():
        return bring_up_to_date(read_project(Layout(root)), devices=(DEVICE,), progress=progress)


def carried(root: Path, elsewhere: Path) -> tuple[Arrival, ...]:
    """What arrives in another project of the records that were made below `root`."""
    file = elsewhere / "records.zip"
    records, withdrawn = measured_here(Layout(root), ())
    file.write_bytes(pack(records, "a rehearsal", withdrawn=withdrawn))
    return import_bundle(Layout(elsewhere), file, read_examples(elsewhere, []), datetime.now(UTC))


def main(patterns: Sequence[str]) -> int:
    """Exit code 0 when every CUDA branch was run, and every record of them arrived."""
    signal.signal(signal.SIGTERM, stop)
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as place:
        here, elsewhere = (make_project(Path(place, name), patterns) for name in ("here", "elsewhere"))
        with ConsoleProgress(Console(file=sys.stdout, highlight=False, soft_wrap=True)) as progress:
            summary = rehearse(here, progress)
        print(*lines(summary, Layout(here)), sep="\n")
        arrivals = carried(here, elsewhere) if any(result.record for result in summary.results) else ()
    new = sum(one.new for one in arrivals)
    print(f"{new} of {len(summary.decisions)} CUDA branches came through to the import of their records")
    return 0 if new == len(summary.decisions) else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except StackdocError as error:
        sys.exit(str(error))
