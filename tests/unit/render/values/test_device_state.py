"""What a record's page says of the state of an accelerator."""

from __future__ import annotations

from dataclasses import replace

from stackdoc.model.device import DeviceState
from stackdoc.model.record import Launch, Point
from stackdoc.render.values.device_state import states_text

BEFORE = DeviceState(1755, 1980, 90.4, 700.0, 40, (), 0, ecc=True, mig=False)
AMID = replace(BEFORE, sm_clock_mhz=1410, power_watts=699.6, temperature_celsius=58, reasons=("power limit",))


def point(*states: DeviceState) -> Point:
    return Point("a", (), "time", (Launch(0, "", 1, 1, (1000,), states=states),))


def test_the_spans_over_all_states_are_said() -> None:
    assert states_text(point(BEFORE, AMID, AMID)) == (
        "SM clock 1410 to 1755 of 1980 MHz, 90 to 700 of 700 W, 40 to 58 °C, "
        "clock lowered for power limit, alone on it, ECC on"
    )


def test_what_the_driver_does_not_say_is_left_out() -> None:
    assert states_text(point()) == ""
    assert states_text(point(DeviceState(neighbours=2, mig=True))) == (
        "2 other processes on it, a MIG slice of a larger part"
    )
    assert states_text(point(DeviceState(neighbours=0), DeviceState(neighbours=1))) == "1 other process on it"
