"""The paths of a project's files. No other module spells one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CONFIGURATIONS = ("mkdocs.yml", "mkdocs.yaml")
PREFIX = "stackdoc/"  # the default of the option `prefix`
EXAMPLES = "examples"
ENVIRONMENTS = f"{EXAMPLES}/environments"
EDITIONS = "editions"
EDITIONS_AT = "v"  # where they are published, below the generated pages

# State of one checkout, not under version control: which records it measured, and caches.
STATE = Path(".stackdoc")
LEDGER = STATE / "ledger.json"
SUMMARIES = STATE / "records.sqlite"
SIGNATURES = STATE / "signatures.json"
LAUNCHES = STATE / "launches"
MADE_ENVIRONMENTS = STATE / "environments"
CONTRIBUTIONS = STATE / "contributions"
MEASURING_LOCK = STATE / "measuring.lock"
IMPORT_LOCK = STATE / "import.lock"
IMPORT_JOURNAL = STATE / "import.json"  # exists only while an import is under way, or after one that was killed
SCRATCH_NOTE = STATE / "scratch"
DIGESTS = STATE / "digests.json"
FIGURES = STATE / "figures"
RENDERED = STATE / "rendered"
TWINS = STATE / "twins"
CONVERSIONS = STATE / "conversions"
OUTPUTS = STATE / "outputs"
SERVED = STATE / "served"
NOTEBOOK_PAGES = STATE / "notebook-pages"
STAGE = STATE / "stage"


@dataclass(frozen=True)
class Layout:
    """The paths below `root`, the project's directory; `docs` is MkDocs' `docs_dir`, `examples` the folder
    of the examples; both are relative to the root.

    `prefix` is the directory below `docs` for our files, `""` or with a trailing slash: records, data and the texts of
    generated pages, which are published below it too. All paths are relative to the root, since messages name them;
    `layout / path` joins one to the root.
    """

    root: Path
    docs: str = "docs"
    prefix: str = ""
    examples: str = EXAMPLES

    def __truediv__(self, path: str | Path) -> Path:
        return self.root / path

    @property
    def configuration(self) -> Path | None:
        """The configuration file of MkDocs, None if there is none."""
        return next((self.root / name for name in CONFIGURATIONS if (self.root / name).is_file()), None)

    @property
    def own(self) -> str:
        """The directory of our files below `docs`: `docs/stackdoc`."""
        return f"{self.docs}/{self.prefix}".rstrip("/")

    def published(self, address: str) -> str:
        """Return the address of the generated pages of a site published at `address`; empty if that is."""
        return f"{address.rstrip('/')}/{self.prefix}" if address else ""

    @property
    def records(self) -> Path:
        return Path(self.own) / "records"

    @property
    def data(self) -> str:
        """The directory of the data files."""
        return f"{self.own}/data"

    @property
    def vouched(self) -> str:
        """The list of the records that the project vouches for."""
        return f"{self.data}/vouched.txt"

    @property
    def vouched_signature(self) -> str:
        return f"{self.vouched}.sig"

    @property
    def allowed_signers(self) -> str:
        """Whose SSH keys are known, in the format of ssh-keygen(1)."""
        return f"{self.data}/allowed_signers"

    @property
    def signatures(self) -> str:
        """The directory of the signed manifests of imported bundles."""
        return f"{self.data}/signatures"

    def edition(self, name: str) -> str:
        """The directory of an edition's manifest and texts; beside it, the archive of its files has the ending .zip."""
        return f"{EDITIONS}/{name}"

    def collection(self, name: str) -> str:
        """Return the file of a collection: `docs/data/claims.yml`."""
        return f"{self.data}/{name}.yml"

    def collection_files(self, name: str) -> list[str]:
        """Return the existing files of a collection: `docs/data/claims.yml`, then those of `docs/data/claims/`."""
        single = [self.collection(name)] if (self / self.collection(name)).exists() else []
        parts = sorted((self / f"{self.data}/{name}").glob("*.yml"))
        return single + [path.relative_to(self.root).as_posix() for path in parts]

    def text(self, kind: str, id: str) -> str:
        """Return the hand-written page of one entry: `docs/layers/kernels.md`."""
        return f"{self.own}/{kind}/{id}.md"


def make_state_folder(root: Path) -> None:
    """Make the folder of the checkout's state with a `.gitignore` that covers all of it. Raises OSError."""
    folder = root / STATE
    folder.mkdir(parents=True, exist_ok=True)
    if not (ignored := folder / ".gitignore").exists():
        ignored.write_text("*\n", "utf-8")


def as_prefix(text: str) -> str:
    """Return the value of the option `prefix` as `Layout` has it."""
    return f"{name}/" if (name := text.strip("/")) else ""
