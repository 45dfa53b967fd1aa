"""Records forged in ten ways change no displayed figure, no verdict and no verification."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from stackdoc.adapters.registered import load_site
from stackdoc.errors import Problem, StackdocError
from stackdoc.render.values.machine_switch import choices
from stackdoc.site.first_machine import first_machine
from stackdoc.site.site import Site
from stackdoc.stack.claims.block import verdict_for
from stackdoc.stack.handbook import handbook
from stackdoc.statistics import format_figure, quantity
from stackdoc.verification import verify
from tests.made.forgeries import EXAMPLE, FORGERIES, TIME, make_kitchen
from tests.made.records import MACHINE


@pytest.fixture
def root(tmp_path: Path) -> Path:
    make_kitchen(tmp_path)
    return tmp_path


def shown(root: Path) -> object:
    """What a reader sees of the project's own machine, and what a verification of a citation of it says."""
    site = load_site(root)
    site = dataclasses.replace(site, default_machine=first_machine(site))
    ours = next(record for record in site.records.values() if not site.contributor(record))
    text = f"It takes {TIME} (record {ours.id}, SHA-256 {ours.sha256})."
    return (
        site.default_machine,
        _figure(site),
        _verdicts(site),
        site.newest,
        [str(each) for each in verify(site, text, "a")],
    )


def _figure(site: Site) -> tuple[str, str]:
    record = site.current(EXAMPLE, MACHINE.id)
    assert record is not None
    figure = quantity(record, "boil", "time", None)
    return record.id, format_figure(figure) if figure else ""


def _verdicts(site: Site) -> list[str]:
    claims = handbook(site).claims.values()
    return [verdict_for(site, claim, choices(site)[0])[1].answer for claim in claims]


@pytest.mark.parametrize("forge", FORGERIES)
@pytest.mark.case(67)
def test_a_forged_record_changes_nothing_or_is_refused(root: Path, forge: Callable[[Path], None]) -> None:
    before = shown(root)
    assert "as recorded" in str(before)
    assert "['holds']" in str(before)
    forge(root)
    refused: tuple[Problem, ...] = ()
    try:
        after = shown(root)
    except StackdocError as error:
        after, refused = before, error.problems
    assert after == before
    assert all(problem.file.startswith("docs/records/") for problem in refused)
