"""Build a site from scripts of other projects, unchanged, that only adds `- stackdoc`, and report how each ended.

    python -m tests.site.foreign_scripts FOLDER

FOLDER gets an environment with the packages that the scripts import, the site, and the repositories, clones named
`owner+name`; those that are missing are cloned from GitHub. It takes twenty minutes and hundreds of megabytes of
packages. Exit code 1 if fewer than SHARE of the scripts run, if a page does not show all figures that its script
leaves open, or if the page of a script that did not run does not give the reason.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from stackdoc.measure.launch import copy_folder
from stackdoc.plan.project import read_project
from stackdoc.project import Layout
from tests.made.behind import environment

SHARE = 0.85
PACKAGES = (
    "matplotlib",
    "pandas",
    "networkx",
    "scikit-image",
    "scipy",
    "seaborn",
    "plotly",
    "sphinx-gallery",
    "jupyterlite-sphinx",
)
SETTINGS = "site_name: Theirs\nplugins:\n- search\n- stackdoc:\n    examples: examples\n    gallery: true\n"
PICTURE = re.compile(r'<img [^>]*class="sd-output"')
NOT_RUN = re.compile(r'<p class="sd-unmeasured">Not run: (.*?)</p>', re.DOTALL)
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


def figures_left_open(python: Path, script: Path) -> int:
    """How many figures the script, run alone in a copy of its folder, shows or leaves open."""
    command = (str(python), "-c", WATCHED, str(script))
    with tempfile.TemporaryDirectory() as home:
        copy = Path(home, "copy")
        copy_folder(script.parent, copy)
        try:
            ended = subprocess.run(command, capture_output=True, text=True, cwd=copy, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            return 0
    last = ended.stdout.rpartition("FIGURES ")[2].strip()
    return int(last) if last.isdigit() else 0


def build(python: Path, project: Path) -> None:
    """Build the site; the log of the build is beside it."""
    (project / "docs").mkdir(parents=True, exist_ok=True)
    (project / "docs/index.md").write_text("# Theirs\n", "utf-8")
    (project / "mkdocs.yml").write_text(SETTINGS, "utf-8")
    with (project / "build.log").open("wb") as log:
        command = (str(python), "-m", "mkdocs", "build")
        variables = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
        subprocess.run(command, cwd=project, stdout=log, stderr=log, env=variables, check=True)


@dataclass(frozen=True)
class Ended:
    """What the page of a script shows: its figures, and why it did not run. `left` are those that it leaves open."""

    path: str
    has_page: bool
    ran: bool
    shown: int
    left: int
    reason: str

    @property
    def fault(self) -> str:
        """What is wrong with the page, or nothing."""
        if self.ran and self.shown < self.left:
            return f"shows {self.shown} of {self.left} figures"
        return "" if self.ran or self.reason or not self.has_page else "does not say why it has no output"


def endings(python: Path, project: Path, paths: list[str]) -> Iterator[Ended]:
    read = read_project(Layout(project, prefix="stackdoc/"))
    recorded = {record.example for record in read.records.values()}
    ids = {example.path: id for id, example in read.examples.items()}
    for path in paths:
        id = ids.get(path, "")
        if not id:  # a module, or a file of tests or of a package
            yield Ended(path, False, False, 0, 0, "not an example")
            continue
        html = (project / f"site/stackdoc/examples/{id}/index.html").read_text("utf-8")
        reason = NOT_RUN.search(html)
        words = unescape(re.sub(r"<[^>]*>", "", reason[1])) if reason else ""
        left = figures_left_open(python, project / path) if id in recorded else 0
        yield Ended(path, True, id in recorded, len(PICTURE.findall(html)), left, words)


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("folder", type=Path)
    folder = reader.parse_args().folder.resolve()
    python, project = environment(folder / "environment", PACKAGES), folder / "site"
    galleries = {path: gallery.repository for gallery in GALLERIES for path in write_scripts(gallery, folder, project)}
    build(python, project)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    faults = []
    for script in endings(python, project, list(galleries)):
        count = counts[galleries[script.path]]
        count["scripts"] += 1
        count["ran"] += script.ran
        count["left figures"] += script.left > 0
        count["showed them"] += 0 < script.left <= script.shown
        if not script.ran:
            print(f"{script.path}: {script.reason}", flush=True)
        faults += [f"{script.path}: {script.fault}"] if script.fault else []
    for repository, count in counts.items():
        print(repository, dict(count))
    total = sum(counts.values(), Counter[str]())
    print("all", dict(total))
    if total["ran"] < SHARE * total["scripts"]:
        faults.append(f"only {total['ran']} of {total['scripts']} ran")
    sys.exit("\n".join(faults) or None)


if __name__ == "__main__":
    main()
