"""Which tests run here: none is skipped in silence, those left out are named with the reason."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from tests.bars import bar_of, table
from tests.browsing import BROWSERS, browser_path


@cache
def has_cuda() -> bool:
    try:
        import torch
    except ImportError:
        return False
    return bool(torch.cuda.is_available())


def reason_to_leave_out(item: pytest.Item, chosen: str) -> str:
    """Why a test does not run here, or nothing."""
    marks = {mark.name for mark in item.iter_markers()}
    if "site" in marks and not chosen:
        return "builds sites: make test-site"
    if "bench" in marks and not chosen:
        return "times whole builds: make bench"
    if "truth" in marks and not chosen:
        return "slow: make truth"
    if "browser" in marks and not browser_path():
        return f"no browser here ({', '.join(BROWSERS)})"
    if "gpu" in marks and not has_cuda():
        return "no GPU that torch can use here"
    return ""


_left_out = pytest.StashKey[Counter[str]]()
_bars_left_out = pytest.StashKey[dict[int, set[str]]]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    reasons = [(item, reason_to_leave_out(item, config.option.markexpr)) for item in items]
    items[:] = [item for item, reason in reasons if not reason]
    config.hook.pytest_deselected(items=[item for item, reason in reasons if reason])
    config.stash[_bars_left_out] = {}
    for item, reason in reasons:
        if bar := bar_of(item):
            item.user_properties.append(("bar", bar))
            if reason:
                config.stash[_bars_left_out].setdefault(bar, set()).add(reason)
    config.stash[_left_out] = Counter(reason for _, reason in reasons if reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for reason, number in sorted(config.stash.get(_left_out, Counter()).items()):
        terminalreporter.write_line(f"left out: {number} tests; {reason}")
    if "truth" in config.option.markexpr:
        done = [one for word in ("passed", "failed") for one in terminalreporter.stats.get(word, [])]
        for line in table(done, config.stash.get(_bars_left_out, {})):
            terminalreporter.write_line(line)
