"""A data file as YAML has it, without the project's own reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

# The parser in C, as the project's reader has it: the one in Python refuses `{question: Why?, summary: So}`.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def yaml_of(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), Loader=LOADER)
