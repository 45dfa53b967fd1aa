"""Which blocks of a launch are clean."""

from __future__ import annotations

import pytest

from stackdoc.statistics import is_clean


@pytest.mark.parametrize(
    ("wall", "cpu", "switches", "clean"),
    [
        (1_000_000, 980_000, 0, True),
        (1_000_000, 979_999, 0, False),
        (1_000_000, 1_000_000, 1, False),
        (100_000_000, 98_000_000, 3, True),  # a long block meets the kernel's own threads
        (100_000_000, 97_000_000, 0, False),
    ],
)
def test_a_clean_block_had_its_cpu_all_along(wall: int, cpu: int, switches: int, clean: bool) -> None:
    assert is_clean(wall, cpu, switches) is clean
