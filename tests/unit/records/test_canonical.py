"""Canonical JSON, against the library that defines it for us."""

from __future__ import annotations

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from stackdoc.records import canonical
from tests.made.repository import ROOT

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-canonical.SAFE, canonical.SAFE)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
)


@given(VALUES | st.lists(st.integers(-canonical.SAFE, canonical.SAFE)) | st.lists(st.booleans() | st.integers(0, 9)))
def test_every_value_has_the_bytes_that_the_library_gives_it(value: object) -> None:
    assert canonical.dumps(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


def test_the_records_of_the_handbook_are_stored_in_this_form() -> None:
    for path in (ROOT / "docs/records").rglob("*.json"):
        content = path.read_bytes()
        assert canonical.dumps(json.loads(content)) + b"\n" == content


@pytest.mark.parametrize(
    "value", [float("nan"), [1.0, float("inf")], [1, 2**53], [-(2**53)], {"a": 2**60}, "\ud800", {"\ud800": 1}, {1: 2}]
)
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        canonical.dumps(value)
