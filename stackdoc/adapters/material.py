"""Repairs of Material for MkDocs: of its scripts, and of its pages where a checker of HTML objects to them.

They apply only to a project that uses our variant of the theme. Each says so when it finds nothing to repair: the theme
has changed, and the repair is either no longer needed or no longer works.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable
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
    """`change` is applied to the content of scripts at `path`, or of pages where there is none, that hold `slip`."""

    reason: str
    slip: re.Pattern[str]
    change: Callable[[str], str]
    path: str = ""


# lunr merges states of its automaton with equal keys, and a key is labels and ids with nothing between them: edges `a`
# to 1 and `2` to 3 read like an edge `a` to 123. Words with digits, of which figures bring thousands, make different
# states equal, and the search finds nothing for some words. A comma keeps them apart.
KEY_OF_STATE = re.compile(r"(\w+)=\1\+(\w+)\+(\w+)\.id\}")
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
        "let the search tell the states of its automaton apart",
        KEY_OF_STATE,
        lambda script: KEY_OF_STATE.sub(r'\1=\1+\2+\3.id+","}', script),
        r"assets/javascripts/workers/search\.\w+\.min\.js",
    ),
    Repair(
        "leave autocompletion out of boxes to tick",
        TICKED,
        lambda html: TICKED.sub(r"\1", html),
    ),
    Repair(
        "label no table of contents that a page has not",
        re.compile(LABEL),
        lambda html: html if 'id="__toc"' in html else html.replace(LABEL, ""),
    ),
)


class Material:
    """The repairs of one build, and how often each found what it repairs."""

    def __init__(self, config: MkDocsConfig) -> None:
        self.applies = has_our_theme(config)
        self.found: Counter[Repair] = Counter()

    def repair_files(self, files: Files, config: MkDocsConfig) -> None:
        """Replaces the scripts of the theme that need it."""
        if not self.applies:
            return
        for repair in (one for one in REPAIRS if one.path):
            for file in [one for one in files if re.fullmatch(repair.path, one.src_uri)]:
                changed = self._changed(repair, file.content_string)
                files.remove(file)
                files.append(File.generated(config, file.src_uri, content=changed))

    def repaired(self, html: str) -> str:
        """A whole page without the slips of the theme's templates."""
        if self.applies:
            for repair in (one for one in REPAIRS if not one.path):
                html = self._changed(repair, html)
        return html

    def report(self) -> None:
        """Warns of each repair that found nothing in the whole build."""
        for repair in REPAIRS if self.applies else ():
            if not self.found[repair]:
                log.warning("a repair of the theme found nothing to repair: %s", repair.reason)

    def _changed(self, repair: Repair, content: str) -> str:
        if not repair.slip.search(content):
            return content
        self.found[repair] += 1
        return repair.change(content)
