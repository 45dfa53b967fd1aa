"""What mkdocs.yml says of the project as a publication, read without MkDocs and without its plugins."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from stackdoc.project import CONFIGURATIONS

IDENTIFIER = re.compile(r"[A-Za-z0-9.+-]+")  # of a licence, as SPDX writes it


@dataclass(frozen=True)
class Configuration:
    """Each empty where mkdocs.yml says nothing. `licence` is that of the records, `text_licence` that of the pages;
    `unpublished` are the patterns of pages that are drafts or not pages at all, `docs` is `docs_dir`, relative to root.
    """

    name: str = ""
    author: str = ""
    address: str = ""
    licence: str = ""
    text_licence: str = ""
    unpublished: tuple[str, ...] = ()
    docs: str = ""


def read_configuration(root: Path) -> Configuration:
    """What the project at `root` says; MkDocs itself complains of what is wrong in the file, so this does not."""
    said = next((said for name in CONFIGURATIONS if (said := _said(root / name))), {})
    options = _options(said.get("plugins"))
    return Configuration(
        _text(said, "site_name"),
        _text(said, "site_author"),
        _text(said, "site_url"),
        _licence(options, "licence"),
        _licence(options, "text_licence"),
        unpublished=tuple(line for name in ("exclude_docs", "draft_docs") for line in _lines(said.get(name))),
        docs=Path(os.path.relpath(root / docs, root)).as_posix() if (docs := _text(said, "docs_dir")) else "",
    )


class _Loader(yaml.SafeLoader):
    """Knows `!ENV`; any other tag, such as that of a Python name, is nothing."""


def _from_environment(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    """The first variable that is set; of a list, the last entry where none is."""
    if isinstance(node, yaml.SequenceNode):
        *names, default = loader.construct_sequence(node)
    else:
        names, default = [loader.construct_scalar(node)], None  # type: ignore[arg-type]
    return next((os.environ[name] for name in names if name in os.environ), default)


_Loader.add_constructor("!ENV", _from_environment)
_Loader.add_multi_constructor("", lambda _, __, ___: None)


def _said(path: Path, depth: int = 0) -> dict[str, Any]:
    """The settings of the file over those that it inherits."""
    try:
        said = yaml.load(path.read_text("utf-8-sig"), _Loader)
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    if not isinstance(said, dict):
        return {}
    parent = said.get("INHERIT")
    inherited = _said(path.parent / parent, depth + 1) if isinstance(parent, str) and depth < 10 else {}
    return inherited | said


def _options(plugins: object) -> Mapping[str, Any]:
    """The options of our plugin, which stands in a list or in a mapping."""
    entries = plugins if isinstance(plugins, list) else [plugins]
    found = (entry["stackdoc"] for entry in entries if isinstance(entry, dict) and "stackdoc" in entry)
    options = next(found, None)
    return options if isinstance(options, dict) else {}


def _lines(value: object) -> list[str]:
    return value.splitlines() if isinstance(value, str) else []


def _licence(options: Mapping[str, Any], name: str) -> str:
    found = _text(options, name)
    return found if IDENTIFIER.fullmatch(found) else ""


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""
