"""What three galleries publish for three byte-identical scripts: Sphinx-Gallery, mkdocs-gallery and this project.

    python tests/benchmarks/peers.py docs/data/peers.json

The others go into a virtual environment that is thrown away and sees this interpreter's torch. The machine should
be idle.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from html import unescape
from importlib.metadata import version
from pathlib import Path
from typing import Any

from stackdoc.machine import this_machine
from stackdoc.project import Layout
from stackdoc.records import store
from stackdoc.statistics import summarise

NAMES = ("first", "second", "third")
PACKAGES = ("sphinx-gallery", "sphinx", "mkdocs-gallery", "mkdocs", "matplotlib")
WORK = "import torch\n\ntorch.set_num_threads(1)\na = torch.randn(256, 256)\n"
PLAIN = f'"""\nA product\n=========\n\nTwo matrices of 256 x 256.\n"""\n\n{WORK}for _ in range(20):\n    a @ a\n'
OURS = """# /// script
# dependencies = ["stackdoc", "torch"]
# [tool.stackdoc]
# layer = "kernels"
# title = "A product"
# ///
\"\"\"Two matrices of 256 x 256, twenty times.\"\"\"
from stackdoc import example
{work}
def product():
    for _ in range(20):
        a @ a

example().measure("product", product)
"""
SPHINX = """project = "peers"
extensions = ["sphinx_gallery.gen_gallery"]
sphinx_gallery_conf = {
    "examples_dirs": "examples", "gallery_dirs": "gallery", "filename_pattern": ".*", "min_reported_time": 0
}
"""
MKDOCS = """site_name: peers
theme: mkdocs
nav: [index.md, gallery]
plugins:
  - gallery:
      examples_dirs: docs/examples
      gallery_dirs: docs/gallery
      filename_pattern: .*
"""
RUNNING = re.compile(r"Total running time of the script:\s*\(?\s*(\d+)\s*minutes?\s+([\d.]+)\s*seconds?")


def main(output: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        python = environment(root / "environment")
        listing = f"import json, importlib.metadata as m; print(json.dumps({{n: m.version(n) for n in {PACKAGES}}}))"
        versions = json.loads(run(root, python, "-c", listing))
        found = {
            "sphinx-gallery": sphinx_gallery(root / "sphinx", python),
            "mkdocs-gallery": mkdocs_gallery(root / "mkdocs", python),
            "stackdoc": ours(root / "ours"),
        }
    machine = asdict(this_machine())
    document = {
        "schema": "stackdoc.peers/1",
        "measured_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": {name: machine[name] for name in ("id", "cpu", "microarchitecture", "cores", "memory_gib")},
        "versions": {**versions, "stackdoc": version("stackdoc"), "torch": version("torch")},
        "work": "import torch, then 20 products of 256 x 256 in float32, one thread; three scripts of the same bytes",
        "unit": "s",
        "published": found,
    }
    output.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(output.read_text(encoding="utf-8"), end="")


def environment(place: Path) -> Path:
    """An interpreter with the others, and with the packages of this one behind them."""
    run(Path.cwd(), sys.executable, "-m", "venv", str(place))
    python = place / "bin/python"
    run(Path.cwd(), python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES)
    libraries = run(Path.cwd(), python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    (Path(libraries) / "behind.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python


def sphinx_gallery(root: Path, python: Path) -> list[dict[str, Any]]:
    scripts(root / "examples", "README.rst", "Peers\n=====\n")
    (root / "conf.py").write_text(SPHINX, encoding="utf-8")
    (root / "index.rst").write_text("Peers\n=====\n\n.. toctree::\n\n   gallery/index\n", encoding="utf-8")
    run(root, python, "-m", "sphinx", "-q", "-b", "html", ".", "out")
    return [{"script": name, "seconds": seconds(root / f"out/gallery/{name}.html")} for name in NAMES]


def mkdocs_gallery(root: Path, python: Path) -> list[dict[str, Any]]:
    scripts(root / "docs/examples", "README.md", "# Peers\n")
    (root / "docs/index.md").write_text("# Peers\n", encoding="utf-8")
    (root / "mkdocs.yml").write_text(MKDOCS, encoding="utf-8")
    run(root, python, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(root / "out"))
    return [{"script": name, "seconds": seconds(root / f"out/gallery/{name}/index.html")} for name in NAMES]


def ours(root: Path) -> list[dict[str, Any]]:
    place = root / "examples/kernels"
    place.mkdir(parents=True)
    for name in NAMES:
        (place / f"{name}.py").write_text(OURS.format(work=WORK), encoding="utf-8")
    call = "from stackdoc.adapters.cli.main import main; main()"
    run(root, sys.executable, "-c", call, "--root", str(root), "measure", "--profile", "full")
    records = {record.example: record for record in store.read_all(Layout(root), []).values()}
    found = {name: asdict(summarise(records[f"kernels/{name}"].points[0])) for name in NAMES}
    kept = ("low", "high", "launches", "quality")
    return [{"script": name, "seconds": one["value"], **{key: one[key] for key in kept}} for name, one in found.items()]


def scripts(place: Path, readme: str, text: str) -> None:
    place.mkdir(parents=True)
    (place / readme).write_text(text, encoding="utf-8")
    for name in NAMES:
        (place / f"{name}.py").write_text(PLAIN, encoding="utf-8")


def seconds(page: Path) -> float:
    """The running time that the page says."""
    text = unescape(re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8"))).replace("\xa0", " ")
    said = RUNNING.search(text)
    if said is None:
        raise SystemExit(f"{page} says no running time")
    return 60 * int(said[1]) + float(said[2])


def run(place: Path, *command: str | Path) -> str:
    place.mkdir(parents=True, exist_ok=True)
    surroundings = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*map(str, command)], cwd=place, capture_output=True, text=True, check=False, env=surroundings
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main(Path(sys.argv[1]))
