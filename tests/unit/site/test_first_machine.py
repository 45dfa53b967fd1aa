"""Which machine is shown first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stackdoc.errors import StackdocError
from stackdoc.records.current import HERE
from stackdoc.site.first_machine import first_machine
from stackdoc.site.site import Site
from tests.made import two_machines


def test_the_machine_that_stands_first_is_one_with_records(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    known = sorted({site.machine_key(record) for record in site.records.values()})
    assert [first_machine(site, one) for one in known] == known
    assert first_machine(site) in known
    with pytest.raises(StackdocError, match=f"machine '{known[-1]}x' has no record; did you mean '{known[-1]}'"):
        first_machine(site, f"{known[-1]}x")


def published(site: Site) -> Site:
    """The same in a checkout that has measured nothing."""
    return replace(site, measured_here=frozenset())


def test_a_checkout_that_measured_shows_its_own_machine_first(tmp_path: Path) -> None:
    assert first_machine(two_machines.site(tmp_path)) == HERE
    assert first_machine(published(two_machines.site(tmp_path))) == two_machines.ZEN.id  # two examples against one
    assert first_machine(replace(published(two_machines.site(tmp_path)), records={})) == HERE


@pytest.mark.parametrize("lessened", [{"profile": "quick"}, {"digest": "of an older source"}])
def test_full_records_of_the_present_source_say_whose_figures_stand_first(
    tmp_path: Path, lessened: dict[str, Any]
) -> None:
    site = published(two_machines.site(tmp_path))
    poorer = {
        id: replace(one, **lessened) if one.machine == two_machines.ZEN else one for id, one in site.records.items()
    }
    assert first_machine(replace(site, records=poorer)) == two_machines.HOPPER.id


def test_many_records_of_one_example_count_once(tmp_path: Path) -> None:
    points = two_machines.gemm_points(4e13)
    repeated = [
        two_machines.record(f"{n:012x}", "kernels/gemm", two_machines.HOPPER, points, device="cuda") for n in range(5)
    ]
    assert first_machine(published(two_machines.site(tmp_path, *repeated))) == two_machines.ZEN.id
