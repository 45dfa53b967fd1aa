"""A Jupyter notebook as the script that its cells make: code as it is, text as comments."""

from __future__ import annotations

import json
import re
from typing import Any

SET_UP = r"%(matplotlib|config|load_ext|reload_ext|autoreload|pylab)\b|%%(time|capture)\b|[!%]pip\b"
MAGIC = re.compile(rf"(?m)^(?={SET_UP})")
SUFFIX = ".ipynb"


def script(text: str) -> str:
    """The script in the percent format. Raises ValueError for what is not a notebook of nbformat 4.

    What of IPython only sets up the display, or installs, does nothing; any other magic is a syntax error.
    """
    content = json.loads(text)
    if not isinstance(content, dict) or not isinstance(cells := content.get("cells"), list):
        raise ValueError("has no cells, as a notebook of nbformat 4 does")
    return "\n\n".join(filter(None, map(_cell, cells))) + "\n"


def _cell(cell: Any) -> str:
    if not isinstance(cell, dict):
        raise ValueError("has a cell that is not an object")
    source = cell.get("source", "")
    text = ("".join(map(str, source)) if isinstance(source, list) else str(source)).replace("\r\n", "\n").rstrip("\n")
    if not text.strip() or cell.get("cell_type") not in ("code", "markdown"):
        return ""
    if cell["cell_type"] == "markdown":
        return "# %% [markdown]\n" + "\n".join(f"# {line}".rstrip() for line in text.split("\n"))
    return "# %%\n\n" + MAGIC.sub("pass  # ", text)  # a blank line, since a comment below the mark would be text
