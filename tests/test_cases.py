"""Every fault that a build must survive has a test."""

from __future__ import annotations

from tests.cases import CASES, proofs


def test_every_case_has_a_test_and_every_mark_a_case() -> None:
    found = proofs()
    assert {case: meaning for case, meaning in CASES.items() if not found[case]} == {}
    assert set(found) == set(CASES)
