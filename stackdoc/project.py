"""Where the files of a project lie: every path is spelled here, and nowhere else in the package."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CONFIGURATIONS = ("mkdocs.yml", "mkdocs.yaml")
EXAMPLES = "examples"
ENVIRONMENTS = f"{EXAMPLES}/environments"

# What a checkout keeps for itself, out of version control: what was measured in it, and what it need not make again.
STATE = Path(".stackdoc")
LEDGER = STATE / "ledger.json"
VALIDATED = STATE / "checked.json"
LAUNCHES = STATE / "launches"
MADE_ENVIRONMENTS = STATE / "environments"
MEASURING_LOCK = STATE / "measuring.lock"
SCRATCH_NOTE = STATE / "scratch"
FIGURES = STATE / "figures"
RENDERED = STATE / "rendered"
TWINS = STATE / "twins"
NOTEBOOKS = STATE / "notebooks"
NOTEBOOK_PAGES = STATE / "notebook-pages"


@dataclass(frozen=True)
class Layout:
    """`root` is the project's directory; `docs` that of its pages, relative to the root, as MkDocs' `docs_dir` says.

    All other paths are relative to the root, since messages name them; `layout / path` is where such a path leads.
    """

    root: Path
    docs: str = "docs"

    def __truediv__(self, path: str | Path) -> Path:
        return self.root / path

    @property
    def configuration(self) -> Path | None:
        """The file that configures MkDocs; None where there is none."""
        return next((self.root / name for name in CONFIGURATIONS if (self.root / name).is_file()), None)

    @property
    def records(self) -> Path:
        return Path(self.docs) / "records"

    @property
    def data(self) -> str:
        """The folder of everything that is data and not text."""
        return f"{self.docs}/data"

    def collection(self, name: str) -> str:
        """The file of one collection of the data: `docs/data/claims.yml`."""
        return f"{self.data}/{name}.yml"

    def collection_files(self, name: str) -> list[str]:
        """The files of a list that are there: `docs/data/claims.yml`, and those of the folder `docs/data/claims/`."""
        parts = sorted((self / f"{self.data}/{name}").glob("*.yml"))
        whole = [self.collection(name)] if (self / self.collection(name)).exists() else []
        return whole + [path.relative_to(self.root).as_posix() for path in parts]

    def text(self, kind: str, id: str) -> str:
        """The hand-written page of one thing: `docs/layers/kernels.md`."""
        return f"{self.docs}/{kind}/{id}.md"
