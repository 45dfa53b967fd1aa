"""The questions that the probe asks: all of them on the stand-in, some on a real GPU beside the virtual one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.gpu.probe import QUESTIONS
from tests.gpu.rehearsal import REPOSITORY, STAND_IN
from tests.gpu.virtual_device import EVENT_NS, VirtualDevice

Answers = dict[str, list[dict[str, Any]]]
WITHOUT_A_GPU = "management_library"  # the one question that the stand-in can't answer


def asked(file: Path, *arguments: str, path: str = str(REPOSITORY)) -> Answers:
    """The answers by question, as they are in the file that the probe leaves."""
    command = (sys.executable, str(REPOSITORY / "tests/gpu/probe.py"), str(file), *arguments)
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert file.read_text("utf-8") == done.stdout
    found: Answers = {}
    for line in done.stdout.splitlines():
        answer = json.loads(line)
        found.setdefault(answer["question"], []).append(answer)
    return found


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    file = tmp_path_factory.mktemp("probe") / "answers.jsonl"
    return asked(file, "--small", path=f"{REPOSITORY}:{STAND_IN}")


def test_every_question_is_asked_and_one_that_fails_keeps_no_other_from_it(answers: Answers) -> None:
    assert list(answers) == [question.__name__ for question in QUESTIONS]
    assert {name for name, found in answers.items() if "error" in found[0] and name != "attention"} == {WITHOUT_A_GPU}


def test_products_have_a_rate_in_every_format(answers: Answers) -> None:
    found = [*answers["products"], *answers["eight_bit_products"]]
    assert [one["dtype"] for one in found] == [
        *("bfloat16", "float16", "tf32", "float32", "float64"),
        *("int8", "int8", "float8_e4m3fn"),
    ]
    assert min(one["flop_s"] for one in found) > 0


def test_launches_are_tried_as_forks_too(answers: Answers) -> None:
    assert len(answers["forked_launches"]) == 3
    assert all(one["seconds"] > 0 for one in (*answers["fresh_launch"], *answers["forked_launches"]))


def test_what_there_is_no_time_for_is_said(tmp_path: Path) -> None:
    found = asked(tmp_path / "answers.jsonl", "streams", "products", "--seconds", "0")
    assert [[one["left_out"] for one in found[name]] for name in ("streams", "products")] == [["0 s had passed"]] * 2


@pytest.mark.gpu
def test_the_virtual_device_is_like_the_real_one(tmp_path: Path) -> None:
    names = ("waiting_kernel", "event_gap", "queue_depth")
    found = asked(tmp_path / "answers.jsonl", *names)
    assert 0.5 < found["waiting_kernel"][0]["ghz"] / VirtualDevice().ghz < 2
    assert found["event_gap"][0]["gap_s"] < 5 * EVENT_NS / 1e9
    assert 0.5 < found["queue_depth"][0]["launches"] / VirtualDevice.depth < 2
