"""Lighthouse on a phone: pages of site/ beside a plain page of Material, taken in turns; prints medians.

`LIGHTHOUSE_RUNS=1` takes each page once. Arguments are further pages. The medians of all pages must
reach the targets.
"""

from __future__ import annotations

import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from checkers import needed, package

from tests.browsing import QUIET, Silent, browser_path, serving

SITE, RUNS = Path("site"), int(os.environ.get("LIGHTHOUSE_RUNS", "5"))
SCORES = ("performance", "accessibility", "best-practices", "seo")
FAST, LARGEST_KB = 95, 150  # the least score of speed; the most a page may load, packed
FAST_ENOUGH = {"compare": 90}  # by the first part of an address
PACKED = {".html", ".css", ".js", ".json", ".svg"}
PLAIN = "# Plain\n\n" + "\n\n".join(f"## Section {n}\n\n" + "A sentence of a plain page. " * 30 for n in range(12))


class Packing(Silent):
    """Sends text packed, as the hosts of static sites do."""

    def do_GET(self) -> None:
        place = Path(self.translate_path(self.path))
        place = place / "index.html" if place.is_dir() else place
        if not place.is_file():
            self.send_error(404)
            return
        packed = place.suffix in PACKED
        content = gzip.compress(place.read_bytes(), 9) if packed else place.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", f"{self.guess_type(place)}{'; charset=utf-8' if packed else ''}")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "max-age=31536000")
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(content)


def plain(place: Path) -> Path:
    """A site of one page under Material's own theme."""
    (place / "docs").mkdir()
    (place / "docs/index.md").write_text(PLAIN)
    (place / "mkdocs.yml").write_text(
        "site_name: Plain\nsite_description: A plain page.\ntheme: {name: material, font: false}\n"
    )
    program = str(Path(sys.executable).with_name("mkdocs"))
    subprocess.run([program, "build", "--quiet", "--config-file", str(place / "mkdocs.yml")], check=True)
    return place / "site"


def pages() -> list[str]:
    """The home page, a layer, a record, a comparison, and what the command line names."""
    record = next(path.parent for path in sorted(SITE.glob("r/*/index.html")) if len(path.parent.name) == 12)
    pair = next(SITE.glob("compare/*-against-*/index.html"), SITE / "compare/index.html").parent
    return ["", "layers/serving/", *(f"{path.relative_to(SITE)}/" for path in (record, pair)), *sys.argv[1:]]


def missed(page: str, medians: dict[str, float]) -> list[str]:
    """What of the targets a page does not reach."""
    least = dict.fromkeys(SCORES, 100) | {"performance": FAST_ENOUGH.get(page.partition("/")[0], FAST)}
    if page.startswith("r/"):
        del least["seo"]  # a record asks not to be indexed, which Lighthouse counts as a fault
    found = [
        f"/{page}: {name} {medians[name]:.0f} of {score}" for name, score in least.items() if medians[name] < score
    ]
    return found + ([f"/{page}: {medians['kB']:.0f} of {LARGEST_KB} kB"] if medians["kB"] > LARGEST_KB else [])


def measured(program: Path, address: str) -> dict[str, float]:
    """Scores from 0 to 100, bytes on the wire, layout shift, blocking time in ms."""
    flags = f"--chrome-flags=--headless {' '.join(QUIET)}"
    command = ["node", str(program), address, "--output=json", "--quiet", flags]
    environment = {**os.environ, "CHROME_PATH": browser_path()}
    found = json.loads(subprocess.run(command, env=environment, check=True, capture_output=True).stdout)
    audits = found["audits"]
    for name, audit in audits.items():
        if audit["score"] is not None and audit["score"] < 0.9 and "LIGHTHOUSE_WHY" in os.environ:
            print(f"{address}: {name}: {audit.get('displayValue', '')}", file=sys.stderr)
    return {
        **{name: 100 * (found["categories"][name]["score"] or 0) for name in SCORES},
        "kB": audits["total-byte-weight"]["numericValue"] / 1000,
        "shift": audits["cumulative-layout-shift"]["numericValue"],
        "blocked ms": audits["total-blocking-time"]["numericValue"],
        "elements": audits["dom-size"]["numericValue"],
    }


def main() -> None:
    needed("node", "npm")
    if not browser_path():
        sys.exit("no browser here; on Debian: apt install chromium")
    program = package("lighthouse", "12.8.2") / "cli/index.js"
    with (
        tempfile.TemporaryDirectory() as place,
        serving(SITE, Packing) as ours,
        serving(plain(Path(place)), Packing) as theirs,
    ):
        addresses = {"plain Material": theirs, **{f"/{page}": ours + page for page in pages()}}
        rounds = [{name: measured(program, address) for name, address in addresses.items()} for _ in range(RUNS)]
    names = list(rounds[0]["plain Material"])
    print(f"{'page':28}", *(f"{name:>15}" for name in names))
    faults = []
    for label in addresses:
        medians = {name: statistics.median(each[label][name] for each in rounds) for name in names}
        print(f"{label[:28]:28}", *(f"{value:15.4g}" for value in medians.values()))
        faults += missed(label[1:], medians) if label.startswith("/") else []
    sys.exit("\n".join(faults) or 0)


if __name__ == "__main__":
    main()
