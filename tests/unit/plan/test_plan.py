"""What runs, what is reused, what is skipped, and the words of the reason."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from stackdoc.errors import StackdocError
from stackdoc.model.environment import Installation
from stackdoc.model.record import Record
from stackdoc.plan.plan import Decision, Host, plan, programs_needed, select
from tests.made.records import GPU_MACHINE, SOFTWARE, made_example, made_host, made_record

ON_CPU = made_example(devices=("cpu",))


def decide(*records: Record, host: Host | None = None, **options: Any) -> Decision:
    known = {record.id: record for record in records}
    (decision,) = plan([ON_CPU], known, host or made_host(*records), **options)
    return decision


def test_without_a_record_it_runs() -> None:
    assert decide() == Decision("kernels/gemm", "cpu", "run", "no record of this machine")


def test_a_fresh_record_is_reused() -> None:
    record = made_record()
    assert decide(record) == Decision("kernels/gemm", "cpu", "reuse", "fresh", record.id)


def test_again_runs_what_is_fresh() -> None:
    record = made_record()
    assert decide(record, again=True) == Decision("kernels/gemm", "cpu", "run", "requested again", record.id)


def test_a_stale_record_runs_and_says_why() -> None:
    record = made_record(
        closure=(("examples/kernels/gemm.py", "00"), ("examples/kernels/shapes.py", "bb")), digest="d0"
    )
    assert decide(record).reason == "source changed: examples/kernels/gemm.py"
    assert decide(record).action == "run"


def test_a_record_of_the_same_class_of_machine_elsewhere_never_stands_in() -> None:
    record = made_record()
    assert decide(record, host=made_host()).reason == "no record of this machine"


def test_a_full_run_is_satisfied_by_a_full_record_only() -> None:
    quick, full = made_record(), made_record(profile="full")
    assert decide(quick, profile="full").reason == "the current record is from a quick run"
    assert decide(full, profile="full").action == "reuse"
    assert decide(full, profile="quick").action == "reuse"


def test_a_costly_example_runs_in_a_full_run_only_and_its_record_serves_any() -> None:
    costly = dataclasses.replace(ON_CPU, profiles=("full",))
    full = made_record(profile="full")

    def decided(*records: Record, **options: Any) -> Decision:
        known = {record.id: record for record in records}
        return plan([costly], known, made_host(*records), **options)[0]

    assert decided().reason == "skipped: full only"
    assert decided(profile="full").action == "run"
    assert decided(full) == Decision("kernels/gemm", "cpu", "reuse", "fresh", full.id)
    assert decided(full, again=True).reason == "skipped: full only"
    assert decided(made_record(profile="full", digest="d0")).reason == "skipped: full only"


def test_the_record_of_the_present_source_counts_before_a_newer_one() -> None:
    present = made_record()
    newer = made_record(digest="d0", measured_at="2026-06-01T00:00:00Z")
    assert decide(present, newer).record == present.id


@pytest.mark.case(24, 25)
@pytest.mark.parametrize(
    ("example", "reason"),
    [
        (made_example(devices=("cuda",)), "skipped: needs cuda: Found no NVIDIA driver on your system."),
        (made_example(devices=("xpu",)), "skipped: needs xpu: torch was not asked for it"),
        (made_example(devices=("cpu",), needs=("cpu: c++",)), "skipped: needs c++ compiler"),
        (made_example(devices=("cpu",), needs=("c++",)), "skipped: needs c++ compiler"),
        (made_example(devices=("cpu",), needs=("gnuplot",)), "skipped: needs gnuplot"),
        (
            made_example(devices=("cpu",), dependencies=("pyarrow>=17",)),
            "skipped: needs pyarrow, which is not installed",
        ),
        (
            made_example(devices=("cpu",), dependencies=("torch>=2.13",)),
            "skipped: needs torch>=2.13, 2.12.0 is installed",
        ),
        (
            made_example(devices=("cpu",), environment="llm"),
            "skipped: needs the environment 'llm', which was not made here: stackdoc env create llm",
        ),
        (
            made_example(devices=("cpu",), environment="llm", requires_python=">=3.11"),
            "skipped: needs the environment 'llm', which was not made here: stackdoc env create llm",
        ),
        (
            made_example(devices=("cpu",), requires_python=">=9"),
            f"skipped: needs Python >=9, {SOFTWARE.python} runs here",
        ),
    ],
)
def test_what_is_lacking_is_named(example: object, reason: str) -> None:
    llm = Installation("llm", "which was not made here: stackdoc env create llm")
    host = made_host(environments={"llm": llm}, devices={"cpu": "", "cuda": "Found no NVIDIA driver on your system."})
    (decision,) = plan([example], {}, host)  # type: ignore[list-item]
    assert (decision.action, decision.reason) == ("skip", reason)


def test_what_is_there_is_not_lacking() -> None:
    example = made_example(
        devices=("cuda",), needs=("c++",), dependencies=("Torch>=2.5; python_version >= '3'", "stackdoc")
    )
    host = made_host(machine=GPU_MACHINE, devices={"cpu": "", "cuda": ""}, programs=frozenset({"g++"}))
    assert [decision.action for decision in plan([example], {}, host)] == ["run"]
    assert "g++" in programs_needed([example])


def test_a_local_version_satisfies_its_public_one() -> None:
    software = dataclasses.replace(SOFTWARE, packages={"torch": "2.13.0+cpu"})
    (decision,) = plan([ON_CPU], {}, made_host(software=software))
    assert decision.action == "run"


def test_what_is_needed_on_one_device_is_not_on_another() -> None:
    example = made_example(devices=("cpu", "cuda"), needs=("c++", "cuda: cuda-compiler"))
    host = made_host(devices={"cpu": "", "cuda": ""}, programs=frozenset({"g++"}))
    assert [decision.reason for decision in plan([example], {}, host)] == [
        "no record of this machine",
        "skipped: needs cuda compiler",
    ]
    assert programs_needed([example]) >= {"g++", "nvcc"}


def test_where_nothing_can_be_measured_every_example_is_skipped_with_the_reason() -> None:
    host = made_host(problem="stackdoc measures on Linux and macOS; use WSL2")
    assert {decision.reason for decision in plan([made_example()], {}, host)} == {
        "skipped: stackdoc measures on Linux and macOS; use WSL2"
    }


def test_devices_can_be_restricted_and_the_roofs_come_first() -> None:
    roofs = made_example(id="silicon/roofs", path="examples/silicon/roofs.py", layer="silicon", roofs=True)
    decisions = plan([made_example(), roofs], {}, made_host(devices={"cpu": "", "cuda": ""}))
    assert [(decision.example, decision.device) for decision in decisions] == [
        ("silicon/roofs", "cpu"),
        ("silicon/roofs", "cuda"),
        ("kernels/gemm", "cpu"),
        ("kernels/gemm", "cuda"),
    ]
    assert [decision.device for decision in plan([made_example()], {}, made_host(), devices=["cpu"])] == ["cpu"]


def test_patterns_select_by_directory_and_by_shell_pattern() -> None:
    examples = [made_example(id=id) for id in ("kernels/gemm", "kernels/conv", "data/columnar")]
    assert [example.id for example in select(examples, ["kernels"])] == ["kernels/gemm", "kernels/conv"]
    assert [example.id for example in select(examples, ["*/co*"])] == ["kernels/conv", "data/columnar"]
    with pytest.raises(StackdocError, match="'kernels/gem': matches no example; did you mean 'kernels/gemm'") as caught:
        select(examples, ["kernels/gem", "nothing"])
    assert len(caught.value.problems) == 2
