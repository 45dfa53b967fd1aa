"""Each thing that can change makes a record stale, and says which it was."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from stackdoc.model.machine import Software
from stackdoc.plan.freshness import stale, stale_by_files, stale_by_place
from tests.made.records import GPU_MACHINE, MACHINE, SOFTWARE, made_example, made_record


def changed(**changes: Any) -> Software:
    return dataclasses.replace(SOFTWARE, **changes)


def test_a_record_of_this_source_here_is_fresh() -> None:
    assert stale(made_record(), made_example(), MACHINE, SOFTWARE) == ()


def test_the_changed_file_of_the_closure_is_named() -> None:
    helper = made_example(
        digest="d2", closure=(("examples/kernels/gemm.py", "aa"), ("examples/kernels/shapes.py", "cc"))
    )
    assert stale_by_files(made_record(), helper) == ("source changed: examples/kernels/shapes.py",)
    both = made_example(digest="d3", closure=(("examples/kernels/gemm.py", "zz"), ("examples/data/new.csv", "ee")))
    (reason,) = stale_by_files(made_record(), both)
    assert reason == ("source changed: examples/data/new.csv, examples/kernels/gemm.py, examples/kernels/shapes.py")


def test_a_record_that_counts_every_byte_is_fresh_while_no_byte_has_changed() -> None:
    old = made_record(digest="t1", closure=(("examples/kernels/gemm.py", "ta"), ("examples/kernels/shapes.py", "tb")))
    same = made_example(text_digest="t1", text_closure=old.closure)
    assert stale(old, same, MACHINE, SOFTWARE) == ()
    helper = made_example(text_digest="t2", text_closure=(old.closure[0], ("examples/kernels/shapes.py", "tz")))
    assert stale_by_files(old, helper) == ("source changed: examples/kernels/shapes.py",)


@pytest.mark.parametrize(
    ("was", "now", "fresh"),
    [
        ("2.13.0", "2.13.0+cu130", True),  # older records do not state the build
        ("2.13.0+cu126", "2.13.0+cu130", False),
        ("2.13.0+cpu", "2.13.0", False),
        ("2.12.0", "2.13.0+cu130", False),
    ],
)
def test_another_build_of_a_package_is_another_version(was: str, now: str, fresh: bool) -> None:
    record = made_record(software=changed(packages={"torch": was}))
    reasons = stale(record, made_example(), MACHINE, changed(packages={"torch": now}))
    assert reasons == (() if fresh else (f"torch {was} → {now}",))


def test_another_way_of_measuring_makes_every_record_stale() -> None:
    assert stale_by_files(made_record(method="timer/0"), made_example()) == ("method changed: timer/0 → timer/1",)


@pytest.mark.parametrize(
    ("software", "reason"),
    [
        (changed(python="3.12.1"), "python 3.11.7 → 3.12.1"),
        (changed(packages={"torch": "2.13.0"}), "torch 2.12.0 → 2.13.0"),
        (changed(packages={}), "torch 2.12.0 → absent"),
        (changed(environment={"OMP_NUM_THREADS": "2"}), "OMP_NUM_THREADS 1 → 2"),
        (changed(environment={}), "OMP_NUM_THREADS 1 → unset"),
    ],
)
def test_what_is_installed_or_set_otherwise_is_named(software: Software, reason: str) -> None:
    assert stale_by_place(made_record(), made_example(), MACHINE, software) == (reason,)


def test_another_machine_is_named() -> None:
    (reason,) = stale_by_place(made_record(), made_example(), GPU_MACHINE, SOFTWARE)
    assert reason == f"machine changed: {MACHINE.id} → {GPU_MACHINE.id}"


def test_a_driver_matters_to_its_device_alone() -> None:
    newer = changed(driver="570.10")
    assert stale_by_place(made_record(), made_example(), MACHINE, newer) == ()
    assert stale_by_place(made_record(device="cuda"), made_example(), MACHINE, newer) == ("driver 560.35 → 570.10",)


def test_packages_the_example_does_not_declare_and_the_kernel_do_not_matter() -> None:
    other = changed(packages={**SOFTWARE.packages, "click": "9.0", "numpy": "3.0"}, kernel="7.0", stackdoc="0.2.0")
    assert stale(made_record(), made_example(), MACHINE, other) == ()


def test_several_changes_are_all_named() -> None:
    record = made_record(method="timer/0")
    reasons = stale(record, made_example(digest="d9"), MACHINE, changed(python="3.12.1"))
    assert [reason.split()[0] for reason in reasons] == ["source", "method", "python"]
