"""The project's settings in mkdocs.yml, read without MkDocs and its plugins."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from stackdoc.project import CONFIGURATIONS, PREFIX, as_prefix

SPDX_IDENTIFIER = re.compile(r"[A-Za-z0-9.+-]+")


@dataclass(frozen=True)
class Configuration:
    """The settings that mkdocs.yml has; those that it lacks are empty.

    `licence` is that of the records, `text_licence` that of the pages. `unpublished` are the patterns of `draft_docs`
    and `exclude_docs`; `docs` is `docs_dir`, `examples` the folder of the examples, both relative to the root.
    `prefix` is that of `Layout`, empty without the plugin; `repository` is `repo_url`, from which the project is
    cloned. `roles` are the roles that are ours, None if the options do not say. `gallery` is whether the list of
    examples has pictures. `online` has the templates of the option `launch` by the name of the service.
    """

    name: str = ""
    author: str = ""
    address: str = ""
    licence: str = ""
    text_licence: str = ""
    unpublished: tuple[str, ...] = ()
    docs: str = ""
    prefix: str = ""
    roles: frozenset[str] | None = None
    examples: str = ""
    gallery: bool = False
    online: Mapping[str, str] = field(default_factory=dict)
    repository: str = ""


def read_configuration(root: Path) -> Configuration:
    """Return the settings of the project at `root`. Faults are ignored, since MkDocs reports them."""
    settings = next((settings for name in CONFIGURATIONS if (settings := _settings(root / name))), {})
    used = _plugin_options(settings.get("plugins"))
    options = used or {}
    return Configuration(
        _text(settings, "site_name"),
        _text(options, "author") or _text(settings, "site_author"),
        _text(settings, "site_url"),
        _licence(options, "license"),
        _licence(options, "text_license"),
        unpublished=tuple(line for name in ("exclude_docs", "draft_docs") for line in _lines(settings.get(name))),
        docs=folder_below(root, _text(settings, "docs_dir")),
        examples=folder_below(root, _text(options, "examples")),
        repository=_text(settings, "repo_url"),
        roles=frozenset(map(str, options["roles"])) if isinstance(options.get("roles"), list) else None,
        prefix="" if used is None else as_prefix(str(used.get("prefix", PREFIX))),
        gallery=options.get("gallery") is True,
        online=_templates(options.get("launch")),
    )


def folder_below(root: Path, name: str) -> str:
    """The folder relative to the root; empty without a name."""
    return Path(os.path.relpath(root / name, root)).as_posix() if name else ""


class _Loader(yaml.SafeLoader):
    """Resolves `!ENV`; a value with any other tag, such as a Python name, becomes None."""


def _from_environment(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    """Return the first variable that is set; if none is, the last entry of a list."""
    if isinstance(node, yaml.SequenceNode):
        *names, default = loader.construct_sequence(node)
    else:
        names, default = [loader.construct_scalar(node)], None  # type: ignore[arg-type]
    return next((os.environ[name] for name in names if name in os.environ), default)


_Loader.add_constructor("!ENV", _from_environment)
_Loader.add_multi_constructor("", lambda _, __, ___: None)


def parse_settings(text: str) -> dict[str, Any]:
    """Return the settings in a text, none if it is not a mapping. Raises yaml.YAMLError."""
    settings = yaml.load(text, _Loader)
    return settings if isinstance(settings, dict) else {}


def _settings(path: Path, depth: int = 0) -> dict[str, Any]:
    """Return the settings of the file merged over those that it inherits; none if it can't be read."""
    try:
        settings = parse_settings(path.read_text("utf-8-sig"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    parent = settings.get("INHERIT")
    inherited = _settings(path.parent / parent, depth + 1) if isinstance(parent, str) and depth < 10 else {}
    return inherited | settings


def _plugin_options(plugins: object) -> Mapping[str, Any] | None:
    """Return the options of the plugin `stackdoc`, None if it is not used; `plugins` is a list or a mapping."""
    for entry in [plugins] if isinstance(plugins, dict) else plugins if isinstance(plugins, list) else []:
        if entry == "stackdoc":
            return {}
        if isinstance(entry, dict) and "stackdoc" in entry:
            options = entry["stackdoc"]
            return options if isinstance(options, dict) else {}
    return None


def _templates(value: object) -> dict[str, str]:
    """Return the links whose template is without faults."""
    if not isinstance(value, dict):
        return {}
    from stackdoc.reading import online  # which loads more than other projects should wait for

    return {str(name): str(template) for name, template in value.items() if not any(online.faults(template))}


def _lines(value: object) -> list[str]:
    return value.splitlines() if isinstance(value, str) else []


def _licence(options: Mapping[str, Any], name: str) -> str:
    licence = _text(options, name)
    return licence if SPDX_IDENTIFIER.fullmatch(licence) else ""


def _text(settings: Mapping[str, Any], name: str) -> str:
    value = settings.get(name)

    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""
