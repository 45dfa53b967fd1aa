"""Runs scripts of other projects, unchanged, in a project that only adds `- stackdoc`, and says how each ended.

`python -m tests.site.foreign_scripts FOLDER` reads the repositories below FOLDER, clones named `owner+name`;
those that are missing are cloned from GitHub. Needs matplotlib, pandas and whatever else the scripts import, in the
environment that runs it. Not part of `make test`: it takes ten minutes and hundreds of megabytes of packages.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from stackdoc.measure.launch import copy_folder
from stackdoc.model.record import Record
from stackdoc.plan.project import read_project
from stackdoc.project import Layout
from stackdoc.run.measuring import bring_up_to_date

DRAWINGS = ("image/svg+xml", "image/png", "image/gif", "image/jpeg")
WATCHED = """
import atexit, runpy, sys, warnings
import matplotlib
matplotlib.use("Agg")
from matplotlib import pyplot
from matplotlib._pylab_helpers import Gcf
warnings.simplefilter("ignore")
shown = [0]
def count():
    figures = [manager.canvas.figure for manager in Gcf.get_all_fig_managers()]
    shown[0] += sum(len(figure.get_children()) > 1 for figure in figures)
def show(*_, **__):
    count()
    pyplot.close("all")
pyplot.show = show
sys.argv = sys.argv[1:]
sys.path[0] = sys.argv[0].rpartition("/")[0]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
finally:
    count()
    print("\\nFIGURES", shown[0])
"""


@dataclass(frozen=True)
class Gallery:
    """A repository at a commit, and the folders of it whose scripts are run."""

    repository: str
    commit: str
    patterns: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.repository.partition("/")[2]


GALLERIES = (
    Gallery("sphinx-gallery/sphinx-gallery", "520ca2e272507462e68451321049359106441a45", ("examples",)),
    Gallery("smarie/mkdocs-gallery", "4a4f9c14900bd8d4b6a614212d73469d4710586c", ("examples",)),
    Gallery(
        "networkx/networkx",
        "cfc6b79fc53f583aa15a79b2187ae30bd4f480ed",
        ("examples/basic", "examples/drawing", "examples/graph", "examples/subclass"),
    ),
    Gallery(
        "scikit-image/scikit-image",
        "cd0a3d22b9f359f05618d75d5c7a29b91b4951ca",
        ("doc/examples/edges", "doc/examples/color_exposure"),
    ),
)


def git(clone: Path, *arguments: str) -> bytes:
    return subprocess.run(("git", "-C", str(clone), *arguments), capture_output=True, check=True).stdout


def cloned(gallery: Gallery, folder: Path) -> Path:
    """The clone, made if it is missing."""
    place = folder / gallery.repository.replace("/", "+")
    if not place.exists():
        address = f"https://github.com/{gallery.repository}"
        subprocess.run(("git", "init", "--bare", str(place)), check=True)
        git(place, "fetch", "--depth", "1", address, gallery.commit)
    return next((path.parent for path in sorted(place.rglob("HEAD")) if (path.parent / "objects").is_dir()), place)


def write_scripts(gallery: Gallery, folder: Path, project: Path) -> list[str]:
    """Writes the files of the gallery below `examples/<name>/`; returns the paths of the scripts."""
    clone = cloned(gallery, folder)
    listed = git(clone, "ls-tree", "-r", "--name-only", gallery.commit, "--", *gallery.patterns).decode().split("\n")
    scripts = []
    for name in filter(None, listed):
        path = project / "examples" / gallery.name / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(git(clone, "show", f"{gallery.commit}:{name}"))
        if name.endswith((".py", ".ipynb")):
            scripts.append(path.relative_to(project).as_posix())
    return scripts


def figures_left_open(script: Path) -> int:
    """How many figures the script, run alone in a copy of its folder, shows or leaves open."""
    command = (sys.executable, "-c", WATCHED, str(script))
    with tempfile.TemporaryDirectory() as home:
        copy = Path(home, "copy")
        copy_folder(script.parent, copy)
        try:
            ended = subprocess.run(command, capture_output=True, text=True, cwd=copy, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            return 0
    last = ended.stdout.rpartition("FIGURES ")[2].strip()
    return int(last) if last.isdigit() else 0


def drawings(record: Record) -> int:
    return sum(output.mime in DRAWINGS for output in record.outputs)


def main(folder: Path, project: Path) -> None:
    (project / "docs").mkdir(parents=True)
    (project / "docs/index.md").write_text("# Theirs\n", "utf-8")
    (project / "mkdocs.yml").write_text("site_name: Theirs\nplugins:\n- search\n- stackdoc\n", "utf-8")
    of_gallery = {path: gallery for gallery in GALLERIES for path in write_scripts(gallery, folder, project)}
    summary = bring_up_to_date(read_project(Layout(project)))
    examples = read_project(Layout(project)).examples
    paths = {id: example.path for id, example in examples.items()}
    ended = {paths[one.example]: (str(one.outcome), one.record) for one in summary.results}
    skipped = {paths[one.example]: one.reason for one in summary.decisions if one.action == "skip"}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for path, gallery in of_gallery.items():
        outcome, record = ended.get(path, (skipped.get(path, "no example: a module"), None))
        left = figures_left_open(project / path) if record else 0
        shown = drawings(record) if record else 0
        count = counts[gallery.repository]
        count["scripts"] += 1
        count["ran"] += record is not None
        count["left figures"] += left > 0
        count["showed them"] += left > 0 and shown >= left
        if record is None or shown < left:
            print(f"{path}: {outcome}" + (f"; {shown} of {left} figures shown" if left else ""))
    for repository, count in counts.items():
        print(repository, dict(count))
    print("all", dict(sum(counts.values(), Counter())))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp(), "site"))
