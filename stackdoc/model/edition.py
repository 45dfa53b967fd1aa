"""An edition: the site as it was on one day, which does not change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from stackdoc.project import EDITIONS_AT


@dataclass(frozen=True)
class Edition:
    """An edition as its manifest describes it.

    `address` is where it is published (`https://…/v/2026-12/`), `date` the day on which it was made (`YYYY-MM-DD`),
    `commit` what it was made from. `doi` is empty if it has none. `revisions` are those of the pages that are cited as
    reports, by their path (`layers/kernels/`). `files` are the SHA-256 of all files by their path.

    `digest` is the SHA-256 of the manifest, empty while the edition is made.
    """

    name: str
    title: str
    author: str
    licence: str
    address: str
    date: str
    commit: str = ""
    doi: str = ""
    revisions: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict, repr=False)
    digest: str = ""

    @property
    def root(self) -> str:
        """The address of the generated pages when the edition was made."""
        return self.address.removesuffix(f"{EDITIONS_AT}/{self.name}/")

    def has(self, path: str) -> bool:
        """Whether the edition has a page or file at the path, which is relative to its address."""
        return any(file in self.files for file in (path, f"{path.rstrip('/')}/index.html".lstrip("/")))
