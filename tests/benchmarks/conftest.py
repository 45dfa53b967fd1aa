"""What is timed here is timed on request: `make bench`. Its small form builds sites, and runs with their tests."""

from __future__ import annotations

from pathlib import Path

import pytest

SMALL = "test_small.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("site" if item.path.name == SMALL else "bench")
