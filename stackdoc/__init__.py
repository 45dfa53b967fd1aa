"""Pages of layer taxonomies with examples that run: what a script under `examples/` imports.

Names are loaded on first use, so that importing the package costs nothing a measurement would feel.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stackdoc.measure.checks import close
    from stackdoc.measure.example_run import example
    from stackdoc.record import Check, Work

    __version__: str

__all__ = ["Check", "Work", "__version__", "close", "example"]

_HOMES = {
    "Check": "stackdoc.record",
    "Work": "stackdoc.record",
    "close": "stackdoc.measure.checks",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("stackdoc")
    if name not in _HOMES:
        raise AttributeError(f"module 'stackdoc' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)


class _Package(ModuleType):
    """A package whose `example` stays the function that scripts call, although a submodule has that name."""

    def _example(self) -> Any:
        return import_module("stackdoc.measure.example_run").example

    def _keep(self, submodule: ModuleType) -> None:
        """Whoever imports `stackdoc.example` finds it in `sys.modules`; the attribute is taken."""

    example = property(_example, _keep)


sys.modules[__name__].__class__ = _Package
