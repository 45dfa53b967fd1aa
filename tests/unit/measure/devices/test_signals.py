"""Signals of disturbance: each is stored in the field of its name, within a range that the field declares."""

from __future__ import annotations

import math
from dataclasses import fields
from pathlib import Path

import pytest

from stackdoc.measure.devices import signals
from stackdoc.measure.devices.signals import SIGNALS, Signal, over_launch, read_signals
from stackdoc.model.record import Launch
from stackdoc.model.stored import possible_values


def test_a_signal_has_a_field_of_its_name_with_a_range() -> None:
    assert set(SIGNALS) == set(possible_values(Launch))
    assert set(SIGNALS) <= {member.name for member in fields(Launch)}


def test_what_is_read_here_is_possible() -> None:
    for name, value in read_signals().items():
        least, most = possible_values(Launch)[name]
        assert value is None or least <= value <= most


def test_of_a_counter_the_increase_is_stored_and_of_others_the_value_before(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {"level": Signal(lambda: 1.0), "count": Signal(lambda: 1, is_counter=True)}
    monkeypatch.setattr(signals, "SIGNALS", rows)
    assert read_signals() == {"level": 1.0, "count": 1}
    assert over_launch({"level": 3.0, "count": 5}, {"level": 9.0, "count": 12}) == {"level": 3.0, "count": 7}
    assert over_launch({"level": None, "count": 5}, {"level": 9.0, "count": None}) == {"level": None, "count": None}
    assert over_launch({}, {}) == {}


def test_a_pressure_file_in_another_form_is_no_reading(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for content in ("", "some avg60=1.00", "some avg10=many"):
        (file := tmp_path / "cpu").write_text(content, "ascii")
        monkeypatch.setattr(signals, "PRESSURE", file)
        assert signals.cpu_pressure() is None
    file.write_text("some avg10=12.50 avg60=1.00\nfull avg10=0.00", "ascii")
    assert math.isclose(signals.cpu_pressure() or 0, 12.5)
