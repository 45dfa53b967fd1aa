"""Whatever strangers write is accepted or refused with named problems, in time: never a traceback.

`make test` tries each input that failed once, `make fuzz` random ones for ten minutes:
`make fuzz FUZZ_MINUTES=1 FUZZ_SEED=7` tries the same ones each time.
"""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path

import pytest

from tests.fuzz import bundles, charts, data_files, documents, pages, records, scripts, state
from tests.fuzz.known import inputs
from tests.fuzz.target import CORPUS, Target, at_most, fuzz

MODULES = (records, charts, bundles, data_files, scripts, pages, documents, state)
TARGETS = {module.TARGET.name: module.TARGET for module in MODULES}
FAILED_ONCE = [(name, known) for name in TARGETS for known in inputs(name, CORPUS)]


def test_each_directory_of_the_corpus_has_a_target() -> None:
    assert {path.name for path in CORPUS.iterdir() if path.is_dir()} <= set(TARGETS)


@pytest.mark.case(93)
@pytest.mark.parametrize(("name", "known"), FAILED_ONCE)
def test_what_failed_once_does_so_no_more(name: str, known: str) -> None:
    TARGETS[name].attempt(inputs(name, CORPUS)[known]())


@pytest.mark.parametrize("name", TARGETS)
def test_what_has_no_fault_is_accepted(name: str, tmp_path: Path) -> None:
    for number, content in enumerate(TARGETS[name].good()):
        (tmp_path / str(number)).mkdir()
        TARGETS[name].read(content, tmp_path / str(number))


@pytest.mark.fuzz
@pytest.mark.parametrize("name", TARGETS)
def test_random_inputs_do_no_harm(name: str) -> None:
    seconds = float(os.environ.get("FUZZ_MINUTES") or 10) * 60 / len(TARGETS)
    seed = int(os.environ.get("FUZZ_SEED") or secrets.randbelow(10**9))
    for read in inputs(name, CORPUS).values():
        TARGETS[name].attempt(read())
    tried, accepted = fuzz(TARGETS[name], seconds, seed)
    print(f"{name}: {tried} inputs, {accepted} of them accepted; the first seed was {seed}")
    assert accepted  # else the faults are so many that nothing behind the first check is reached


@pytest.mark.parametrize("fault", [ZeroDivisionError, RecursionError, KeyError])
def test_a_traceback_is_a_failure_and_its_input_is_kept(
    fault: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(content: bytes, _: Path) -> None:
        if b"m" in content:
            raise fault

    monkeypatch.setattr("tests.fuzz.target.CORPUS", tmp_path)
    target = Target("planted", data_files.data_files(), list, read)
    with pytest.raises(fault) as raised:
        fuzz(target, 60, 1)
    (kept,) = (tmp_path / "planted").iterdir()
    assert b"m" in kept.read_bytes()
    assert kept.name in "".join(raised.value.__notes__)


def busy(seconds: float) -> None:
    while time.process_time() < seconds:
        pass


def test_what_takes_too_long_is_a_failure() -> None:
    with pytest.raises(AssertionError, match=r"takes longer than 0\.1 s"), at_most(0.1):
        busy(time.process_time() + 60)
    with pytest.raises(AssertionError, match=r"takes 0\.\d s of processor time; at most 0\.1"), at_most(0.1):
        busy(time.process_time() + 0.15)
