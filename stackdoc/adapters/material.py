"""Repairs of Material for MkDocs: of its scripts, and of what HTML checkers report in its pages.

They apply only to a project that uses our variant of the theme. A repair that finds nothing to repair warns: the theme
has changed, and the repair is either no longer needed or no longer works.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

log = logging.getLogger("mkdocs.plugins.stackdoc")
THEME = Path(__file__).resolve().parent / "theme"


def has_our_theme(config: MkDocsConfig) -> bool:
    """Whether the project uses our variant of Material, and with it our repairs of Material's own pages and scripts."""
    return config.theme.custom_dir is not None and Path(config.theme.custom_dir).resolve() == THEME


@dataclass(frozen=True)
class Repair:
    """A change to the content that matches `slip`: of the scripts at `path`, or of pages if it is empty."""

    reason: str
    slip: re.Pattern[str]
    change: Callable[[str], str]
    path: str = ""


EAGER = '(location.protocol!=="file:")'
TICKED = re.compile(r'(<input\b[^>]*type="checkbox"[^>]*?) autocomplete="off"')
LABEL = ' for="__toc"'
REPAIRS = (
    Repair(
        "fetch the search index when the search is opened, as on a disk, not with every page",
        re.compile(re.escape(EAGER)),
        lambda script: script.replace(EAGER, "(!1)"),
        r"assets/javascripts/bundle\.\w+\.min\.js",
    ),
    Repair(
        "remove autocompletion from checkboxes",
        TICKED,
        lambda html: TICKED.sub(r"\1", html),
    ),
    Repair(
        "remove the label of a table of contents that the page lacks",
        re.compile(LABEL),
        lambda html: html if 'id="__toc"' in html else html.replace(LABEL, ""),
    ),
)


class Material:
    """The repairs of one build, with a count of what each repaired."""

    def __init__(self, config: MkDocsConfig) -> None:
        self.applies = has_our_theme(config)
        self.found: Counter[Repair] = Counter()

    def repair_files(self, files: Files, config: MkDocsConfig) -> None:
        """Replace the scripts of the theme that need it."""
        if not self.applies:
            return
        for repair in (repair for repair in REPAIRS if repair.path):
            for file in [file for file in files if re.fullmatch(repair.path, file.src_uri)]:
                changed = self._changed(repair, file.content_string)
                files.remove(file)
                files.append(File.generated(config, file.src_uri, content=changed))

    def repaired(self, html: str) -> str:
        """Return a page without the faults of the theme's templates."""
        if self.applies:
            for repair in (repair for repair in REPAIRS if not repair.path):
                html = self._changed(repair, html)
        return html

    def count(self, reasons: Collection[str]) -> None:
        """Count the repairs that an earlier build made in a page."""
        self.found.update(repair for repair in REPAIRS if repair.reason in reasons)

    def report(self) -> None:
        """Warn of each repair that found nothing in the build."""
        for repair in REPAIRS if self.applies else ():
            if not self.found[repair]:
                log.warning("a repair of the theme found nothing to repair: %s", repair.reason)

    def _changed(self, repair: Repair, content: str) -> str:
        if not repair.slip.search(content):
            return content
        self.found[repair] += 1
        return repair.change(content)
