"""The options of the plugin in mkdocs.yml, and the layout that they give the project."""

from __future__ import annotations

import os
import re
import warnings
from pathlib import Path

from mkdocs.config import config_options as option
from mkdocs.config.base import Config, ValidationError
from mkdocs.config.defaults import MkDocsConfig

from stackdoc.project import EXAMPLES, PREFIX, Layout, as_prefix
from stackdoc.reading.configuration import SPDX_IDENTIFIER, folder_below

MODES = ("auto", "never", "always")
DIRECTORY = re.compile(r"(?!\.)[\w.-]+(/(?!\.)[\w.-]+)*/|")


class Prefix(option.Type[str]):
    """A directory below the site, as `Layout` has it; empty for the site itself."""

    def run_validation(self, value: object) -> str:
        prefix = as_prefix(super().run_validation(value))
        if not DIRECTORY.fullmatch(prefix):
            raise ValidationError(f"{value!r} is not a valid directory, such as {PREFIX}")
        return prefix


class Identifier(option.Type[str]):
    """The SPDX identifier of a licence; empty for none."""

    def run_validation(self, value: object) -> str:
        if value and not SPDX_IDENTIFIER.fullmatch(str(value)):
            raise ValidationError(f"{value!r} is not the identifier of a licence, such as CC0-1.0")
        return str(super().run_validation(value))


class LaunchLinks(option.Type[dict[str, str]]):
    """Addresses of an example in online notebook services, with placeholders, by the name of the service."""

    def run_validation(self, value: object) -> dict[str, str]:
        links = super().run_validation(value)
        if not links:
            return {}
        from stackdoc.reading import online  # which loads more than a project without examples should wait for

        faults = [f"{name}: {fault}" for name, template in links.items() for fault in online.faults(template)]
        if faults:
            raise ValidationError(" ".join(f"{fault}." for fault in faults))
        return {str(name): template for name, template in links.items()}


class PluginOptions(Config):
    """The options.

    `prefix` is the directory of the generated pages, below the site, and of our files, below `docs_dir`.

    `in_nav` is whether generated pages take part in an automatic navigation, such as that of MkDocs without `nav`.

    `examples` is the directory of the examples, relative to the project: by default `examples`, whose scripts are ours
    only in a project that uses one of them.

    `measure` is what a build runs: what this machine lacks (auto), nothing (never), everything (always).

    `default_machine` is the machine whose figures a page shows first. By default it is this one if it has records,
    otherwise the machine with the most full records of the examples as they are now.

    `roles` are the roles that are ours; by default all, but `cite` and `math` only in a project with a stack.

    `gallery` is whether the list of examples has pictures, and archives of the examples to download.

    `launch` has addresses by which online notebook services open an example, by the name of the service.

    `search` is whether the search of the theme Material has an index of our own, without code and measured tables; by
    default in a site that is ours as a whole.

    For citations: `author` is by default `site_author`, then `site_name`; `license` is that of the records,
    `text_license` that of the pages.
    """

    prefix = Prefix(str, default=PREFIX)
    in_nav = option.Type(bool, default=False)
    examples = option.Type(str, default="")
    measure = option.Choice(MODES, default="auto")
    profile = option.Choice(("quick", "full"), default="quick")
    default_machine = option.Type(str, default="")
    roles = option.Optional(option.ListOfItems(option.Type(str)))
    gallery = option.Type(bool, default=False)
    launch = LaunchLinks(dict, default={})
    search = option.Optional(option.Type(bool))
    author = option.Type(str, default="")
    license = Identifier(str, default="")
    text_license = Identifier(str, default="")


def layout_of(config: MkDocsConfig, options: PluginOptions) -> Layout:
    """Return the layout of the project."""
    root = Path(config.config_file_path).resolve().parent
    examples = folder_below(root, options.examples) or EXAMPLES
    return Layout(root, _configured_docs(config, root), options.prefix, examples)


def _configured_docs(config: MkDocsConfig, root: Path) -> str:
    """Return `docs_dir` as it is configured; a plugin such as monorepo puts a temporary directory in its place."""
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # MkDocs itself does not use them
        written = config.user_configs
    given = [settings["docs_dir"] for settings in written if settings.get("docs_dir")]
    return Path(os.path.relpath(root / given[-1] if given else root / "docs", root)).as_posix()
