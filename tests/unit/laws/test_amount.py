"""Amounts as they are printed, and their units."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackdoc.laws.amount import are_compatible, parse_amount, to_base
from stackdoc.laws.units import BadUnit, names, unit


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("1 GB", 1e9),
        ("1 GiB", 2**30),
        ("200 Gbit/s", 25e9),
        ("3.35 TB/s", 3.35e12),
        ("989 TFLOP/s", 989e12),
        ("1 B", 1),
        ("2 kWh", 7.2e6),
        ("0.12 USD/kWh", 0.12 / 3.6e6),
        ("6.54 USD/Mtoken", 6.54e-6),
        ("99.9 %", 0.999),
        ("1 year", 8760 * 3600),
        ("2 min", 120),
        ("5 µs", 5e-6),
        ("5 us", 5e-6),
        ("about 580 ×", 580),
        ("1.5×10^9 token", 1.5e9),
        ("1.5×10⁹", 1.5e9),
        ("60 000 token", 60000),
        ("1,400 USD", 1400),
        ("8192 tokens", 8192),
        ("-3", -3),
        ("4 W/W", 4),
    ],
)
def test_an_amount_is_read_as_printed(text: str, base: float) -> None:
    assert parse_amount(text).base == pytest.approx(base, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("325 to 580 TWh", "is a range"),
        ("1–2 %", "is a range"),
        ("up to 5 ×", "is a bound"),
        ("over 60 000", "is a bound"),
        ("tens of MW", "is not a quantity"),
        ("2.10.0", "is not a single number"),
        ("3 parsecs", "unknown unit 'parsecs'"),
        ("8 × 100 Gbit/s", "is not a unit"),
        ("2 x 1024 MiB", "is not a unit"),
        ("3 GBs", "unknown unit 'GBs'"),
        ("3 dB", "unknown unit 'dB'"),
        ("3 (exponent)", "is not a unit"),
        ("3 __class__", "unknown unit"),
        ("9" * 100, "is not a quantity"),
        ("", "is not a quantity"),
    ],
)
def test_what_is_not_one_quantity_is_refused(text: str, said: str) -> None:
    with pytest.raises(BadUnit, match=re.escape(said)):
        parse_amount(text)


def test_an_unknown_unit_is_told_with_the_nearest() -> None:
    with pytest.raises(BadUnit) as refused:
        unit("tokn/s")
    assert refused.value.hint == "did you mean 'token'?"


def test_every_unit_that_is_suggested_is_known() -> None:
    for name in names():
        unit(name)


def test_tokens_are_no_requests_but_a_plain_number_may_be_either() -> None:
    assert are_compatible("kB", "GiB")
    assert are_compatible("1", "token")
    assert are_compatible("GPU", "1")
    assert not are_compatible("token", "request")
    assert not are_compatible("B", "1")
    assert not are_compatible("B/token", "B")
    assert not are_compatible("FLOP/s", "Hz")


@given(st.floats(1e-12, 1e12), st.sampled_from(["GB/s", "TFLOP", "kWh", "USD/Mtoken", "%", "month", "Gbit/s"]))
def test_a_conversion_there_and_back_is_the_same(value: float, text: str) -> None:
    assert to_base(value, text) / to_base(1.0, text) == pytest.approx(value, rel=1e-12)
