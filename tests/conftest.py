"""Which tests run here: none is skipped in silence, those left out are named with the reason."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.bars import BARS
from tests.browsing import BROWSERS, browser_path
from tests.cases import CASES
from tests.made.once import Once
from tests.made.repository import ROOT
from tests.marked import numbers_of, table

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

    from stackdoc.site.site import Site

LONG = 300
NUMBERED = {"bar": ("truth", BARS), "case": ("case", CASES)}  # told where the run chose the word


@cache
def has_cuda() -> bool:
    try:
        import torch
    except ImportError:
        return False
    return bool(torch.cuda.is_available())


@cache
def has_mounts() -> bool:
    """Whether the system lets a user mount a disk that nobody else sees."""
    tried = ("unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt")
    return bool(shutil.which(tried[0])) and subprocess.run(tried, capture_output=True, check=False).returncode == 0


def reason_to_leave_out(item: pytest.Item, chosen: str) -> str:
    """Why a test does not run here, or nothing."""
    marks = {mark.name for mark in item.iter_markers()}
    if "site" in marks and not chosen:
        return "builds sites: make test-site"
    if "bench" in marks and not chosen:
        return "times stackdoc itself: make bench"
    for mark in ("plugins", "engines"):
        if mark in marks and mark not in chosen:
            return f"installs packages of others: make {mark}"
    if "truth" in marks and not chosen:
        return "slow: make truth"
    if "fuzz" in marks and not chosen:
        return "tries random inputs for minutes: make fuzz"
    if "browser" in marks and not browser_path():
        return f"no browser here ({', '.join(BROWSERS)})"
    if "mounts" in marks and not has_mounts():
        return "no small disk can be mounted here"
    if "gpu" in marks and not has_cuda():
        return "no GPU that torch can use here"
    return ""


def long_files() -> list[tuple[str, int]]:
    """The package's files that may hold more than one noun."""
    counts = {path: len(path.read_text("utf-8").splitlines()) for path in sorted((ROOT / "stackdoc").rglob("*.py"))}
    return [(path.relative_to(ROOT).as_posix(), number) for path, number in counts.items() if number > LONG]


_left_out = pytest.StashKey[Counter[str]]()
_numbers_left_out = pytest.StashKey[dict[tuple[str, int], set[str]]]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    reasons = [(item, reason_to_leave_out(item, config.option.markexpr)) for item in items]
    items[:] = [item for item, reason in reasons if not reason]
    config.hook.pytest_deselected(items=[item for item, reason in reasons if reason])
    unrun: dict[tuple[str, int], set[str]] = {}
    config.stash[_numbers_left_out] = unrun
    for item, reason in reasons:
        for one in ((mark, number) for mark in NUMBERED for number in numbers_of(item, mark)):
            item.user_properties.append(one)
            if reason:
                unrun.setdefault(one, set()).add(reason)
    left_out: Counter[str] = Counter(reason for _, reason in reasons if reason)
    config.stash[_left_out] = left_out


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what was left out from a process of pytest-xdist to the one that reports; each collects all tests."""
    output: dict[str, object] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        left_out = session.config.stash[_left_out]
        output["left_out"] = dict(left_out)
        output["numbers_left_out"] = [
            (*numbered, sorted(reasons)) for numbered, reasons in session.config.stash[_numbers_left_out].items()
        ]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: WorkerController) -> None:
    output = getattr(node, "workeroutput", None)  # a process that died has none
    if output is not None:
        stash: pytest.Stash = node.config.stash
        left_out: Counter[str] = Counter(output["left_out"])
        stash[_left_out] = left_out
        stash[_numbers_left_out] = {
            (mark, number): set(reasons) for mark, number, reasons in output["numbers_left_out"]
        }


@pytest.fixture(scope="session")
def handbook_site() -> Site:
    """The handbook as its files have it; to read it takes seconds. Raises what `stackdoc check` reports."""
    from stackdoc.adapters.registered import load_site

    return load_site(ROOT)


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """What is made once in the session; each process of pytest-xdist has a directory of its own below that of all."""
    own = tmp_path_factory.getbasetemp()
    return Once(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    left_out: Counter[str] = config.stash.get(_left_out, Counter())
    for reason, number in sorted(left_out.items()):
        terminalreporter.write_line(f"left out: {number} tests; {reason}")
    for path, number in long_files():
        terminalreporter.write_line(f"over {LONG} lines: {path} has {number}; does its noun need them?")
    done = [one for word in ("passed", "failed") for one in terminalreporter.stats.get(word, [])]
    unrun: dict[tuple[str, int], set[str]] = config.stash.get(_numbers_left_out, {})
    for mark, (chosen, words) in NUMBERED.items():
        if chosen in config.option.markexpr:
            for line in table(mark, words, done, unrun):
                terminalreporter.write_line(line)
