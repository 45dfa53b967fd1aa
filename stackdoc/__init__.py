"""Pages of layer taxonomies with examples that run. This module holds what a script under `examples/` imports.

Names are loaded on first use, so that importing the package does not add to what a measurement sees.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stackdoc.measure.checks import close
    from stackdoc.measure.example_run import example
    from stackdoc.model.record import Check, Work

    __version__: str

__all__ = ["Check", "Work", "__version__", "close", "example"]

_MODULES = {
    "Check": "stackdoc.model.record",
    "Work": "stackdoc.model.record",
    "close": "stackdoc.measure.checks",
    "example": "stackdoc.measure.example_run",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("stackdoc")
    if name not in _MODULES:
        raise AttributeError(f"module 'stackdoc' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
