"""Compiled templates of Jinja: compiling those of a theme takes as long as filling them for a small site.

They are code, so they are not stored in the project, whose files may come from somebody else, but in the directory of
this user that Jinja makes below that of temporary files.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from importlib.metadata import version

from jinja2 import BytecodeCache, FileSystemBytecodeCache
from jinja2.bccache import Bucket

from stackdoc.render.cache import digest


class CompiledTemplates(FileSystemBytecodeCache):
    """Compiled templates of this user, each with a checksum of its source; damaged ones are made again.

    `made_by` is a digest of what the compiled code depends on besides the source.
    """

    def __init__(self, made_by: str) -> None:
        super().__init__(pattern=f"stackdoc-{made_by}-%s.cache")

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except Exception:  # a damaged file raises what pickle and marshal raise, which is anything
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def compiled_templates(packages: Iterable[str], extensions: Iterable[str] = ()) -> BytecodeCache | None:
    """Return the compiled templates of these packages; None where the user has no directory of their own.

    `extensions` are those of the Jinja environment. The filters must be those of the packages.
    """
    if os.name == "nt":  # its directory of temporary files is not that of one user
        return None
    versions = [f"{name} {version(name)}" for name in ("jinja2", *packages)]
    with suppress(RuntimeError, OSError):  # the directory is not safe
        return CompiledTemplates(digest(sys.version, *versions, *sorted(extensions)))
    return None
